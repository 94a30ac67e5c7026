# What the container is told: settings by name as docs/configuration.md lists them, secrets by reference.

locals {
  settings = merge(var.settings, {
    CAUSEWAY_LISTEN        = "0.0.0.0:${var.portal_port}"
    CAUSEWAY_PORTAL_ORIGIN = var.portal_origin
    CAUSEWAY_STORAGE       = "s3"
    CAUSEWAY_REGION        = var.aws.region
    CAUSEWAY_LOG_FORMAT    = "json"

    CAUSEWAY_BUCKETS = jsonencode([for bucket in var.buckets : {
      name         = bucket.name
      label        = bucket.label
      public_host  = bucket.files_host
      signing_host = bucket.signing_host
    }])

    CAUSEWAY_MAX_LINK_S          = tostring(var.lifetimes.max_link_s)
    CAUSEWAY_MAX_PRESIGN_S       = tostring(var.lifetimes.max_presign_s)
    CAUSEWAY_UPLOAD_URL_TTL_S    = tostring(var.lifetimes.upload_url_ttl_s)
    CAUSEWAY_UPLOAD_TICKET_TTL_S = tostring(var.lifetimes.upload_ticket_ttl_s)

    # Longer than the load balancer's, or a task closes a connection just as a request arrives on it.
    CAUSEWAY_HEADER_TIMEOUT_S   = tostring(var.idle_timeout_s + 20)
    CAUSEWAY_DRAIN_S            = tostring(var.drain_s)
    CAUSEWAY_SHUTDOWN_TIMEOUT_S = tostring(var.shutdown_timeout_s)
  })

  secret_arns = { for name, secret in var.secrets : name => secret.arn == null ? aws_secretsmanager_secret.this[name].arn : secret.arn }
}

# Empty: its value never passes through Terraform's state. docs/operations.md says how to put it in.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Link keys rotate by hand, a new one in front of the old (docs/operations.md): a rotation that drops the old one would end every link.
  for_each = { for name, secret in var.secrets : name => secret if secret.arn == null }

  name                    = "${var.name}/${each.key}"
  description             = "Value of ${each.key}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.force_destroy ? 0 : 30
  tags                    = var.tags
}

resource "aws_kms_key" "this" {
  description             = "Secrets and images of ${var.name}"
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
  name          = "alias/${var.name}-service"
  target_key_id = aws_kms_key.this.key_id
}
