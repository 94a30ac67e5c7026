# The key that the objects are encrypted with: the bucket's own, unless one was given.

locals {
  kms_key_arn = var.kms_key_arn == null ? aws_kms_key.this["own"].arn : var.kms_key_arn
}

resource "aws_kms_key" "this" {
  for_each = var.kms_key_arn == null ? toset(["own"]) : toset([])

  description             = "Objects of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # The account's IAM policies decide. Without this statement nobody could ever change the key again.
      Sid       = "AccountDecides"
      Effect    = "Allow"
      Principal = { AWS = "arn:${var.aws.partition}:iam::${var.aws.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "this" {
  for_each = aws_kms_key.this

  # An alias may not hold the dots of a bucket's name; no bucket's name holds the mark that stands for them, so two
  # buckets never have one alias.
  name          = "alias/${replace(var.name, ".", "_")}-objects"
  target_key_id = each.value.key_id
}
