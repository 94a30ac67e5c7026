output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "repository_url" {
  description = "Where to push the image."
  value       = local.repository_url
}

output "task_role_arn" {
  description = "The role that signs."
  value       = aws_iam_role.task.arn
}

output "task_policy" {
  description = "What the task role may do, as JSON."
  value       = aws_iam_role_policy.task.policy
}

output "secret_arns" {
  description = "Secrets by the setting that they are the value of."
  value       = local.secret_arns
}

output "settings" {
  description = "Settings of the container by name, without secrets."
  value       = local.settings
}
