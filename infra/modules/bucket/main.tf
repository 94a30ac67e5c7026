# One bucket as the portal needs it: private, encrypted, versioned, logged, and tidy about what was left behind.

locals {
  cors = jsondecode(file("${path.module}/cors.json"))
  arn  = "arn:${var.aws.partition}:s3:::${var.name}"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:A copy in another Region is a decision about recovery that costs as much again; docs/operations.md says what it takes.
  #checkov:skip=CKV2_AWS_62:Nothing of the portal listens to the bucket's events.
  bucket        = var.name
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # One call to KMS for many objects, at a small part of the price.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = local.kms_key_arn
    }
  }

  lifecycle {
    precondition {
      condition     = var.kms_key_arn == null ? true : split(":", var.kms_key_arn)[3] == var.aws.region
      error_message = "The kms_key_arn of ${var.name} is of another Region than ${var.aws.region}, where the bucket is: write a key of ${var.aws.region}, or null to have one made."
    }
  }
}

resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = var.log_bucket
  target_prefix = "${var.name}/"

  target_object_key_format {
    partitioned_prefix {
      partition_date_source = "EventTime"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_incomplete_upload_days
    }
  }

  rule {
    id     = "end-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    # What is left of a deleted object whose versions have all ended.
    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# Without this no page of the portal's may call the files host. The lists are those of the signer; a test compares them.
resource "aws_s3_bucket_cors_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  cors_rule {
    id              = "portal"
    allowed_origins = [var.portal_origin]
    allowed_methods = local.cors.methods
    allowed_headers = local.cors.request_headers
    expose_headers  = local.cors.exposed_headers
    max_age_seconds = local.cors.max_age_s
  }
}
