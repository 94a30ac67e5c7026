# A bucket and its fence, in the module itself.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  aws                          = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
  name                         = "corp-files"
  tags                         = { Team = "files" }
  portal_origin                = "https://portal.corp.example"
  endpoint_ids                 = ["vpce-gateway", "vpce-interface"]
  administrator_role_arns      = ["arn:aws:iam::111122223333:role/terraform", "arn:aws:iam::111122223333:role/break-glass"]
  kms_key_arn                  = null
  max_signature_age_s          = 46800
  abort_incomplete_upload_days = 7
  noncurrent_version_days      = 90
  log_bucket                   = "causeway-s3-logs"
  force_destroy                = false
}

run "objects_are_reached_through_the_two_endpoints_alone" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Condition == { StringNotEquals = { "aws:SourceVpce" = ["vpce-gateway", "vpce-interface"] }, Bool = { "aws:PrincipalIsAWSService" = "false" } }
    error_message = "The fence around objects has another condition than the two endpoints and AWS itself: somebody is exempt, or the portal's own calls are shut out."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Action == ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    error_message = "The fence leaves out an action on objects."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Resource == "arn:aws:s3:::corp-files/*" && one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Principal == "*" && one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyObjectsFromElsewhere"]).Effect == "Deny"
    error_message = "The fence does not hold for everybody and every object."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Effect == "Deny"])
    error_message = "The bucket's policy grants something: who may do what is said by roles alone."
  }
}

run "terraform_can_head_the_bucket_and_still_not_read_it" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyListingFromElsewhere"]).Condition.ArnNotLike["aws:PrincipalArn"] == ["arn:aws:iam::111122223333:role/terraform", "arn:aws:iam::111122223333:role/break-glass"]
    error_message = "Terraform would be told 403 about its own bucket, and could plan nothing any more."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyListingFromElsewhere"]).Condition.StringNotEquals["aws:SourceVpce"] == ["vpce-gateway", "vpce-interface"] && one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyListingFromElsewhere"]).Action == "s3:ListBucket*"
    error_message = "Listing is not fenced to the two endpoints."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if can(statement.Condition.ArnNotLike) || can(statement.Condition.ArnNotEquals) || can(statement.Condition.StringNotLike)]) == 1
    error_message = "A role is exempt from more than the fence around listing."
  }
}

run "no_statement_denies_everything_or_the_way_to_mend_the_policy" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : [for action in flatten([statement.Action]) : !contains(["*", "s3:*", "s3:Put*", "s3:PutBucket*", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:Delete*"], action)]]))
    error_message = "A statement denies PutBucketPolicy: a wrong endpoint id could never be mended."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : !can(statement.NotAction) && !can(statement.NotPrincipal) && !can(statement.NotResource)])
    error_message = "A statement denies by exclusion, which takes in more than anybody sees."
  }

  assert {
    condition     = !strcontains(aws_s3_bucket_policy.this.policy, "ForAllValues") && !strcontains(aws_s3_bucket_policy.this.policy, "ForAnyValue")
    error_message = "A single-valued key is compared as a set: ForAllValues is true where the key is missing."
  }
}

run "requests_without_tls_or_with_an_old_signature_are_refused" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyWithoutTls"]).Condition == { Bool = { "aws:SecureTransport" = "false" } } && length(setsubtract(["arn:aws:s3:::corp-files", "arn:aws:s3:::corp-files/*"], one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyWithoutTls"]).Resource)) == 0
    error_message = "Requests without TLS are let in."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyOldSignatures"]).Condition == { NumericGreaterThan = { "s3:signatureAge" = "46800000" } }
    error_message = "Signatures have no longest age, or it is not in milliseconds."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyOldSignatureVersions"]).Condition.StringNotEquals["s3:signatureversion"] == "AWS4-HMAC-SHA256"
    error_message = "Signatures of version 2 are let in."
  }
}

run "objects_are_encrypted_with_the_buckets_own_key" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = alltrue(flatten([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : [for default in rule.apply_server_side_encryption_by_default : default.sse_algorithm == "aws:kms" && default.kms_master_key_id == aws_kms_key.this["own"].arn]]))
    error_message = "Objects are not encrypted with the key that was made for them."
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.bucket_key_enabled])
    error_message = "Every object costs a call to KMS."
  }

  assert {
    condition     = aws_kms_key.this["own"].enable_key_rotation
    error_message = "The key does not rotate."
  }

  assert {
    condition     = aws_kms_alias.this["own"].name == "alias/corp-files-objects"
    error_message = "The key has another alias than its bucket's name."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyOtherKeys"]).Condition.StringNotEquals == { "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.this["own"].arn } && one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyOtherEncryption"]).Condition.StringNotEquals == { "s3:x-amz-server-side-encryption" = "aws:kms" }
    error_message = "An object can be put under another key."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Condition if statement.Sid == "DenyKmsWithoutKey"]) == { Null = { "s3:x-amz-server-side-encryption" = "false", "s3:x-amz-server-side-encryption-aws-kms-key-id" = "true" } }
    error_message = "An object whose PUT asks for KMS and names no key is put under AWS's own key, or one whose PUT says nothing is refused."
  }

  assert {
    condition     = !strcontains(aws_s3_bucket_policy.this.policy, "IfExists")
    error_message = "A Deny compares IfExists: it is true where the key is missing, and refuses every request that says nothing."
  }

  assert {
    condition = alltrue(flatten([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : [
      for key in try(keys(statement.Condition.StringNotEquals), []) : !startswith(key, "s3:x-amz-") || try(statement.Condition.Null[key], "") == "false"
    ]]))
    error_message = "A Deny compares a header without asking whether it is there: every PUT without it is refused."
  }
}

run "buckets_that_differ_in_a_dot_have_keys_of_different_names" {
  module {
    source = "./modules/bucket"
  }

  variables {
    name = "corp.files"
  }

  assert {
    condition     = aws_kms_alias.this["own"].name == "alias/corp_files-objects"
    error_message = "The alias is that of the bucket corp-files, and the second of the two cannot be made."
  }
}

run "a_key_that_was_given_is_used" {
  module {
    source = "./modules/bucket"
  }

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/given"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && output.kms_key_arn == "arn:aws:kms:eu-central-1:111122223333:key/given"
    error_message = "A key is made although one was given."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Sid == "DenyOtherKeys"]).Condition.StringNotEquals["s3:x-amz-server-side-encryption-aws-kms-key-id"] == "arn:aws:kms:eu-central-1:111122223333:key/given"
    error_message = "The fence names another key."
  }
}

run "nothing_is_public_and_nothing_is_lost_at_once" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "Public access is not blocked in all four ways."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access control lists are still in force."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "There are no versions: a replaced object is lost."
  }

  assert {
    condition     = aws_s3_bucket_logging.this.target_bucket == "causeway-s3-logs"
    error_message = "Access is not logged."
  }
}

run "unfinished_uploads_and_old_versions_end_when_they_should" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one(flatten([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [for abort in rule.abort_incomplete_multipart_upload : abort.days_after_initiation if rule.status == "Enabled"]])) == 7
    error_message = "Unfinished uploads are kept, and paid for, for ever, or not as long as was asked for."
  }

  assert {
    condition     = one(flatten([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [for end in rule.noncurrent_version_expiration : end.noncurrent_days if rule.status == "Enabled"]])) == 90
    error_message = "Old versions are kept for ever, or not as long as was asked for."
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : alltrue([for expiration in rule.expiration : expiration.expired_object_delete_marker && coalesce(expiration.days, 0) == 0])])
    error_message = "A lifecycle rule ends current objects."
  }
}

run "pages_of_the_portal_alone_may_call_the_files_host" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : one(rule.allowed_origins)]) == "https://portal.corp.example"
    error_message = "Another origin than the portal may call the files host."
  }

  assert {
    condition     = join(" ", flatten([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : sort(rule.allowed_methods)])) == "GET HEAD PUT"
    error_message = "Other methods than GET, HEAD and PUT are allowed, or one of them is not."
  }

  assert {
    condition     = alltrue(flatten([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : [for name in ["if-none-match", "content-type", "range"] : contains(rule.allowed_headers, name)]]))
    error_message = "A header that uploads or previews need is not allowed: without if-none-match every upload fails its preflight."
  }

  assert {
    condition     = alltrue(flatten([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : [for name in rule.allowed_headers : name != "*"]]))
    error_message = "Any header is allowed."
  }

  assert {
    condition     = alltrue(flatten([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : [for name in rule.expose_headers : !strcontains(name, "*")]]))
    error_message = "A header is exposed by wildcard, which S3 refuses."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_cors_configuration.this.cors_rule : rule.max_age_seconds]) == 3000
    error_message = "Browsers do not remember a preflight for 3000 s."
  }
}

run "destroy_takes_the_objects_only_when_asked" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "The objects go with the bucket although nobody asked for it."
  }
}

run "destroy_takes_the_objects_when_asked" {
  module {
    source = "./modules/bucket"
  }

  variables {
    force_destroy = true
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy
    error_message = "Destroying would stop at a bucket that is not empty."
  }
}

run "one_endpoint_is_not_enough" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    endpoint_ids = ["vpce-interface", "vpce-interface"]
  }

  expect_failures = [var.endpoint_ids]
}
