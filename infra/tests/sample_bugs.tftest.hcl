# What was wrong in the AWS sample private-s3-vpce, one run for each, so that none of it comes back.
# docs/network-path.md has the same list with what was done about each.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "bug_1_the_oldest_regions_were_signed_for_with_version_2" {
  override_data {
    target = data.aws_region.current
    values = { region = "us-east-1" }
  }

  variables {
    certificate_arns = { "*.corp.example" = "arn:aws:acm:us-east-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111111111111" }
  }

  assert {
    condition     = one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyOldSignatureVersions"]).Condition.StringNotEquals["s3:signatureversion"] == "AWS4-HMAC-SHA256"
    error_message = "Signatures of version 2 are let in."
  }

  assert {
    condition     = output.settings["CAUSEWAY_REGION"] == "us-east-1" && jsondecode(output.settings["CAUSEWAY_BUCKETS"])[0].signing_host == "corp-files.s3.us-east-1.amazonaws.com"
    error_message = "In the oldest Region the portal is not told the Region that signatures of version 4 name."
  }
}

run "bug_2_the_signer_was_exempt_from_the_fence" {
  assert {
    condition     = sort(keys(one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Condition)) == sort(["Bool", "StringNotEquals"]) && keys(one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Condition.StringNotEquals) == ["aws:SourceVpce"]
    error_message = "Somebody is exempt from the fence around objects: a URL of theirs also works from outside."
  }

  assert {
    condition     = one([for statement in jsondecode(output.task_policy).Statement : keys(statement.Condition.StringNotEquals) if statement.Effect == "Deny"]) == ["aws:SourceVpce"]
    error_message = "The role that signs is not bound to the endpoints."
  }
}

run "bug_3_allow_aws_services_was_inverted" {
  assert {
    condition     = alltrue([for sid in ["DenyObjectsFromElsewhere", "DenyListingFromElsewhere"] : one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement.Condition.Bool["aws:PrincipalIsAWSService"] if statement.Sid == sid]) == "false"])
    error_message = "AWS's own services are shut out, or only they are."
  }
}

run "bug_4_any_host_reached_any_bucket_of_the_region" {
  assert {
    condition     = alltrue([for rule in output.listener_rules : rule.target != "s3" || rule.host == "files.corp.example"])
    error_message = "A rule leads to S3 from a host that is no bucket's."
  }

  assert {
    condition     = alltrue([for rule in output.listener_rules : rule.target != "s3" || rule.query == { "X-Amz-Signature" = "*" }])
    error_message = "A rule leads to S3 without a signature."
  }
}

run "bug_4_the_endpoint_had_no_policy" {
  assert {
    condition     = alltrue(flatten([for policy in values(output.endpoint_policies) : [for statement in jsondecode(policy).Statement : [for resource in statement.Resource : can(regex("^arn:aws:s3:::(corp-files(/\\*)?|prod-eu-central-1-starport-layer-bucket/\\*)$", resource))]]]))
    error_message = "An endpoint leads to other buckets than ours."
  }
}

run "bug_5_only_get_and_put_were_fenced" {
  assert {
    condition     = length(setsubtract(["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Action)) == 0
    error_message = "Deleting, aborting or listing parts is not fenced."
  }

  assert {
    condition     = one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyListingFromElsewhere"]).Action == "s3:ListBucket*"
    error_message = "Listing is not fenced."
  }
}

run "bug_6_without_a_domain_it_could_not_be_planned" {
  variables {
    dns_zone_id = null
  }

  assert {
    condition     = output.load_balancer.dns_name != "" && output.portal_url == "https://portal.corp.example"
    error_message = "Without a zone nobody is told where to point the hosts."
  }
}

run "bug_7_no_log_ever_arrived" {
  module {
    source = "./modules/observability"
  }

  variables {
    aws                       = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
    name                      = "causeway"
    log_retention_days        = 365
    access_log_retention_days = 90
    log_reader_role_arns      = []
    bucket_names              = ["corp-files"]
    flow_log                  = false
    web_acl_name              = null
    vpc_id                    = "vpc-0a1b2c3d"
    alarm_topic_arns          = []
    load_balancer_arn_suffix  = "app/causeway/50dc6c495c0c9188"
    target_group_arn_suffixes = { portal = "targetgroup/causeway-portal/1", s3 = "targetgroup/causeway-s3/2" }
    interface_endpoints       = {}
    cluster_name              = "causeway"
    service_name              = "portal"
    force_destroy             = true
    tags                      = { Team = "files" }
  }

  assert {
    condition     = alltrue(flatten([for bucket in aws_s3_bucket_server_side_encryption_configuration.logs : [for rule in bucket.rule : [for default in rule.apply_server_side_encryption_by_default : default.sse_algorithm == "AES256"]]]))
    error_message = "A log bucket has a KMS key that its writer may not use."
  }

  assert {
    condition     = toset([for bucket in aws_s3_bucket_policy.logs : one([for statement in jsondecode(bucket.policy).Statement : statement.Principal.Service if statement.Effect == "Allow"])]) == toset(["logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com"])
    error_message = "A service may not write its log."
  }
}

run "bug_8_keys_under_api_could_not_be_reached" {
  assert {
    condition     = alltrue([for rule in output.listener_rules : rule.target != "s3" || length(rule.paths) == 0]) && alltrue([for rule in output.listener_rules : rule.host != "files.corp.example" || rule.target == "s3"])
    error_message = "A path of a files host leads elsewhere than to S3: some keys cannot be reached."
  }
}

run "bug_8_objects_shared_the_origin_of_the_app" {
  assert {
    condition     = alltrue([for rule in output.listener_rules : rule.host != "portal.corp.example" || rule.target == "portal"])
    error_message = "The portal's host leads to S3: an uploaded page would run on the portal's origin."
  }
}

run "bug_9_one_subnet_was_taken" {
  command = plan

  variables {
    load_balancer_subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.load_balancer_subnet_ids]
}

run "bug_9_targets_were_numbered_over_a_set_without_order" {
  module {
    source = "./modules/network_path"
  }

  variables {
    aws                                = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
    name                               = "causeway"
    existing_endpoints                 = {}
    endpoint_client_security_group_ids = []
    client_security_group_ids          = []
    identity_provider_cidr_blocks      = []
    portal_port                        = 3000
    buckets                            = [{ name = "corp-files", files_host = "files.corp.example", signing_host = "corp-files.s3.eu-central-1.amazonaws.com" }]
    s3_calls                           = jsondecode(file("s3_calls.json"))
    certificate_arns                   = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal", "files.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
    ssl_policy                         = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    dns_zone_id                        = null
    sign_in                            = null
    sign_in_client_secret              = null
    waf                                = false
    load_balancer_log_bucket           = "causeway-alb-logs"
    deletion_protection                = false
    tags                               = { Team = "files" }
  }

  assert {
    condition     = { for subnet, target in aws_lb_target_group_attachment.s3 : subnet => target.target_id } == { subnet-a = "10.20.1.10", subnet-b = "10.20.2.10" }
    error_message = "Targets are not told by their subnet: one more subnet would move them all."
  }
}

run "bug_9_names_were_fixed" {
  variables {
    name = "second"
  }

  assert {
    condition     = output.cluster_name == "second"
    error_message = "Two deployments in one account would collide by name."
  }
}

run "bug_9_certificates_were_not_verified" {
  assert {
    condition     = !anytrue([for name in keys(output.settings) : can(regex("VERIFY|INSECURE|SKIP_TLS", name))]) && length(regexall("danger_accept_invalid|with_verifier|insecure", join("\n", [for name in setunion(["s3.rs"], fileset("../server/src", "s3/**/*.rs")) : file("../server/src/${name}")]))) == 0
    error_message = "The portal can be told, or tells itself, to take any certificate."
  }

  assert {
    condition     = startswith(output.portal_url, "https://")
    error_message = "The portal is reached without TLS."
  }
}

run "bug_9_an_expiry_had_no_limit" {
  assert {
    condition     = tonumber(one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyOldSignatures"]).Condition.NumericGreaterThan["s3:signatureAge"]) / 1000 >= tonumber(output.settings["CAUSEWAY_MAX_PRESIGN_S"]) + 300 && tonumber(one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyOldSignatures"]).Condition.NumericGreaterThan["s3:signatureAge"]) / 1000 <= 604800
    error_message = "The bucket takes signatures of any age, or refuses some before their stated end."
  }

  assert {
    condition     = tonumber(output.settings["CAUSEWAY_MAX_PRESIGN_S"]) <= 43200
    error_message = "The portal signs for longer than 12 hours."
  }
}

run "bug_9_destroy_stopped_half_way" {
  module {
    source = "./modules/bucket"
  }

  variables {
    aws                          = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
    name                         = "corp-files"
    portal_origin                = "https://portal.corp.example"
    endpoint_ids                 = ["vpce-gateway", "vpce-interface"]
    kms_key_arn                  = null
    max_signature_age_s          = 46800
    abort_incomplete_upload_days = 7
    noncurrent_version_days      = 90
    log_bucket                   = "causeway-s3-logs"
    tags                         = { Team = "files" }
    force_destroy                = true
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy
    error_message = "Destroying would stop at a bucket that is not empty."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : !contains(flatten([statement.Action]), "s3:DeleteBucketPolicy") && !contains(flatten([statement.Action]), "s3:*")])
    error_message = "Destroying would stop at the bucket's policy, which has to go before the objects can."
  }
}

run "bug_9_destroy_stopped_at_the_load_balancer" {
  module {
    source = "./modules/network_path"
  }

  variables {
    aws                                = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
    name                               = "causeway"
    existing_endpoints                 = {}
    endpoint_client_security_group_ids = []
    client_security_group_ids          = []
    identity_provider_cidr_blocks      = []
    portal_port                        = 3000
    buckets                            = [{ name = "corp-files", files_host = "files.corp.example", signing_host = "corp-files.s3.eu-central-1.amazonaws.com" }]
    s3_calls                           = jsondecode(file("s3_calls.json"))
    certificate_arns                   = { "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal", "files.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal" }
    ssl_policy                         = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    dns_zone_id                        = null
    sign_in                            = null
    sign_in_client_secret              = null
    waf                                = false
    load_balancer_log_bucket           = "causeway-alb-logs"
    deletion_protection                = false
    tags                               = { Team = "files" }
  }

  assert {
    condition     = aws_lb.this.enable_deletion_protection == false
    error_message = "The load balancer cannot be destroyed although its protection was switched off."
  }
}

run "bug_9_there_were_no_outputs" {
  assert {
    condition     = alltrue([for value in [output.portal_url, output.repository_url, output.cluster_name, output.service_name, output.task_role_arn, output.load_balancer.dns_name, output.s3_endpoint_ids.interface, output.s3_endpoint_ids.gateway] : length(value) > 0]) && length(output.secret_arns) == 2
    error_message = "The operator is not told what was made."
  }
}

run "bug_9_there_were_no_tags" {
  module {
    source = "./modules/bucket"
  }

  variables {
    aws                          = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
    name                         = "corp-files"
    portal_origin                = "https://portal.corp.example"
    endpoint_ids                 = ["vpce-gateway", "vpce-interface"]
    kms_key_arn                  = null
    max_signature_age_s          = 46800
    abort_incomplete_upload_days = 7
    noncurrent_version_days      = 90
    log_bucket                   = "causeway-s3-logs"
    tags                         = { Team = "files" }
    force_destroy                = true
  }

  assert {
    condition     = aws_s3_bucket.this.tags["Team"] == "files" && aws_kms_key.this["own"].tags["Team"] == "files"
    error_message = "A bucket or its key carries no tags."
  }
}
