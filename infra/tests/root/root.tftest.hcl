# The root with a value of its own for every variable (given.tfvars.json). check.py looks at everything that is made of it.

mock_provider "aws" {
  source = "./tests/mocks"

  mock_data "aws_route53_zone" {
    defaults = { name = "rooms.example." }
  }

  mock_data "aws_vpc_endpoint" {
    defaults = { vpc_id = "vpc-0f00ba4", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Interface", private_dns_enabled = false }
  }

  override_data {
    target = module.network_path.data.aws_vpc_endpoint.s3_gateway
    values = { vpc_id = "vpc-0f00ba4", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Gateway", private_dns_enabled = false }
  }

  override_data {
    target = module.network_path.data.aws_subnet.service["subnet-tasks-b"]
    values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
  }

  override_data {
    target = module.network_path.data.aws_subnet.load_balancer["subnet-balance-b"]
    values = { cidr_block = "10.30.2.0/24", availability_zone = "eu-central-1b" }
  }

  override_data {
    target = module.network_path.data.aws_subnet.s3_endpoint["subnet-s3-a"]
    values = { cidr_block = "10.31.1.0/24", availability_zone = "eu-central-1a" }
  }

  override_data {
    target = module.network_path.data.aws_subnet.s3_endpoint["subnet-s3-b"]
    values = { cidr_block = "10.31.2.0/24", availability_zone = "eu-central-1b" }
  }
}

run "given" {
}

# What a default makes and given.tfvars.json does not.
run "defaults" {
  variables {
    image_repository = null
    flow_log         = true
  }
}
