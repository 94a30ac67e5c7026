# The fence around the bucket. It only denies: who may do what is said by the roles' own policies.
#
# Nobody who signs is exempt, or a URL would also work from outside. No statement denies `s3:*`: it would include
# PutBucketPolicy, and a wrong endpoint id could then never be mended.

locals {
  object_actions = [
    "s3:GetObject*",
    "s3:PutObject*",
    "s3:DeleteObject*",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
  ]
  bucket_and_objects = [local.arn, "${local.arn}/*"]

  fence = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyObjectsFromElsewhere"
        Effect    = "Deny"
        Principal = "*"
        Action    = local.object_actions
        Resource  = "${local.arn}/*"
        Condition = {
          StringNotEquals = { "aws:SourceVpce" = var.endpoint_ids }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        # Administrators are exempt here alone: HeadBucket asks for s3:ListBucket, and a Terraform that is told 403 about
        # a bucket cannot plan at all, not even to mend this policy.
        Sid       = "DenyListingFromElsewhere"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:ListBucket*"
        Resource  = local.arn
        Condition = {
          StringNotEquals = { "aws:SourceVpce" = var.endpoint_ids }
          ArnNotLike      = { "aws:PrincipalArn" = var.administrator_role_arns }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = concat(local.object_actions, ["s3:ListBucket*"])
        Resource  = local.bucket_and_objects
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        # In milliseconds. Whatever a signer states, S3 refuses what was signed longer ago than this.
        Sid       = "DenyOldSignatures"
        Effect    = "Deny"
        Principal = "*"
        Action    = local.object_actions
        Resource  = "${local.arn}/*"
        Condition = { NumericGreaterThan = { "s3:signatureAge" = tostring(var.max_signature_age_s * 1000) } }
      },
      {
        Sid       = "DenyOldSignatureVersions"
        Effect    = "Deny"
        Principal = "*"
        Action    = local.object_actions
        Resource  = "${local.arn}/*"
        Condition = {
          StringNotEquals = { "s3:signatureversion" = "AWS4-HMAC-SHA256" }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        # Only where the header is there: S3 looks at this before it adds the bucket's own encryption, and a negated
        # comparison is true of a key that is missing, with and without IfExists. So a PUT that says nothing of encryption
        # passes and gets the bucket's key; one that asks for something else is refused.
        Sid       = "DenyOtherEncryption"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.arn}/*"
        Condition = {
          Null            = { "s3:x-amz-server-side-encryption" = "false" }
          StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
        }
      },
      {
        Sid       = "DenyOtherKeys"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.arn}/*"
        Condition = {
          Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
          StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = local.kms_key_arn }
        }
      },
      {
        # One that asks for KMS and names no key gets AWS's own key for S3 (aws/s3), not the bucket's. A part of an upload
        # and a PUT that says nothing of encryption have neither header and pass.
        Sid       = "DenyKmsWithoutKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.arn}/*"
        Condition = {
          Null = {
            "s3:x-amz-server-side-encryption"                = "false"
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = "true"
          }
        }
      },
    ]
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode(local.fence)

  # Both change who may reach the bucket, and S3 refuses two such changes at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
