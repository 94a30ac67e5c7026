# What AWS would answer, in its shape: the real provider checks ARNs even where it never calls.

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_iam_session_context" {
  defaults = { issuer_arn = "arn:aws:iam::111122223333:role/terraform" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_ec2_managed_prefix_list" {
  defaults = { id = "pl-6da54004" }
}

mock_data "aws_route53_zone" {
  defaults = { name = "corp.example." }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555", key_id = "11111111-2222-3333-4444-555555555555" }
}

mock_resource "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/causeway/50dc6c495c0c9188"
    arn_suffix = "app/causeway/50dc6c495c0c9188"
    dns_name   = "internal-causeway-1234567890.eu-central-1.elb.amazonaws.com"
    zone_id    = "Z215JYRZR1TBD5"
  }
}

mock_resource "aws_lb_listener" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/causeway/50dc6c495c0c9188/f2f7dc8efc522ab2" }
}

mock_resource "aws_lb_target_group" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/mock/73e2d6bc24d8a067"
  }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/causeway/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:causeway/mock-AbCdEf" }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:eu-central-1:111122223333:repository/causeway"
    repository_url = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/causeway"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/causeway/portal" }
}

mock_resource "aws_ecs_cluster" {
  defaults = { id = "arn:aws:ecs:eu-central-1:111122223333:cluster/causeway" }
}

mock_resource "aws_ecs_task_definition" {
  defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/causeway:1" }
}

mock_resource "aws_ecs_service" {
  defaults = { id = "arn:aws:ecs:eu-central-1:111122223333:service/causeway/portal" }
}

mock_data "aws_vpc" {
  defaults = { id = "vpc-0a1b2c3d", enable_dns_support = true, enable_dns_hostnames = true }
}

mock_data "aws_vpc_endpoint" {
  defaults = { vpc_id = "vpc-0a1b2c3d", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Interface", private_dns_enabled = false }
}

override_data {
  target = data.aws_vpc_endpoint.s3_gateway
  values = { vpc_id = "vpc-0a1b2c3d", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Gateway", private_dns_enabled = false }
}

override_data {
  target = module.network_path.data.aws_vpc_endpoint.s3_gateway
  values = { vpc_id = "vpc-0a1b2c3d", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Gateway", private_dns_enabled = false }
}

mock_data "aws_subnet" {
  defaults = { cidr_block = "10.20.1.0/24", availability_zone = "eu-central-1a" }
}

# The second of two subnets lies in another zone, whether the whole is tested or the module alone.
override_data {
  target = module.network_path.data.aws_subnet.load_balancer["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_data {
  target = module.network_path.data.aws_subnet.s3_endpoint["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_data {
  target = module.network_path.data.aws_subnet.service["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_data {
  target = data.aws_subnet.service["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_data {
  target = data.aws_subnet.load_balancer["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_data {
  target = data.aws_subnet.s3_endpoint["subnet-b"]
  values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
}

override_resource {
  target = module.network_path.aws_vpc_endpoint.s3_interface
  values = { id = "vpce-interface" }
}

override_resource {
  target = module.network_path.aws_vpc_endpoint.s3_gateway
  values = { id = "vpce-gateway" }
}

# Told apart, so that a test sees where a rule leads.

override_resource {
  target = module.network_path.aws_lb_target_group.portal
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/causeway-portal/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/causeway-portal/73e2d6bc24d8a067"
  }
}

override_resource {
  target = module.network_path.aws_lb_target_group.s3
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/causeway-s3/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/causeway-s3/73e2d6bc24d8a067"
  }
}

override_resource {
  target = aws_lb_target_group.portal
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/causeway-portal/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/causeway-portal/73e2d6bc24d8a067"
  }
}

override_resource {
  target = aws_lb_target_group.s3
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/causeway-s3/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/causeway-s3/73e2d6bc24d8a067"
  }
}

override_resource {
  target = aws_vpc_endpoint.s3_interface
  values = { id = "vpce-interface" }
}

override_resource {
  target = aws_vpc_endpoint.s3_gateway
  values = { id = "vpce-gateway" }
}

override_resource {
  target = aws_security_group.load_balancer
  values = { id = "sg-load-balancer" }
}

override_resource {
  target = aws_security_group.service
  values = { id = "sg-service" }
}

override_resource {
  target = aws_security_group.s3_endpoint
  values = { id = "sg-s3-endpoint" }
}

override_resource {
  target = aws_security_group.service_endpoints
  values = { id = "sg-service-endpoints" }
}
