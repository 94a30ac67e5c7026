# Two buckets for the logs of the load balancer and of S3. Each line holds a whole signed URL, so they are closed to all
# but the services that write and the roles that may read, and they end soon.

locals {
  log_buckets = {
    load-balancer = {
      name     = "${var.name}-${var.aws.account_id}-${var.aws.region}-alb-logs"
      writer   = "logdelivery.elasticloadbalancing.amazonaws.com"
      resource = "AWSLogs/${var.aws.account_id}/*"
      # The path holds the account, as AWS's own example has it. Whether the load balancer also tells a SourceArn is not
      # documented for it, and with a condition that it does not meet no log would ever arrive.
      condition = null
    }
    s3 = {
      name     = "${var.name}-${var.aws.account_id}-${var.aws.region}-s3-logs"
      writer   = "logging.s3.amazonaws.com"
      resource = "*"
      condition = {
        ArnLike      = { "aws:SourceArn" = [for bucket in var.bucket_names : "arn:${var.aws.partition}:s3:::${bucket}"] }
        StringEquals = { "aws:SourceAccount" = var.aws.account_id }
      }
    }
  }
}

resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_145:Neither the load balancer nor S3 can write its log to a bucket with a KMS key of ours.
  #checkov:skip=CKV_AWS_18:A log of who reads the log would be a log without end; CloudTrail's data events can watch this bucket.
  #checkov:skip=CKV_AWS_21:Log objects are written once, under names of their own.
  #checkov:skip=CKV_AWS_144:These logs end soon and are worth no copy in another Region.
  #checkov:skip=CKV2_AWS_62:Nothing listens to these buckets' events.
  for_each = local.log_buckets

  bucket        = each.value.name
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "logs" {
  for_each = aws_s3_bucket.logs

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  for_each = aws_s3_bucket.logs
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  for_each = aws_s3_bucket.logs
  bucket   = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      # Not a KMS key: with one, no log would ever arrive.
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  for_each = aws_s3_bucket.logs
  bucket   = each.value.id

  rule {
    id     = "end"
    status = "Enabled"

    filter {}

    expiration {
      days = var.access_log_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  for_each = local.log_buckets
  bucket   = aws_s3_bucket.logs[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(
        {
          Sid       = "ServiceWrites"
          Effect    = "Allow"
          Principal = { Service = each.value.writer }
          Action    = "s3:PutObject"
          Resource  = "arn:${var.aws.partition}:s3:::${each.value.name}/${each.value.resource}"
        },
        each.value.condition == null ? {} : { Condition = each.value.condition },
      ),
      merge(
        {
          Sid       = "DenyReading"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:GetObject*"
          Resource  = "arn:${var.aws.partition}:s3:::${each.value.name}/*"
        },
        length(var.log_reader_role_arns) == 0 ? {} : { Condition = { ArnNotLike = { "aws:PrincipalArn" = var.log_reader_role_arns } } },
      ),
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:ListBucket*"]
        Resource  = ["arn:${var.aws.partition}:s3:::${each.value.name}", "arn:${var.aws.partition}:s3:::${each.value.name}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.logs]
}
