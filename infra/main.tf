# Causeway on AWS: buckets, the network path to them, the portal's tasks, and what watches over it all.

data "aws_caller_identity" "current" {}

# The role behind whatever session Terraform runs in.
data "aws_iam_session_context" "current" {
  arn = data.aws_caller_identity.current.arn

  lifecycle {
    postcondition {
      condition     = contains(var.administrator_role_arns, self.issuer_arn)
      error_message = "Terraform runs as ${self.issuer_arn}, which is not in administrator_role_arns: add it, or run Terraform with a role that is. From outside the network every later plan would be told 403 about the buckets, and fail."
    }
  }
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  aws = {
    account_id = data.aws_caller_identity.current.account_id
    partition  = data.aws_partition.current.partition
    dns_suffix = data.aws_partition.current.dns_suffix
    region     = data.aws_region.current.region
  }

  portal_origin = "https://${var.portal_host}"
  s3_calls      = jsondecode(file("${path.module}/s3_calls.json"))

  # S3 tells the bucket by the Host: by its name alone, or by its name before the endpoint's.
  buckets = [for bucket in var.buckets : {
    name         = bucket.name
    label        = coalesce(bucket.label, bucket.name)
    files_host   = coalesce(bucket.files_host, bucket.name)
    signing_host = bucket.host_mode == "bucket_named" ? bucket.name : "${bucket.name}.s3.${local.aws.region}.${local.aws.dns_suffix}"
    kms_key_arn  = bucket.kms_key_arn
    rule_number  = bucket.rule_number
  }]

  # Each host with the certificate that names it, or that names everything beside it.
  hosts            = concat([var.portal_host], local.buckets[*].files_host)
  certificate_arns = { for host in local.hosts : host => lookup(var.certificate_arns, host, lookup(var.certificate_arns, replace(host, "/^[^.]+/", "*"), null)) }

  # What a proxy proves itself with: without it the server does not start.
  secrets = merge({ CAUSEWAY_IDENTITY_SECRET = { arn = null } }, var.secrets)

  tags = merge({ Application = "causeway", Deployment = var.name }, var.tags)
}

module "bucket" {
  source   = "./modules/bucket"
  for_each = { for bucket in local.buckets : bucket.name => bucket }

  aws                          = local.aws
  name                         = each.key
  portal_origin                = local.portal_origin
  endpoint_ids                 = values(module.network_path.s3_endpoint_ids)
  administrator_role_arns      = var.administrator_role_arns
  kms_key_arn                  = each.value.kms_key_arn
  max_signature_age_s          = var.max_signature_age_s
  abort_incomplete_upload_days = var.abort_incomplete_upload_days
  noncurrent_version_days      = var.noncurrent_version_days
  log_bucket                   = module.observability.s3_log_bucket
  force_destroy                = var.force_destroy
  tags                         = local.tags
}

module "network_path" {
  source = "./modules/network_path"

  aws                                = local.aws
  name                               = var.name
  vpc_id                             = var.vpc_id
  load_balancer_subnet_ids           = var.load_balancer_subnet_ids
  service_subnet_ids                 = var.service_subnet_ids
  s3_endpoint_addresses              = var.s3_endpoint_addresses
  route_table_ids                    = var.route_table_ids
  existing_endpoints                 = var.existing_endpoints
  endpoint_client_security_group_ids = var.endpoint_client_security_group_ids
  client_cidr_blocks                 = var.client_cidr_blocks
  client_security_group_ids          = var.client_security_group_ids
  identity_provider_cidr_blocks      = var.identity_provider_cidr_blocks
  portal_host                        = var.portal_host
  portal_port                        = var.portal_port
  buckets                            = [for bucket in local.buckets : { name = bucket.name, files_host = bucket.files_host, signing_host = bucket.signing_host, rule_number = bucket.rule_number }]
  s3_calls                           = local.s3_calls
  certificate_arns                   = local.certificate_arns
  ssl_policy                         = var.ssl_policy
  dns_zone_id                        = var.dns_zone_id
  sign_in                            = var.sign_in
  sign_in_client_secret              = var.sign_in_client_secret
  waf                                = var.waf
  load_balancer_log_bucket           = module.observability.load_balancer_log_bucket
  deletion_protection                = var.deletion_protection
  tags                               = local.tags
}

module "service" {
  source = "./modules/service"

  aws                      = local.aws
  name                     = var.name
  image_repository         = var.image_repository
  image_tag                = var.image_tag
  architecture             = var.task.architecture
  cpu                      = var.task.cpu
  memory_mib               = var.task.memory_mib
  min_tasks                = var.task.min
  max_tasks                = var.task.max
  requests_per_task        = var.task.requests_per_minute
  subnet_ids               = var.service_subnet_ids
  security_group_id        = module.network_path.service_security_group_id
  load_balancer_arn_suffix = module.network_path.load_balancer.arn_suffix
  target_group             = module.network_path.portal_target_group
  portal_origin            = local.portal_origin
  portal_port              = var.portal_port
  idle_timeout_s           = module.network_path.idle_timeout_s
  buckets                  = [for bucket in local.buckets : merge(bucket, { kms_key_arn = module.bucket[bucket.name].kms_key_arn })]
  s3_calls                 = local.s3_calls
  s3_endpoint_ids          = module.network_path.s3_endpoint_ids
  lifetimes                = var.lifetimes
  drain_s                  = var.drain_s
  shutdown_timeout_s       = var.shutdown_timeout_s
  settings                 = var.settings
  secrets                  = local.secrets
  log_group                = module.observability.portal_log_group
  deployment_alarm_names   = module.observability.deployment_alarm_names
  force_destroy            = var.force_destroy
  tags                     = local.tags
}

module "observability" {
  source = "./modules/observability"

  aws                       = local.aws
  name                      = var.name
  vpc_id                    = var.vpc_id
  flow_log                  = var.flow_log
  log_retention_days        = var.log_retention_days
  access_log_retention_days = var.access_log_retention_days
  log_reader_role_arns      = var.log_reader_role_arns
  bucket_names              = local.buckets[*].name
  alarm_topic_arns          = var.alarm_topic_arns
  load_balancer_arn_suffix  = module.network_path.load_balancer.arn_suffix
  target_group_arn_suffixes = { portal = module.network_path.portal_target_group.arn_suffix, s3 = module.network_path.s3_target_group_arn_suffix }
  interface_endpoints       = module.network_path.interface_endpoints
  web_acl_name              = module.network_path.web_acl_name
  cluster_name              = module.service.cluster_name
  service_name              = module.service.service_name
  force_destroy             = var.force_destroy
  tags                      = local.tags
}
