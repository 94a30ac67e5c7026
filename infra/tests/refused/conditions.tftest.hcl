# What no variable shows by itself: what AWS holds under an id, and values that do not go together. Each is refused while
# planning, by the one sentence whose beginning stands beside it; check.py runs them one by one on the root.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "an_address_outside_its_subnet" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-b = "10.20.3.10" }
  }

  # says: An address in s3_endpoint_addresses is outside its subnet.
}

run "an_address_that_aws_keeps" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.3", subnet-b = "10.20.2.10" }
  }

  # says: An address in s3_endpoint_addresses is one that AWS keeps for itself
}

run "addresses_in_one_zone" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-c = "10.20.1.11" }
  }

  # says: The subnets in s3_endpoint_addresses lie in eu-central-1a, eu-central-1a: give an address in one subnet of each
}

run "addresses_in_a_zone_without_the_load_balancer" {
  override_data {
    target = module.network_path.data.aws_subnet.s3_endpoint["subnet-d"]
    values = { cidr_block = "10.20.3.0/24", availability_zone = "eu-central-1c" }
  }

  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-d = "10.20.3.10" }
  }

  # says: The subnets in s3_endpoint_addresses lie in eu-central-1a, eu-central-1c, and the load balancer in eu-central-1a, eu-central-1b alone
}

run "a_load_balancer_twice_in_a_zone" {
  variables {
    load_balancer_subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
  }

  # says: The subnets in load_balancer_subnet_ids lie in eu-central-1a, eu-central-1b, eu-central-1a: give one subnet in each
}

run "tasks_in_one_zone" {
  variables {
    service_subnet_ids = ["subnet-a", "subnet-c"]
  }

  # says: The subnets in service_subnet_ids all lie in eu-central-1a
}

run "tasks_in_a_zone_without_the_load_balancer" {
  override_data {
    target = module.network_path.data.aws_subnet.service["subnet-d"]
    values = { cidr_block = "10.20.3.0/24", availability_zone = "eu-central-1c" }
  }

  variables {
    service_subnet_ids = ["subnet-a", "subnet-b", "subnet-d"]
  }

  # says: The subnets in service_subnet_ids lie in eu-central-1a, eu-central-1b, eu-central-1c, and the load balancer in eu-central-1a, eu-central-1b alone
}

run "a_network_without_names" {
  override_data {
    target = module.network_path.data.aws_vpc.this
    values = { id = "vpc-0a1b2c3d", enable_dns_support = true, enable_dns_hostnames = false }
  }

  variables {
  }

  # says: vpc-0a1b2c3d lacks DNS support or DNS hostnames
}

run "an_endpoint_of_another_network" {
  variables {
    vpc_id                = "vpc-0e1e2e3e"
    s3_endpoint_addresses = {}
    existing_endpoints    = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
  }

  # says: existing_endpoints.s3_interface_id is an endpoint of com.amazonaws.eu-central-1.s3 (Interface) in vpc-0a1b2c3d: write
}

run "an_endpoint_with_private_dns_for_the_whole_network" {
  override_data {
    target = module.network_path.data.aws_vpc_endpoint.s3_interface
    values = { vpc_id = "vpc-0a1b2c3d", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Interface", private_dns_enabled = true, dns_options = [{ private_dns_only_for_inbound_resolver_endpoint = false }] }
  }

  variables {
    s3_endpoint_addresses = {}
    existing_endpoints    = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
  }

  # says: The endpoint existing_endpoints.s3_interface_id has private DNS for the whole VPC
}

run "a_gateway_of_another_network" {
  variables {
    vpc_id             = "vpc-0e1e2e3e"
    existing_endpoints = { s3_gateway_id = "vpce-0bbb" }
  }

  # says: existing_endpoints.s3_gateway_id is an endpoint of com.amazonaws.eu-central-1.s3 (Gateway) in vpc-0a1b2c3d: write
}

run "a_zone_of_another_domain" {
  variables {
    dns_zone_id      = "Z0123456789"
    portal_host      = "portal.other.example"
    certificate_arns = { "*.other.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/other", "*.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/corp" }
  }

  # says: portal.other.example is not in the zone dns_zone_id, corp.example.
}

run "a_certificate_of_another_region" {
  variables {
    certificate_arns = { "*.corp.example" = "arn:aws:acm:us-east-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111111111111" }
  }

  # says: A certificate in certificate_arns is of another Region than eu-central-1
}

run "an_image_of_another_region" {
  variables {
    image_repository = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools/causeway"
  }

  # says: image_repository is in eu-west-1, and no endpoint of eu-central-1 leads there
}

run "a_secret_of_another_region" {
  variables {
    secrets = { CAUSEWAY_LINK_KEYS = { arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys-AbCdEf" } }
  }

  # says: A secret in secrets is of another Region than eu-central-1
}

run "a_key_of_another_region" {
  variables {
    buckets = [{ name = "corp-files", label = "Files", files_host = "files.corp.example", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555" }]
  }

  # says: The kms_key_arn of corp-files is of another Region than eu-central-1
}

run "a_role_that_could_not_plan_again" {
  override_data {
    target = data.aws_iam_session_context.current
    values = { issuer_arn = "arn:aws:iam::111122223333:role/somebodys-laptop" }
  }

  variables {
  }

  # says: Terraform runs as arn:aws:iam::111122223333:role/somebodys-laptop, which is not in administrator_role_arns
}

run "a_topic_of_another_region" {
  variables {
    alarm_topic_arns = ["arn:aws:sns:us-east-1:111122223333:on-call"]
  }

  # says: A topic in alarm_topic_arns is of another Region than eu-central-1
}
