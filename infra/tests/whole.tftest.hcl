# The whole: that what one module makes is what the others use.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "both_endpoints_fence_the_bucket_and_the_signer" {
  assert {
    condition     = toset(one([for statement in jsondecode(output.bucket_policies["corp-files"]).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Condition.StringNotEquals["aws:SourceVpce"]) == toset(["vpce-interface", "vpce-gateway"])
    error_message = "The bucket is fenced to other endpoints than those that are made."
  }

  assert {
    condition     = toset(one([for statement in jsondecode(output.task_policy).Statement : statement if statement.Sid == "NowhereElse"]).Condition.StringNotEquals["aws:SourceVpce"]) == toset(["vpce-interface", "vpce-gateway"])
    error_message = "The signer is fenced to other endpoints than those that are made."
  }

  assert {
    condition     = !strcontains(output.bucket_policies["corp-files"], "-task")
    error_message = "The signer is named in the fence: it is never exempt."
  }
}

run "the_container_is_told_what_the_load_balancer_does" {
  assert {
    condition     = jsondecode(output.settings["CAUSEWAY_BUCKETS"]) == [{ name = "corp-files", label = "Files", public_host = "files.corp.example", signing_host = "corp-files.s3.eu-central-1.amazonaws.com" }]
    error_message = "The portal signs for another host than S3 sees."
  }

  assert {
    condition     = output.listener_rules["files-read/corp-files"].rewrite_to == jsondecode(output.settings["CAUSEWAY_BUCKETS"])[0].signing_host && output.listener_rules["files-read/corp-files"].host == jsondecode(output.settings["CAUSEWAY_BUCKETS"])[0].public_host
    error_message = "The load balancer writes another Host than the portal signs for."
  }

  assert {
    condition     = output.settings["CAUSEWAY_PORTAL_ORIGIN"] == "https://portal.corp.example" && output.settings["CAUSEWAY_LISTEN"] == "0.0.0.0:3000" && output.settings["CAUSEWAY_STORAGE"] == "s3" && output.settings["CAUSEWAY_REGION"] == "eu-central-1"
    error_message = "The portal is told another place than it stands at."
  }

  assert {
    condition     = output.settings["CAUSEWAY_HEADER_TIMEOUT_S"] == "320"
    error_message = "The portal does not outlast the load balancer's idle connections."
  }
}

run "a_bucket_named_like_its_host_is_not_rewritten" {
  variables {
    buckets = [{ name = "files.corp.example", host_mode = "bucket_named" }]
  }

  assert {
    condition     = output.listener_rules["files-read/files.corp.example"].rewrite_to == null && jsondecode(output.settings["CAUSEWAY_BUCKETS"])[0].signing_host == "files.corp.example" && jsondecode(output.settings["CAUSEWAY_BUCKETS"])[0].public_host == "files.corp.example"
    error_message = "A bucket named like its host is signed for another one, or rewritten."
  }
}

run "many_buckets_share_one_load_balancer" {
  override_data {
    target = data.aws_region.current
    values = { region = "ap-southeast-1" }
  }

  variables {
    # With the longest names, and a key of its own for each.
    buckets = [for number in range(25) : {
      name        = format("bucket-%02d-%s", number, join("", [for letter in range(53) : "x"]))
      files_host  = "files-${number}.corp.example"
      kms_key_arn = format("arn:aws:kms:ap-southeast-1:111122223333:key/11111111-2222-3333-4444-5555555555%02d", number)
    }]
    certificate_arns = { "*.corp.example" = "arn:aws:acm:ap-southeast-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111111111111" }
  }

  assert {
    condition     = length(output.listener_rules) == 3 + 2 * 25 && length(output.listener_rules) <= 100
    error_message = "More rules are made than a load balancer takes, or fewer than the buckets need."
  }

  assert {
    condition     = length(distinct([for rule in output.listener_rules : rule.priority])) == 53
    error_message = "Two rules have one priority."
  }

  assert {
    condition     = length(output.bucket_policies) == 25
    error_message = "A bucket has no fence."
  }

  assert {
    condition     = length(output.task_policy) > 5000 && length(output.task_policy) <= 10240
    error_message = "The task role's policy is longer than the 10,240 characters that IAM takes of a role's own."
  }

  assert {
    condition     = alltrue([for policy in values(output.endpoint_policies) : length(policy) <= 20480]) && alltrue([for policy in values(output.bucket_policies) : length(policy) <= 20480])
    error_message = "A policy is longer than an endpoint or a bucket takes."
  }
}

run "a_bucket_taken_out_of_the_middle_leaves_the_others_numbers" {
  variables {
    buckets = [{ name = "one", files_host = "one.corp.example", rule_number = 0 }, { name = "three", files_host = "three.corp.example", rule_number = 2 }]
  }

  assert {
    condition     = { for name, rule in output.listener_rules : name => rule.priority if rule.target == "s3" } == { "files-read/one" = 400, "files-read/three" = 402, "files-write/one" = 500, "files-write/three" = 502 }
    error_message = "Rules get new numbers, which their neighbours still have."
  }
}

run "the_operator_is_told_where_everything_is" {
  assert {
    condition     = output.portal_url == "https://portal.corp.example" && output.files_hosts == { corp-files = "files.corp.example" } && output.repository_url != "" && output.cluster_name != "" && length(output.secret_arns) == 2
    error_message = "An output is missing that the operator needs."
  }
}

run "a_proxy_gets_a_secret_to_prove_itself_with" {
  assert {
    condition     = join(" ", keys(output.secret_arns)) == "CAUSEWAY_IDENTITY_SECRET CAUSEWAY_LINK_KEYS"
    error_message = "With a proxy in front its secret is missing: the server refuses to start."
  }
}
