output "portal_log_group" {
  description = "Log group of the tasks."
  value = {
    name = aws_cloudwatch_log_group.this["portal"].name
    arn  = aws_cloudwatch_log_group.this["portal"].arn
  }
}

output "load_balancer_log_bucket" {
  description = "Bucket that takes the load balancer's log. Usable once its policy lets the load balancer write."
  value       = aws_s3_bucket.logs["load-balancer"].id
  depends_on  = [aws_s3_bucket_policy.logs]
}

output "s3_log_bucket" {
  description = "Bucket that takes S3's access log. Usable once its policy lets S3 write."
  value       = aws_s3_bucket.logs["s3"].id
  depends_on  = [aws_s3_bucket_policy.logs]
}

output "deployment_alarm_names" {
  description = "Alarms that roll a deployment back."
  value       = local.deployment_alarms[*].alarm_name
}
