# Values that cannot work are refused while planning, each with a sentence that says what to write instead.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "one_subnet_for_the_load_balancer" {
  command = plan

  variables {
    load_balancer_subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.load_balancer_subnet_ids]
}

run "one_subnet_twice_for_the_load_balancer" {
  command = plan

  variables {
    load_balancer_subnet_ids = ["subnet-a", "subnet-a"]
  }

  expect_failures = [var.load_balancer_subnet_ids]
}

run "one_subnet_for_the_tasks" {
  command = plan

  variables {
    service_subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.service_subnet_ids]
}

run "one_subnet_for_the_s3_endpoint" {
  command = plan

  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10" }
  }

  expect_failures = [var.s3_endpoint_addresses]
}

run "an_address_that_is_none" {
  command = plan

  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-b = "10.20.2.256" }
  }

  expect_failures = [var.s3_endpoint_addresses]
}

run "one_address_twice" {
  command = plan

  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-b = "10.20.1.10" }
  }

  expect_failures = [var.s3_endpoint_addresses]
}

run "addresses_for_an_endpoint_that_exists" {
  command = plan

  variables {
    existing_endpoints = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
  }

  expect_failures = [var.s3_endpoint_addresses]
}

run "an_existing_endpoint_without_addresses" {
  command = plan

  variables {
    existing_endpoints    = { s3_interface_id = "vpce-0aaa" }
    s3_endpoint_addresses = {}
  }

  expect_failures = [var.existing_endpoints]
}

run "an_existing_endpoint_of_an_unknown_service" {
  command = plan

  variables {
    existing_endpoints = { services = { kms = "sg-0ddd" } }
  }

  expect_failures = [var.existing_endpoints]
}

run "no_route_table" {
  command = plan

  variables {
    route_table_ids = []
  }

  expect_failures = [var.route_table_ids]
}

run "a_bucket_name_that_is_no_host" {
  command = plan

  variables {
    buckets = [{ name = "corp-files", host_mode = "bucket_named" }]
  }

  expect_failures = [var.buckets]
}

run "a_files_host_beside_the_name_it_is_to_be" {
  command = plan

  variables {
    buckets = [{ name = "files.corp.example", files_host = "other.corp.example", host_mode = "bucket_named" }]
  }

  expect_failures = [var.buckets]
}

run "a_bucket_without_a_files_host" {
  command = plan

  variables {
    buckets = [{ name = "corp-files" }]
  }

  expect_failures = [var.buckets]
}

run "a_bucket_name_in_capitals" {
  command = plan

  variables {
    buckets = [{ name = "Corp-Files", files_host = "files.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "an_unknown_host_mode" {
  command = plan

  variables {
    buckets = [{ name = "corp-files", files_host = "files.corp.example", host_mode = "path" }]
  }

  expect_failures = [var.buckets]
}

run "the_portals_host_as_files_host" {
  command = plan

  variables {
    buckets = [{ name = "corp-files", files_host = "portal.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "one_files_host_for_two_buckets" {
  command = plan

  variables {
    buckets = [{ name = "one", files_host = "files.corp.example" }, { name = "two", files_host = "files.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "one_bucket_twice" {
  command = plan

  variables {
    buckets = [{ name = "one", files_host = "files.corp.example" }, { name = "one", files_host = "media.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "a_files_host_with_a_wildcard" {
  command = plan

  variables {
    buckets = [{ name = "corp-files", files_host = "*.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "a_files_host_longer_than_a_rule_takes" {
  command = plan

  variables {
    buckets          = [{ name = "corp-files", files_host = "${join("", [for number in range(50) : "a"])}.${join("", [for number in range(50) : "b"])}.corp.example" }]
    certificate_arns = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal", "${join("", [for number in range(50) : "a"])}.${join("", [for number in range(50) : "b"])}.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  expect_failures = [var.buckets]
}

run "more_buckets_than_certificates" {
  command = plan

  variables {
    buckets = [for number in range(26) : { name = "bucket-${number}", files_host = "files-${number}.corp.example" }]
  }

  expect_failures = [var.buckets]
}

run "no_bucket" {
  command = plan

  variables {
    buckets = []
  }

  expect_failures = [var.buckets]
}

run "a_portal_host_with_a_scheme" {
  command = plan

  variables {
    portal_host = "https://portal.corp.example"
  }

  expect_failures = [var.portal_host]
}

run "a_certificate_list_that_lacks_a_host" {
  command = plan

  variables {
    certificate_arns = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  expect_failures = [var.certificate_arns]
}

run "a_certificate_of_a_wildcard_two_labels_up" {
  command = plan

  variables {
    certificate_arns = { "*.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  expect_failures = [var.certificate_arns]
}

run "a_certificate_that_is_none" {
  command = plan

  variables {
    certificate_arns = { "*.corp.example" = "portal" }
  }

  expect_failures = [var.certificate_arns]
}

run "a_url_that_outlives_the_buckets_cap" {
  command = plan

  variables {
    max_signature_age_s = 3600
  }

  expect_failures = [var.lifetimes]
}

run "a_url_just_at_the_buckets_cap" {
  command = plan

  variables {
    max_signature_age_s = 43200
  }

  expect_failures = [var.lifetimes]
}

run "an_upload_url_that_outlives_the_buckets_cap" {
  command = plan

  variables {
    max_signature_age_s = 7200
    lifetimes           = { max_presign_s = 60, upload_url_ttl_s = 7200 }
  }

  expect_failures = [var.lifetimes]
}

run "a_presigned_url_of_a_day" {
  command = plan

  variables {
    lifetimes           = { max_presign_s = 86400 }
    max_signature_age_s = 90000
  }

  expect_failures = [var.lifetimes]
}

run "a_link_of_a_month" {
  command = plan

  variables {
    lifetimes = { max_link_s = 2592000 }
  }

  expect_failures = [var.lifetimes]
}

run "a_cap_beyond_what_s3_knows" {
  command = plan

  variables {
    max_signature_age_s = 700000
  }

  expect_failures = [var.max_signature_age_s]
}

run "unfinished_uploads_that_end_before_people_are_told" {
  command = plan

  variables {
    abort_incomplete_upload_days = 5
  }

  expect_failures = [var.abort_incomplete_upload_days]
}

run "no_old_versions" {
  command = plan

  variables {
    noncurrent_version_days = 0
  }

  expect_failures = [var.noncurrent_version_days]
}

run "everywhere_as_the_peoples_network" {
  command = plan

  variables {
    client_cidr_blocks = ["0.0.0.0/0"]
  }

  expect_failures = [var.client_cidr_blocks]
}

run "nobody_as_people" {
  command = plan

  variables {
    client_cidr_blocks = []
  }

  expect_failures = [var.client_cidr_blocks]
}

run "everywhere_as_the_identity_provider" {
  command = plan

  variables {
    identity_provider_cidr_blocks = ["0.0.0.0/0"]
  }

  expect_failures = [var.identity_provider_cidr_blocks]
}

run "no_identity" {
  command = plan

  variables {
    settings = {}
  }

  expect_failures = [var.settings]
}

run "everybody_let_in" {
  command = plan

  variables {
    settings = { CAUSEWAY_IDENTITY = "none" }
  }

  expect_failures = [var.settings]
}

run "a_setting_that_follows_from_others" {
  command = plan

  variables {
    settings = { CAUSEWAY_IDENTITY = "header", CAUSEWAY_BUCKETS = "[]" }
  }

  expect_failures = [var.settings]
}

run "a_setting_of_another_program" {
  command = plan

  variables {
    settings = { CAUSEWAY_IDENTITY = "header", RUST_LOG = "debug" }
  }

  expect_failures = [var.settings]
}

run "a_secret_in_the_open" {
  command = plan

  variables {
    settings = { CAUSEWAY_IDENTITY = "header", CAUSEWAY_LINK_KEYS = "k1:AAAA" }
  }

  expect_failures = [var.secrets]
}

run "no_link_keys" {
  command = plan

  variables {
    secrets = { CAUSEWAY_IDENTITY_SECRET = {} }
  }

  expect_failures = [var.secrets]
}

run "no_administrator" {
  command = plan

  variables {
    administrator_role_arns = []
  }

  expect_failures = [var.administrator_role_arns]
}

run "the_signer_as_administrator" {
  command = plan

  variables {
    administrator_role_arns = ["arn:aws:iam::111122223333:role/causeway-eu-central-1-task"]
  }

  expect_failures = [var.administrator_role_arns]
}

run "every_role_as_administrator" {
  command = plan

  variables {
    administrator_role_arns = ["arn:aws:iam::111122223333:role/*"]
  }

  expect_failures = [var.administrator_role_arns]
}

run "an_image_that_moves" {
  command = plan

  variables {
    image_tag = "latest"
  }

  expect_failures = [var.image_tag]
}

run "an_image_on_the_internet" {
  command = plan

  variables {
    image_repository = "docker.io/causeway"
  }

  expect_failures = [var.image_repository]
}

run "one_task" {
  command = plan

  variables {
    task = { min = 1 }
  }

  expect_failures = [var.task]
}

run "a_size_that_fargate_does_not_have" {
  command = plan

  variables {
    task = { cpu = 512, memory_mib = 512 }
  }

  expect_failures = [var.task]
}

run "an_unknown_processor" {
  command = plan

  variables {
    task = { architecture = "arm64" }
  }

  expect_failures = [var.task]
}

run "a_drain_that_ecs_cuts_short" {
  command = plan

  variables {
    drain_s = 100
  }

  expect_failures = [var.drain_s]
}

run "no_time_to_close" {
  command = plan

  variables {
    shutdown_timeout_s = 0
  }

  expect_failures = [var.shutdown_timeout_s]
}

run "a_port_for_root" {
  command = plan

  variables {
    portal_port = 443
  }

  expect_failures = [var.portal_port]
}

run "an_old_tls_policy" {
  command = plan

  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.ssl_policy]
}

run "sign_in_without_its_secret" {
  command = plan

  variables {
    sign_in = { issuer = "https://login.corp.example", authorization_endpoint = "https://login.corp.example/a", token_endpoint = "https://login.corp.example/t", user_info_endpoint = "https://login.corp.example/u", client_id = "causeway" }
  }

  expect_failures = [var.sign_in_client_secret]
}

run "sign_in_in_the_open" {
  command = plan

  variables {
    sign_in               = { issuer = "http://login.corp.example", authorization_endpoint = "https://login.corp.example/a", token_endpoint = "https://login.corp.example/t", user_info_endpoint = "https://login.corp.example/u", client_id = "causeway" }
    sign_in_client_secret = "not-a-real-secret"
  }

  expect_failures = [var.sign_in]
}

run "a_name_that_is_too_long" {
  command = plan

  variables {
    name = "a-name-of-more-than-twenty-letters"
  }

  expect_failures = [var.name]
}

run "a_name_that_load_balancers_refuse" {
  command = plan

  variables {
    name = "internal-files"
  }

  expect_failures = [var.name]
}

run "a_retention_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}

run "logs_that_end_at_once" {
  command = plan

  variables {
    access_log_retention_days = 0
  }

  expect_failures = [var.access_log_retention_days]
}

run "everybody_as_reader_of_logs" {
  command = plan

  variables {
    log_reader_role_arns = ["*"]
  }

  expect_failures = [var.log_reader_role_arns]
}

run "a_bucket_name_in_bucket_named_mode_that_is_a_host_is_taken" {
  command = plan

  variables {
    buckets = [{ name = "files.corp.example", host_mode = "bucket_named" }]
  }

  assert {
    condition     = output.files_hosts == { "files.corp.example" = "files.corp.example" }
    error_message = "A bucket named like a host is refused."
  }
}

run "a_tag_that_aws_keeps" {
  command = plan

  variables {
    tags = { "aws:team" = "files" }
  }

  expect_failures = [var.tags]
}

run "a_vpc_that_is_none" {
  command = plan

  variables {
    vpc_id = "files"
  }

  expect_failures = [var.vpc_id]
}

run "a_subnet_of_the_load_balancer_that_is_none" {
  command = plan

  variables {
    load_balancer_subnet_ids = ["subnet-a", "b"]
  }

  expect_failures = [var.load_balancer_subnet_ids]
}

run "a_subnet_of_the_tasks_that_is_none" {
  command = plan

  variables {
    service_subnet_ids = ["subnet-a", "b"]
  }

  expect_failures = [var.service_subnet_ids]
}

run "a_route_table_that_is_none" {
  command = plan

  variables {
    route_table_ids = ["main"]
  }

  expect_failures = [var.route_table_ids]
}

run "a_security_group_that_is_none" {
  command = plan

  variables {
    client_security_group_ids = ["vpn"]
  }

  expect_failures = [var.client_security_group_ids]
}

run "a_zone_that_is_a_name" {
  command = plan

  variables {
    dns_zone_id = "corp.example"
  }

  expect_failures = [var.dns_zone_id]
}

run "a_topic_that_is_an_address" {
  command = plan

  variables {
    alarm_topic_arns = ["on-call@corp.example"]
  }

  expect_failures = [var.alarm_topic_arns]
}
