# The logs that CloudWatch keeps: the portal's and the network's, encrypted and with an end.

locals {
  log_groups = merge(
    { portal = "/${var.name}/portal" },
    !var.flow_log ? {} : { network = "/${var.name}/network" },
  )
}

resource "aws_kms_key" "logs" {
  description             = "Logs of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The account's IAM policies decide. Without this statement nobody could ever change the key again.
        Sid       = "AccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.aws.partition}:iam::${var.aws.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogsEncrypt"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.aws.region}.${var.aws.dns_suffix}" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${var.aws.partition}:logs:${var.aws.region}:${var.aws.account_id}:log-group:/${var.name}/*" } }
      },
    ]
  })
}

resource "aws_kms_alias" "logs" {
  name          = "alias/${var.name}-logs"
  target_key_id = aws_kms_key.logs.key_id
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long names of people and keys are kept is the operator's to decide (log_retention_days), and a law's in places.
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs.arn
  tags              = var.tags
}

resource "aws_flow_log" "this" {
  for_each = var.flow_log ? toset(["network"]) : toset([])

  vpc_id          = var.vpc_id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.this["network"].arn
  iam_role_arn    = aws_iam_role.flow_log["network"].arn
  tags            = merge(var.tags, { Name = var.name })
}

resource "aws_iam_role" "flow_log" {
  for_each = var.flow_log ? toset(["network"]) : toset([])

  name        = "${var.name}-${var.aws.region}-flow-log"
  description = "VPC flow logs: writes the network's log"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.aws.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${var.aws.partition}:ec2:${var.aws.region}:${var.aws.account_id}:vpc-flow-log/*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "flow_log" {
  for_each = aws_iam_role.flow_log

  name = "write"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${aws_cloudwatch_log_group.this["network"].arn}:*"
      }, {
      # The service looks for its group among all of them.
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = "arn:${var.aws.partition}:logs:${var.aws.region}:${var.aws.account_id}:log-group:*"
    }]
  })
}
