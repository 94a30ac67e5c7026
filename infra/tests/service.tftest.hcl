# The tasks, their roles and what they are told, in the module itself.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  aws                      = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
  name                     = "causeway"
  tags                     = { Team = "files" }
  image_repository         = null
  image_tag                = "1.0.0"
  architecture             = "ARM64"
  cpu                      = 512
  memory_mib               = 1024
  min_tasks                = 2
  max_tasks                = 10
  requests_per_task        = 1500
  subnet_ids               = ["subnet-a", "subnet-b"]
  security_group_id        = "sg-service"
  load_balancer_arn_suffix = "app/causeway/50dc6c495c0c9188"
  target_group             = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/causeway-portal/73e2d6bc24d8a067", arn_suffix = "targetgroup/causeway-portal/73e2d6bc24d8a067" }
  portal_origin            = "https://portal.corp.example"
  portal_port              = 3000
  idle_timeout_s           = 300
  buckets                  = [{ name = "corp-files", label = "Files", files_host = "files.corp.example", signing_host = "corp-files.s3.eu-central-1.amazonaws.com", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/objects" }]
  s3_calls = [
    { call = "head_bucket", by = "portal", on = "bucket", actions = ["s3:ListBucket"] },
    { call = "list_parts", by = "portal", on = "object", actions = ["s3:ListMultipartUploadParts"] },
    { call = "get_object", by = "browser", on = "object", actions = ["s3:GetObject", "s3:GetObjectVersion"] },
  ]
  s3_endpoint_ids        = { interface = "vpce-interface", gateway = "vpce-gateway" }
  lifetimes              = { max_link_s = 604800, max_presign_s = 43200, upload_url_ttl_s = 900, upload_ticket_ttl_s = 518400 }
  drain_s                = 10
  shutdown_timeout_s     = 20
  settings               = { CAUSEWAY_IDENTITY = "header" }
  secrets                = { CAUSEWAY_LINK_KEYS = {}, CAUSEWAY_IDENTITY_SECRET = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:theirs-AbCdEf" } }
  log_group              = { name = "/causeway/portal", arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/causeway/portal" }
  deployment_alarm_names = ["causeway-portal-5xx"]
  force_destroy          = false
}

run "the_container_can_change_nothing_but_what_it_is_for" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user != "0" && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user != "root" && can(regex("^[1-9][0-9]*:[1-9][0-9]*$", jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user))
    error_message = "The container runs as root or can write to its own files."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"] && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.initProcessEnabled
    error_message = "The container keeps capabilities, or has no init."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == one(flatten(regexall("(?m)^USER (.+)$", file("container/Dockerfile"))))
    error_message = "The task runs under another user than the image was made for."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "causeway", "healthcheck"]
    error_message = "The health check needs a shell or a tool that the image does not hold."
  }

  assert {
    condition     = aws_ecs_service.this.enable_execute_command == false
    error_message = "Somebody can open a shell in a task, with the right to sign."
  }
}

run "a_task_has_time_to_drain" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout > 10 + 20 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout <= 120
    error_message = "A task is killed before it has drained and closed."
  }

  assert {
    condition     = tonumber(one([for setting in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : setting.value if setting.name == "CAUSEWAY_HEADER_TIMEOUT_S"])) > var.idle_timeout_s
    error_message = "The portal closes idle connections before the load balancer does: people would see 502."
  }
}

run "tasks_stand_in_two_zones_without_public_addresses_and_roll_back" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = aws_ecs_service.this.network_configuration[0].assign_public_ip == false && length(aws_ecs_service.this.network_configuration[0].subnets) >= 2 && one(aws_ecs_service.this.network_configuration[0].security_groups) == "sg-service"
    error_message = "A task has a public address, or all stand in one subnet."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "A deployment that fails goes on for ever."
  }

  assert {
    condition     = aws_ecs_service.this.alarms[0].enable && aws_ecs_service.this.alarms[0].rollback && one(aws_ecs_service.this.alarms[0].alarm_names) == "causeway-portal-5xx"
    error_message = "A deployment that breaks the portal is not rolled back."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.desired_count == 2 && aws_ecs_service.this.health_check_grace_period_seconds > 0
    error_message = "A deployment takes tasks away before others are there."
  }

  assert {
    condition     = aws_ecs_task_definition.this.runtime_platform[0].cpu_architecture == "ARM64" && aws_ecs_task_definition.this.network_mode == "awsvpc"
    error_message = "The task is not of the architecture that was asked for."
  }
}

run "more_work_brings_more_tasks" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 10
    error_message = "The number of tasks has other bounds than were asked for."
  }

  assert {
    condition     = aws_appautoscaling_policy.requests.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/causeway/50dc6c495c0c9188/targetgroup/causeway-portal/73e2d6bc24d8a067" && aws_appautoscaling_policy.requests.target_tracking_scaling_policy_configuration[0].target_value == 1500
    error_message = "Requests do not bring more tasks."
  }

  assert {
    condition     = aws_appautoscaling_policy.cpu.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "ECSServiceAverageCPUUtilization"
    error_message = "A busy processor does not bring more tasks."
  }
}

run "the_signer_may_do_what_the_table_of_calls_says_and_no_more" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "Buckets"]).Action == ["s3:ListBucket"] && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "Buckets"]).Resource == ["arn:aws:s3:::corp-files"]
    error_message = "The task role may do more to buckets than the portal calls."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "Objects"]).Action == ["s3:GetObject", "s3:GetObjectVersion", "s3:ListMultipartUploadParts"] && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "Objects"]).Resource == ["arn:aws:s3:::corp-files/*"]
    error_message = "The task role may do more to objects than the portal calls and signs."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "KeysOfObjects"]).Action == ["kms:Decrypt", "kms:GenerateDataKey"] && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "KeysOfObjects"]).Resource == ["arn:aws:kms:eu-central-1:111122223333:key/objects"] && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "KeysOfObjects"]).Condition == { StringEquals = { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" } }
    error_message = "The task role may use the key for more than S3."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Effect == "Allow"]) == 3
    error_message = "The task role may do something else."
  }
}

run "the_signer_is_good_for_nothing_outside_the_endpoints" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "NowhereElse"]).Effect == "Deny" && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Resource if statement.Sid == "NowhereElse"]) == "*" && one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "NowhereElse"]).Condition == { StringNotEquals = { "aws:SourceVpce" = ["vpce-interface", "vpce-gateway"] } }
    error_message = "A URL of the task role also works from outside."
  }

  assert {
    condition     = length(setsubtract(flatten([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Action if statement.Effect == "Allow" && statement.Sid != "KeysOfObjects"]), one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement if statement.Sid == "NowhereElse"]).Action)) == 0
    error_message = "Something that the task role may do is not fenced."
  }
}

run "the_role_that_starts_a_task_cannot_touch_objects" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : [for action in statement.Action : !startswith(action, "s3:")]]))
    error_message = "The execution role may touch S3."
  }

  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn == aws_iam_role.task.arn && aws_ecs_task_definition.this.execution_role_arn == aws_iam_role.execution.arn && aws_iam_role.task.name == "causeway-eu-central-1-task" && aws_iam_role.execution.name == "causeway-eu-central-1-execution"
    error_message = "The two roles are one, or their names, which are the account's, have no Region."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement if statement.Sid == "WriteLog"]).Resource == "arn:aws:logs:eu-central-1:111122223333:log-group:/causeway/portal:*" && sort(one([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement if statement.Sid == "ReadSecrets"]).Resource) == sort([aws_secretsmanager_secret.this["CAUSEWAY_LINK_KEYS"].arn, "arn:aws:secretsmanager:eu-central-1:111122223333:secret:theirs-AbCdEf"])
    error_message = "The execution role reads other secrets or writes other logs than the portal's."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "Another account's tasks could be given this role."
  }
}

run "secrets_are_referred_to_and_never_written" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = { for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : secret.name => secret.valueFrom } == { CAUSEWAY_IDENTITY_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:theirs-AbCdEf", CAUSEWAY_LINK_KEYS = aws_secretsmanager_secret.this["CAUSEWAY_LINK_KEYS"].arn }
    error_message = "A secret is missing, or another one is used than was given."
  }

  assert {
    condition     = length(setintersection(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment[*].name, jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets[*].name)) == 0
    error_message = "A secret also stands in the task definition, where everyone may read it."
  }

  assert {
    condition     = keys(aws_secretsmanager_secret.this) == ["CAUSEWAY_LINK_KEYS"] && aws_secretsmanager_secret.this["CAUSEWAY_LINK_KEYS"].kms_key_id == aws_kms_key.this.arn && aws_kms_key.this.enable_key_rotation
    error_message = "A secret is made although one was given, or one is not under our key."
  }
}

run "the_image_is_ours_and_does_not_move" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/causeway:1.0.0"
    error_message = "Another image runs than was asked for."
  }

  assert {
    condition     = aws_ecr_repository.this["own"].image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this["own"].image_scanning_configuration[0].scan_on_push && aws_ecr_repository.this["own"].encryption_configuration[0].encryption_type == "KMS"
    error_message = "A tag can move, images are not scanned, or not under our key."
  }
}

run "an_image_of_another_account_is_pulled_by_its_own_arn" {
  module {
    source = "./modules/service"
  }

  variables {
    image_repository = "444455556666.dkr.ecr.eu-central-1.amazonaws.com/tools/causeway"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == "444455556666.dkr.ecr.eu-central-1.amazonaws.com/tools/causeway:1.0.0" && length(aws_ecr_repository.this) == 0
    error_message = "The image that was named does not run."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement if statement.Sid == "PullImage"]).Resource == "arn:aws:ecr:eu-central-1:444455556666:repository/tools/causeway"
    error_message = "The image that was named cannot be pulled."
  }
}

run "destroy_keeps_images_and_secrets_unless_asked" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = aws_ecr_repository.this["own"].force_delete == false && aws_secretsmanager_secret.this["CAUSEWAY_LINK_KEYS"].recovery_window_in_days == 30
    error_message = "Images or secrets go at once although nobody asked for it."
  }
}

run "destroy_takes_images_and_secrets_when_asked" {
  module {
    source = "./modules/service"
  }

  variables {
    force_destroy = true
  }

  assert {
    condition     = aws_ecr_repository.this["own"].force_delete && aws_secretsmanager_secret.this["CAUSEWAY_LINK_KEYS"].recovery_window_in_days == 0
    error_message = "Destroying would stop at the images, or leave a secret whose name is taken for a month."
  }
}
