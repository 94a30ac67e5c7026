# What holds for every example: `terraform test -test-directory=tests/examples -var-file=examples/<name>/terraform.tfvars`.

mock_provider "aws" {
  source = "./tests/mocks"

  mock_data "aws_vpc_endpoint" {
    defaults = { vpc_id = "vpc-0123456789abcdef0", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Interface", private_dns_enabled = false }
  }

  override_data {
    target = module.network_path.data.aws_vpc_endpoint.s3_gateway
    values = { vpc_id = "vpc-0123456789abcdef0", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Gateway", private_dns_enabled = false }
  }

  override_data {
    target = module.network_path.data.aws_subnet.service["subnet-0123456789abcdef1"]
    values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
  }

  override_data {
    target = module.network_path.data.aws_subnet.load_balancer["subnet-0123456789abcdef1"]
    values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
  }

  override_data {
    target = module.network_path.data.aws_subnet.s3_endpoint["subnet-0123456789abcdef1"]
    values = { cidr_block = "10.20.2.0/24", availability_zone = "eu-central-1b" }
  }
}

run "the_example_can_be_applied_and_is_fenced" {
  assert {
    condition     = join(" ", sort(keys(output.bucket_policies))) == join(" ", sort(var.buckets[*].name))
    error_message = "A bucket has no fence."
  }

  assert {
    condition = alltrue([for policy in values(output.bucket_policies) :
      toset(one([for statement in jsondecode(policy).Statement : statement.Condition.StringNotEquals["aws:SourceVpce"] if statement.Sid == "DenyObjectsFromElsewhere"])) == toset(values(output.s3_endpoint_ids))
    ])
    error_message = "A fence names other endpoints than those in use."
  }

  assert {
    condition     = length([for rule in output.listener_rules : rule if rule.target == "s3"]) == 2 * length(var.buckets)
    error_message = "A bucket has not two rules."
  }

  assert {
    condition = alltrue([for bucket in jsondecode(output.settings["CAUSEWAY_BUCKETS"]) :
      output.listener_rules["files-read/${bucket.name}"].host == bucket.public_host && coalesce(output.listener_rules["files-read/${bucket.name}"].rewrite_to, bucket.public_host) == bucket.signing_host
    ])
    error_message = "The load balancer shows S3 another Host than the portal signs for."
  }

  assert {
    condition     = alltrue([for bucket in var.buckets : (output.listener_rules["files-write/${bucket.name}"].rewrite_to == null) == (bucket.host_mode == "bucket_named")])
    error_message = "A bucket is rewritten that is named like its host, or one is not that has another name."
  }
}
