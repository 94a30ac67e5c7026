output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.arn
}

output "kms_key_arn" {
  description = "Key that encrypts the objects."
  value       = local.kms_key_arn
}

output "policy" {
  description = "The fence, as JSON."
  value       = aws_s3_bucket_policy.this.policy
}
