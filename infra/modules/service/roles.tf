# Two roles: ECS's own, which starts a task, and the task's, which calls S3 and signs for browsers.

locals {
  bucket_arns = [for bucket in var.buckets : "arn:${var.aws.partition}:s3:::${bucket.name}"]
  object_arns = [for arn in local.bucket_arns : "${arn}/*"]

  # A signature is worth what its signer may do, so the role holds what the portal calls and what it signs.
  bucket_actions = sort(distinct(flatten([for call in var.s3_calls : call.actions if call.on == "bucket"])))
  object_actions = sort(distinct(flatten([for call in var.s3_calls : call.actions if call.on == "object"])))

  tasks_may_assume = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.aws.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${var.aws.partition}:ecs:${var.aws.region}:${var.aws.account_id}:*" }
      }
    }]
  })

  task_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Buckets"
        Effect   = "Allow"
        Action   = local.bucket_actions
        Resource = local.bucket_arns
      },
      {
        Sid      = "Objects"
        Effect   = "Allow"
        Action   = local.object_actions
        Resource = local.object_arns
      },
      {
        # S3 asks KMS in the role's name; the role itself may not.
        Sid       = "KeysOfObjects"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = distinct([for bucket in var.buckets : bucket.kms_key_arn])
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.aws.region}.${var.aws.dns_suffix}" } }
      },
      {
        # The buckets say the same. Here it also holds for a bucket whose policy somebody loosened.
        Sid       = "NowhereElse"
        Effect    = "Deny"
        Action    = concat(local.bucket_actions, local.object_actions)
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:SourceVpce" = [var.s3_endpoint_ids.interface, var.s3_endpoint_ids.gateway] } }
      },
    ]
  }

  execution_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "SignInToRegistry"
          Effect   = "Allow"
          Action   = ["ecr:GetAuthorizationToken"]
          Resource = "*"
        },
        {
          Sid      = "PullImage"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
          Resource = local.repository_arn
        },
        {
          Sid      = "WriteLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${var.log_group.arn}:*"
        },
        {
          Sid      = "ReadSecrets"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue"]
          Resource = values(local.secret_arns)
        },
        {
          Sid       = "KeyOfSecrets"
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = aws_kms_key.this.arn
          Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.aws.region}.${var.aws.dns_suffix}" } }
        },
      ],
    )
  }
}

# With the Region: roles are the account's, and a deployment in each of two Regions may have one name.
resource "aws_iam_role" "task" {
  name               = "${var.name}-${var.aws.region}-task"
  description        = "The portal: calls S3 and signs for browsers"
  assume_role_policy = local.tasks_may_assume
  tags               = var.tags
}

resource "aws_iam_role_policy" "task" {
  name   = "s3"
  role   = aws_iam_role.task.id
  policy = jsonencode(local.task_policy)
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-${var.aws.region}-execution"
  description        = "ECS: pulls the image, reads the secrets, opens the log"
  assume_role_policy = local.tasks_may_assume
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = jsonencode(local.execution_policy)
}
