# Values that cannot work. Each is refused while planning, by the one sentence whose beginning stands beside it; check.py
# runs them one by one, on the variables alone, and sees that no sentence is without a value.

run "one_subnet_for_the_load_balancer" {
  variables {
    load_balancer_subnet_ids = ["subnet-a"]
  }

  # says: load_balancer_subnet_ids has fewer than two subnets: write subnets of at least two
}

run "one_subnet_twice_for_the_load_balancer" {
  variables {
    load_balancer_subnet_ids = ["subnet-a", "subnet-a"]
  }

  # says: load_balancer_subnet_ids has fewer than two subnets: write subnets of at least two
}

run "one_subnet_for_the_tasks" {
  variables {
    service_subnet_ids = ["subnet-a"]
  }

  # says: service_subnet_ids has fewer than two subnets: write subnets of at least two Availability
}

run "one_subnet_for_the_s3_endpoint" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10" }
  }

  # says: s3_endpoint_addresses has fewer than two subnets: write a free address for subnets of at
}

run "an_address_that_is_none" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-b = "10.20.2.256" }
  }

  # says: A value in s3_endpoint_addresses is no IPv4 address, or is there twice: write one address
}

run "one_address_twice" {
  variables {
    s3_endpoint_addresses = { subnet-a = "10.20.1.10", subnet-b = "10.20.1.10" }
  }

  # says: A value in s3_endpoint_addresses is no IPv4 address, or is there twice: write one address
}

run "addresses_for_an_endpoint_that_exists" {
  variables {
    existing_endpoints = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
  }

  # says: s3_endpoint_addresses is for an endpoint to be made, and
}

run "an_existing_endpoint_without_addresses" {
  variables {
    existing_endpoints    = { s3_interface_id = "vpce-0aaa" }
    s3_endpoint_addresses = {}
  }

  # says: existing_endpoints: s3_interface_id, its addresses in at least two zones
}

run "an_existing_endpoint_of_an_unknown_service" {
  variables {
    existing_endpoints = { services = { kms = "sg-0ddd" } }
  }

  # says: existing_endpoints.services knows ecr.api, ecr.dkr, logs and secretsmanager
}

run "no_route_table" {
  variables {
    route_table_ids = []
  }

  # says: route_table_ids is empty: write the route tables of the service subnets, or the gateway
}

run "a_bucket_name_that_is_no_host" {
  variables {
    buckets = [{ name = "corp-files", host_mode = "bucket_named" }]
  }

  # says: With host_mode "bucket_named" S3 finds the bucket by the host's name alone: name the
}

run "a_files_host_beside_the_name_it_is_to_be" {
  variables {
    buckets = [{ name = "files.corp.example", files_host = "other.corp.example", host_mode = "bucket_named" }]
  }

  # says: With host_mode "bucket_named" S3 finds the bucket by the host's name alone: name the
}

run "a_bucket_without_a_files_host" {
  variables {
    buckets = [{ name = "corp-files" }]
  }

  # says: A bucket with host_mode "rewrite" needs a files_host: write a host name in lower case,
}

run "a_bucket_name_in_capitals" {
  variables {
    buckets = [{ name = "Corp-Files", files_host = "files.corp.example" }]
  }

  # says: A name in buckets is no bucket's: write 3 to 63 lower-case letters, digits, hyphens and
}

run "an_unknown_host_mode" {
  variables {
    buckets = [{ name = "corp-files", files_host = "files.corp.example", host_mode = "path" }]
  }

  # says: A host_mode in buckets is unknown: write "rewrite" or "bucket_named"
}

run "the_portals_host_as_files_host" {
  variables {
    buckets = [{ name = "corp-files", files_host = "portal.corp.example" }]
  }

  # says: Two hosts are equal
}

run "one_files_host_for_two_buckets" {
  variables {
    buckets = [{ name = "one", files_host = "files.corp.example" }, { name = "two", files_host = "files.corp.example" }]
  }

  # says: Two hosts are equal
}

run "one_bucket_twice" {
  variables {
    buckets = [{ name = "one", files_host = "files.corp.example" }, { name = "one", files_host = "media.corp.example" }]
  }

  # says: A bucket is in buckets twice: name each once
}

run "a_files_host_with_a_wildcard" {
  variables {
    buckets = [{ name = "corp-files", files_host = "*.corp.example" }]
  }

  # says: A bucket with host_mode "rewrite" needs a files_host: write a host name in lower case,
}

run "a_files_host_longer_than_a_rule_takes" {
  variables {
    buckets          = [{ name = "corp-files", files_host = "${join("", [for number in range(60) : "a"])}.${join("", [for number in range(60) : "b"])}.corp.example" }]
    certificate_arns = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal", "${join("", [for number in range(60) : "a"])}.${join("", [for number in range(60) : "b"])}.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  # says: A files_host is too long for a load balancer's rule, whose regular expression has at most
}

run "more_buckets_than_certificates" {
  variables {
    buckets = [for number in range(26) : { name = "bucket-${number}", files_host = "files-${number}.corp.example" }]
  }

  # says: buckets has 26 entries: write 1 to 25. Each needs a certificate and two rules, and a load
}

run "no_bucket" {
  variables {
    buckets = []
  }

  # says: buckets has 0 entries: write 1 to 25. Each needs a certificate and two rules, and a load
}

run "a_portal_host_with_a_scheme" {
  variables {
    portal_host = "https://portal.corp.example"
  }

  # says: portal_host is "https://portal.corp.example": write a host name in lower case and nothing
}

run "a_certificate_list_that_lacks_a_host" {
  variables {
    certificate_arns = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  # says: certificate_arns lacks a host: write an entry for each of portal.corp.example,
}

run "a_certificate_of_a_wildcard_two_labels_up" {
  variables {
    certificate_arns = { "*.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  # says: certificate_arns lacks a host: write an entry for each of portal.corp.example,
}

run "a_certificate_that_is_none" {
  variables {
    certificate_arns = { "*.corp.example" = "portal" }
  }

  # says: A value in certificate_arns is no certificate: write ARNs such as
}

run "a_url_that_outlives_the_buckets_cap" {
  variables {
    max_signature_age_s = 3600
  }

  # says: lifetimes has a presigned URL of 43200 s, and the bucket refuses signatures older than
}

run "a_url_just_at_the_buckets_cap" {
  variables {
    max_signature_age_s = 43200
  }

  # says: lifetimes has a presigned URL of 43200 s, and the bucket refuses signatures older than
}

run "an_upload_url_that_outlives_the_buckets_cap" {
  variables {
    max_signature_age_s = 7200
    lifetimes           = { max_presign_s = 60, upload_url_ttl_s = 7200 }
  }

  # says: lifetimes has a presigned URL of 7200 s, and the bucket refuses signatures older than
}

run "a_presigned_url_of_a_day" {
  variables {
    lifetimes           = { max_presign_s = 86400 }
    max_signature_age_s = 90000
  }

  # says: lifetimes: write max_presign_s of 1 to 43200 and upload_url_ttl_s of 60 to 43200 seconds
}

run "a_link_of_a_month" {
  variables {
    lifetimes = { max_link_s = 2592000 }
  }

  # says: lifetimes: write max_link_s of 60 to 604800 and upload_ticket_ttl_s of 3600 to 604800
}

run "a_cap_beyond_what_s3_knows" {
  variables {
    max_signature_age_s = 700000
  }

  # says: max_signature_age_s is 700000: write whole seconds, 1200 to 604800 (7 days, the longest
}

run "unfinished_uploads_that_end_before_people_are_told" {
  variables {
    abort_incomplete_upload_days = 5
  }

  # says: abort_incomplete_upload_days is 5: write whole days, at least
}

run "no_old_versions" {
  variables {
    noncurrent_version_days = 0
  }

  # says: noncurrent_version_days is 0: write whole days, at least 1. Without old versions a
}

run "everywhere_as_the_peoples_network" {
  variables {
    client_cidr_blocks = ["0.0.0.0/0"]
  }

  # says: client_cidr_blocks has something that is no IPv4 network, that begins at another address
}

run "nobody_as_people" {
  variables {
    client_cidr_blocks = []
  }

  # says: Nobody could reach the portal: write client_cidr_blocks or client_security_group_ids.
}

run "everywhere_as_the_identity_provider" {
  variables {
    identity_provider_cidr_blocks = ["0.0.0.0/0"]
  }

  # says: identity_provider_cidr_blocks has something that is no IPv4 network, that begins at
}

run "no_identity" {
  variables {
    settings = {}
  }

  # says: settings needs CAUSEWAY_IDENTITY = "header", the one way in which the server learns who
}

run "everybody_let_in" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "none" }
  }

  # says: settings needs CAUSEWAY_IDENTITY = "header", the one way in which the server learns who
}

run "a_setting_that_follows_from_others" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "header", CAUSEWAY_BUCKETS = "[]" }
  }

  # says: settings holds a name that follows from other variables: leave it out and use lifetimes,
}

run "a_setting_of_another_program" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "header", RUST_LOG = "debug" }
  }

  # says: A name in settings is none of the server's: write names as docs/configuration.md lists
}

run "a_secret_in_the_open" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "header", CAUSEWAY_LINK_KEYS = "k1:AAAA" }
  }

  # says: A secret is in settings, whose values everyone reads who may see the task definition:
}

run "no_link_keys" {
  variables {
    secrets = { CAUSEWAY_IDENTITY_SECRET = {} }
  }

  # says: secrets needs CAUSEWAY_LINK_KEYS, which seals links and uploads: write CAUSEWAY_LINK_KEYS
}

run "no_administrator" {
  variables {
    administrator_role_arns = []
  }

  # says: administrator_role_arns needs the role that runs Terraform, as the ARN of a role without
}

run "the_signer_as_administrator" {
  variables {
    administrator_role_arns = ["arn:aws:iam::111122223333:role/causeway-eu-central-1-task"]
  }

  # says: administrator_role_arns holds the task role, which signs for browsers: leave it out. The
}

run "every_role_as_administrator" {
  variables {
    administrator_role_arns = ["arn:aws:iam::111122223333:role/*"]
  }

  # says: administrator_role_arns needs the role that runs Terraform, as the ARN of a role without
}

run "an_image_that_moves" {
  variables {
    image_tag = "latest"
  }

  # says: image_tag is "latest": write a version such as "1.4.2". What "latest" means changes, and
}

run "an_image_on_the_internet" {
  variables {
    image_repository = "docker.io/causeway"
  }

  # says: image_repository is not in ECR, which alone can be reached without internet: write
}

run "one_task" {
  variables {
    task = { min = 1 }
  }

  # says: task has min 1 and max 10: write whole numbers, at least 2, so that one Availability Zone
}

run "a_size_that_fargate_does_not_have" {
  variables {
    task = { cpu = 512, memory_mib = 512 }
  }

  # says: task has 512 CPU units and 512 MiB, which Fargate does not offer: write 512 with 1024 to
}

run "an_unknown_processor" {
  variables {
    task = { architecture = "arm64" }
  }

  # says: task.architecture is "arm64": write "ARM64" or "X86_64", as the image was built.
}

run "a_drain_that_ecs_cuts_short" {
  variables {
    drain_s = 100
  }

  # says: drain_s and shutdown_timeout_s make 120 s: write whole seconds, no more than 115 in all,
}

run "no_time_to_close" {
  variables {
    shutdown_timeout_s = 0
  }

  # says: shutdown_timeout_s is 0: write whole seconds, at least 1.
}

run "a_port_for_root" {
  variables {
    portal_port = 443
  }

  # says: portal_port is 443: write a whole number, 1024 to 65535, as the portal does not run as
}

run "an_old_tls_policy" {
  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }

  # says: ssl_policy is "ELBSecurityPolicy-2016-08": write one that begins at TLS 1.2, such as
}

run "sign_in_without_its_secret" {
  variables {
    sign_in = { issuer = "https://login.corp.example", authorization_endpoint = "https://login.corp.example/a", token_endpoint = "https://login.corp.example/t", user_info_endpoint = "https://login.corp.example/u", client_id = "causeway" }
  }

  # says: sign_in and sign_in_client_secret go together: write both or neither.
}

run "sign_in_in_the_open" {
  variables {
    sign_in               = { issuer = "http://login.corp.example", authorization_endpoint = "https://login.corp.example/a", token_endpoint = "https://login.corp.example/t", user_info_endpoint = "https://login.corp.example/u", client_id = "causeway" }
    sign_in_client_secret = "not-a-real-secret"
  }

  # says: An address in sign_in is not HTTPS: write the provider's addresses as its
}

run "a_name_that_is_too_long" {
  variables {
    name = "a-name-of-more-than-twenty-letters"
  }

  # says: name is "a-name-of-more-than-twenty-letters": write 3 to 20 lower-case letters, digits
}

run "a_name_that_load_balancers_refuse" {
  variables {
    name = "internal-files"
  }

  # says: name is "internal-files": write 3 to 20 lower-case letters, digits and single hyphens,
}

run "a_retention_that_cloudwatch_does_not_know" {
  variables {
    log_retention_days = 100
  }

  # says: log_retention_days is 100, which CloudWatch does not know: write 30, 90, 180, 365, 731 or
}

run "logs_that_end_at_once" {
  variables {
    access_log_retention_days = 0
  }

  # says: access_log_retention_days is 0: write whole days, at least 1.
}

run "everybody_as_reader_of_logs" {
  variables {
    log_reader_role_arns = ["*"]
  }

  # says: log_reader_role_arns: write ARNs of roles without wildcards, such as
}

run "a_tag_that_aws_keeps" {
  variables {
    tags = { "aws:team" = "files" }
  }

  # says: A name in tags begins with "aws:", which AWS keeps for itself: write another
}

run "a_vpc_that_is_none" {
  variables {
    vpc_id = "files"
  }

  # says: vpc_id is "files": write the id of the VPC, such as "vpc-0123456789abcdef0".
}

run "a_subnet_of_the_load_balancer_that_is_none" {
  variables {
    load_balancer_subnet_ids = ["subnet-a", "b"]
  }

  # says: load_balancer_subnet_ids holds something else than subnets: write ids such as
}

run "a_subnet_of_the_tasks_that_is_none" {
  variables {
    service_subnet_ids = ["subnet-a", "b"]
  }

  # says: service_subnet_ids holds something else than subnets: write ids such as
}

run "a_route_table_that_is_none" {
  variables {
    route_table_ids = ["main"]
  }

  # says: route_table_ids holds something else than route tables: write ids such as
}

run "a_security_group_that_is_none" {
  variables {
    client_security_group_ids = ["vpn"]
  }

  # says: client_security_group_ids holds something else than security groups: write ids such as
}

run "a_zone_that_is_a_name" {
  variables {
    dns_zone_id = "corp.example"
  }

  # says: dns_zone_id is "corp.example": write the id of a hosted zone, such as
}

run "a_topic_that_is_an_address" {
  variables {
    alarm_topic_arns = ["on-call@corp.example"]
  }

  # says: alarm_topic_arns: write ARNs of SNS topics, such as
}

run "a_key_by_its_alias" {
  variables {
    buckets = [{ name = "corp-files", files_host = "files.corp.example", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:alias/files" }]
  }

  # says: A kms_key_arn in buckets is no key's ARN: write it as
}

run "a_files_host_of_many_dots" {
  variables {
    buckets          = [{ name = "corp-files", files_host = "${join(".", [for number in range(30) : "ab"])}.corp.example" }]
    certificate_arns = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal", "*.${join(".", [for number in range(29) : "ab"])}.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
  }

  # says: A files_host is too long for a load balancer's rule, whose regular expression has at most
}

run "one_number_for_the_rules_of_two_buckets" {
  variables {
    buckets = [{ name = "one", files_host = "files.corp.example" }, { name = "two", files_host = "media.corp.example", rule_number = 0 }]
  }

  # says: A rule_number in buckets is no whole number of 0 to 99, or two buckets have one
}

run "a_number_of_rules_that_runs_into_the_next" {
  variables {
    buckets = [{ name = "one", files_host = "files.corp.example", rule_number = 100 }]
  }

  # says: A rule_number in buckets is no whole number of 0 to 99, or two buckets have one
}

run "another_way_of_telling_who_is_there" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "oidc" }
  }

  # says: settings needs CAUSEWAY_IDENTITY = "header", the one way in which the server learns who
}

run "the_proxys_secret_in_the_open" {
  variables {
    settings = { CAUSEWAY_IDENTITY = "header", CAUSEWAY_IDENTITY_SECRET = "hunter2" }
  }

  # says: A secret is in settings, whose values everyone reads who may see the task definition:
}

run "a_secret_of_another_program" {
  variables {
    secrets = { CAUSEWAY_LINK_KEYS = {}, DATABASE_URL = {} }
  }

  # says: A name in secrets is none of the server's: write names as docs/configuration.md lists
}

run "a_secret_that_follows_from_others" {
  variables {
    secrets = { CAUSEWAY_LINK_KEYS = {}, CAUSEWAY_BUCKETS = {} }
  }

  # says: secrets holds a name that follows from other variables, and ECS refuses one that is there
}

run "a_secret_by_its_name" {
  variables {
    secrets = { CAUSEWAY_LINK_KEYS = { arn = "causeway/keys" } }
  }

  # says: An arn in secrets is no secret's: write it whole and without a key of its JSON, such as
}

run "a_key_of_a_secrets_json" {
  variables {
    secrets = { CAUSEWAY_LINK_KEYS = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:keys-AbCdEf:k1::" } }
  }

  # says: An arn in secrets is no secret's: write it whole and without a key of its JSON, such as
}

run "an_existing_endpoint_by_its_name" {
  variables {
    existing_endpoints    = { s3_interface_id = "s3", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
    s3_endpoint_addresses = {}
  }

  # says: existing_endpoints has an id that is no endpoint's: write ids such as
}

run "an_existing_gateway_by_its_service" {
  variables {
    existing_endpoints = { s3_gateway_id = "com.amazonaws.eu-central-1.s3" }
  }

  # says: existing_endpoints has an id that is no endpoint's: write ids such as
}

run "an_address_of_an_existing_endpoint_that_is_none" {
  variables {
    existing_endpoints    = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.300"], s3_interface_security_group_id = "sg-0ccc" }
    s3_endpoint_addresses = {}
  }

  # says: existing_endpoints.s3_interface_addresses holds something that is no IPv4 address, or one
}

run "an_address_of_an_existing_endpoint_twice" {
  variables {
    existing_endpoints    = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.1.77"], s3_interface_security_group_id = "sg-0ccc" }
    s3_endpoint_addresses = {}
  }

  # says: existing_endpoints.s3_interface_addresses holds something that is no IPv4 address, or one
}

run "addresses_of_an_endpoint_that_is_not_named" {
  variables {
    existing_endpoints = { s3_interface_addresses = ["10.20.1.77", "10.20.2.77"] }
  }

  # says: existing_endpoints: s3_interface_id, its addresses in at least two zones
}

run "a_group_of_an_existing_endpoint_that_is_none" {
  variables {
    existing_endpoints = { services = { logs = "vpce-0ddd" } }
  }

  # says: existing_endpoints has a security group that is none: write ids such as
}

run "an_address_as_the_peoples_network" {
  variables {
    client_cidr_blocks = ["10.20.1.7/16"]
  }

  # says: client_cidr_blocks has something that is no IPv4 network, that begins at another address
}

run "a_network_of_version_6" {
  variables {
    client_cidr_blocks = ["fd00::/16"]
  }

  # says: client_cidr_blocks has something that is no IPv4 network, that begins at another address
}

run "an_address_as_the_identity_provider" {
  variables {
    identity_provider_cidr_blocks = ["10.9.0.7/24"]
  }

  # says: identity_provider_cidr_blocks has something that is no IPv4 network, that begins at
}

run "an_endpoints_client_that_is_none" {
  variables {
    endpoint_client_security_group_ids = ["everybody"]
  }

  # says: endpoint_client_security_group_ids holds something else than security groups: write ids
}

run "a_session_of_no_time" {
  variables {
    sign_in               = { issuer = "https://login.corp.example", authorization_endpoint = "https://login.corp.example/a", token_endpoint = "https://login.corp.example/t", user_info_endpoint = "https://login.corp.example/u", client_id = "causeway", session_timeout_s = 0 }
    sign_in_client_secret = "not-a-real-secret"
  }

  # says: sign_in.session_timeout_s is 0: write whole seconds, 1 to 604800 (7 days, the longest
}

run "memory_in_steps_that_fargate_does_not_have" {
  variables {
    task = { cpu = 1024, memory_mib = 2500 }
  }

  # says: task has 1024 CPU units and 2500 MiB, which Fargate does not offer: write 512 with 1024
}

run "little_memory_for_many_processors" {
  variables {
    task = { cpu = 8192, memory_mib = 17408 }
  }

  # says: task has 8192 CPU units and 17408 MiB, which Fargate does not offer: write 512 with 1024
}

run "half_a_task" {
  variables {
    task = { min = 2.5, max = 10 }
  }

  # says: task has min 2.5 and max 10: write whole numbers, at least 2, so that one Availability
}

run "tasks_for_no_requests" {
  variables {
    task = { requests_per_minute = 0 }
  }

  # says: task.requests_per_minute is 0: write how many requests a minute one task is meant for, at
}

run "half_a_day_of_old_versions" {
  variables {
    noncurrent_version_days = 1.5
  }

  # says: noncurrent_version_days is 1.5: write whole days, at least 1. Without old versions a
}

run "half_a_day_of_logs" {
  variables {
    access_log_retention_days = 1.5
  }

  # says: access_log_retention_days is 1.5: write whole days, at least 1.
}

run "half_a_day_of_unfinished_uploads" {
  variables {
    abort_incomplete_upload_days = 7.5
  }

  # says: abort_incomplete_upload_days is 7.5: write whole days, at least
}

run "half_a_second_of_a_url" {
  variables {
    lifetimes = { max_presign_s = 1.5 }
  }

  # says: lifetimes: write whole seconds
}

run "half_a_second_of_a_signature" {
  variables {
    max_signature_age_s = 46800.5
  }

  # says: max_signature_age_s is 46800.5: write whole seconds, 1200 to 604800 (7 days, the longest
}

run "half_a_second_to_drain" {
  variables {
    drain_s = 0.5
  }

  # says: drain_s and shutdown_timeout_s make 20.5 s: write whole seconds, no more than 115 in all,
}

run "a_link_that_ends_at_once" {
  variables {
    lifetimes = { max_link_s = 1 }
  }

  # says: lifetimes: write max_link_s of 60 to 604800 and upload_ticket_ttl_s of 3600 to 604800
}
