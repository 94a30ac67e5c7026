output "portal_url" {
  description = "Where people go."
  value       = local.portal_origin
}

output "files_hosts" {
  description = "Host of each bucket's objects."
  value       = { for bucket in local.buckets : bucket.name => bucket.files_host }
}

output "load_balancer" {
  description = "Where to point the hosts if there is no dns_zone_id."
  value       = module.network_path.load_balancer
}

output "repository_url" {
  description = "Where to push the image."
  value       = module.service.repository_url
}

output "secret_arns" {
  description = "Secrets to put values into, by the setting's name."
  value       = module.service.secret_arns
}

output "settings" {
  description = "Settings of the container by name, without secrets."
  value       = module.service.settings
}

output "cluster_name" {
  description = "ECS cluster of the portal."
  value       = module.service.cluster_name
}

output "service_name" {
  description = "ECS service of the portal."
  value       = module.service.service_name
}

output "task_role_arn" {
  description = "The role that signs."
  value       = module.service.task_role_arn
}

output "s3_endpoint_ids" {
  description = "The two endpoints through which objects are reached."
  value       = module.network_path.s3_endpoint_ids
}

output "endpoint_policies" {
  description = "Policies of the two S3 endpoints, as JSON. Where an endpoint is yours already, this is what it has to allow."
  value       = module.network_path.endpoint_policies
}

output "bucket_policies" {
  description = "The fence of each bucket, as JSON."
  value       = { for name, bucket in module.bucket : name => bucket.policy }
}

output "task_policy" {
  description = "What the role that signs may do, as JSON."
  value       = module.service.task_policy
}

output "listener_rules" {
  description = "The load balancer's rules by name."
  value       = module.network_path.listener_rules
}

output "s3_calls" {
  description = "The calls that the product makes of S3, from which the policies of the role and of the endpoints are made."
  value       = local.s3_calls
}
