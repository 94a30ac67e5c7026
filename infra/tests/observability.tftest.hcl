# Logs, alarms and the dashboard, in the module itself.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  aws                       = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
  name                      = "causeway"
  tags                      = { Team = "files" }
  log_retention_days        = 365
  access_log_retention_days = 90
  log_reader_role_arns      = ["arn:aws:iam::111122223333:role/auditor"]
  bucket_names              = ["corp-files", "media.corp.example"]
  vpc_id                    = "vpc-0a1b2c3d"
  flow_log                  = true
  alarm_topic_arns          = ["arn:aws:sns:eu-central-1:111122223333:on-call"]
  load_balancer_arn_suffix  = "app/causeway/50dc6c495c0c9188"
  target_group_arn_suffixes = { portal = "targetgroup/causeway-portal/1", s3 = "targetgroup/causeway-s3/2" }
  interface_endpoints       = { s3 = { id = "vpce-interface", service_name = "com.amazonaws.eu-central-1.s3" } }
  web_acl_name              = null
  cluster_name              = "causeway"
  service_name              = "portal"
  force_destroy             = false
}

run "log_buckets_can_be_written_by_their_services" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = alltrue(flatten([for bucket in aws_s3_bucket_server_side_encryption_configuration.logs : [for rule in bucket.rule : [for default in rule.apply_server_side_encryption_by_default : default.sse_algorithm == "AES256"]]]))
    error_message = "A log bucket has a KMS key: no log would ever arrive."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Principal == { Service = "logdelivery.elasticloadbalancing.amazonaws.com" } && one([for statement in jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Action == "s3:PutObject" && one([for statement in jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Resource == "arn:aws:s3:::causeway-111122223333-eu-central-1-alb-logs/AWSLogs/111122223333/*" && !can(one([for statement in jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Condition)
    error_message = "The load balancer may not write its log."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Principal == { Service = "logging.s3.amazonaws.com" } && one([for statement in jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Action == "s3:PutObject" && one([for statement in jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Condition.ArnLike["aws:SourceArn"] == ["arn:aws:s3:::corp-files", "arn:aws:s3:::media.corp.example"] && one([for statement in jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement : statement if statement.Sid == "ServiceWrites"]).Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "S3 may not write its log, or may write another account's."
  }
}

run "log_buckets_with_signatures_are_closed" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = alltrue([for statements in [jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement, jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement] : one([for statement in statements : statement if statement.Sid == "DenyReading"]).Condition.ArnNotLike["aws:PrincipalArn"] == ["arn:aws:iam::111122223333:role/auditor"]])
    error_message = "Others than the readers may read logs that hold signed URLs."
  }

  assert {
    condition     = alltrue([for statements in [jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement, jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement] : one([for statement in statements : statement if statement.Sid == "DenyReading"]).Effect == "Deny" && one([for statement in statements : statement if statement.Sid == "DenyReading"]).Action == "s3:GetObject*" && endswith(one([for statement in statements : statement if statement.Sid == "DenyReading"]).Resource, "-logs/*")])
    error_message = "Reading the logs is not denied."
  }

  assert {
    condition     = alltrue([for statements in [jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement, jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement] : length([for statement in statements : statement if statement.Effect == "Allow"]) == 1])
    error_message = "Somebody else may do something to a log bucket."
  }

  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.logs : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets]) && length(aws_s3_bucket_public_access_block.logs) == 2
    error_message = "A log bucket can be made public."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket_lifecycle_configuration.logs : bucket.rule[0].expiration[0].days == 90])
    error_message = "Signed URLs are kept for longer than was asked for."
  }

  assert {
    condition     = alltrue(flatten([for statement in concat(jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement, jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement) : [for action in flatten([statement.Action]) : action != "s3:*"]]))
    error_message = "A statement denies the way to mend the policy."
  }
}

run "without_readers_nobody_reads_the_logs" {
  module {
    source = "./modules/observability"
  }

  variables {
    log_reader_role_arns = []
  }

  assert {
    condition     = alltrue([for statements in [jsondecode(aws_s3_bucket_policy.logs["load-balancer"].policy).Statement, jsondecode(aws_s3_bucket_policy.logs["s3"].policy).Statement] : !can(one([for statement in statements : statement if statement.Sid == "DenyReading"]).Condition)])
    error_message = "Without readers the logs are open."
  }
}

run "every_log_group_is_encrypted_and_ends" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == aws_kms_key.logs.arn && group.retention_in_days == 365]) && length(aws_cloudwatch_log_group.this) == 2
    error_message = "A log group has no key, or no end."
  }

  assert {
    condition     = aws_kms_key.logs.enable_key_rotation && jsondecode(aws_kms_key.logs.policy).Statement[1].Principal == { Service = "logs.eu-central-1.amazonaws.com" }
    error_message = "CloudWatch may not use the key, or it does not rotate."
  }

  assert {
    condition     = aws_flow_log.this["network"].vpc_id == "vpc-0a1b2c3d" && aws_flow_log.this["network"].traffic_type == "ALL"
    error_message = "The network's flow is not logged."
  }

  assert {
    condition     = contains(flatten(jsondecode(aws_iam_role_policy.flow_log["network"].policy).Statement[*].Action), "logs:DescribeLogGroups")
    error_message = "The flow log's role may not look for its group, and nothing is written."
  }
}

run "a_vpc_with_a_flow_log_gets_no_second" {
  module {
    source = "./modules/observability"
  }

  variables {
    flow_log = false
  }

  assert {
    condition     = length(aws_flow_log.this) == 0 && length(aws_iam_role.flow_log) == 0 && keys(aws_cloudwatch_log_group.this) == ["portal"]
    error_message = "A second flow log is made."
  }
}

run "whatever_somebody_has_to_look_at_has_an_alarm" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic}" } == {
      load-balancer-5xx = "AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum"
      portal-5xx        = "AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum"
      s3-5xx            = "AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum"
      portal-unhealthy  = "AWS/ApplicationELB UnHealthyHostCount Maximum"
      s3-unhealthy      = "AWS/ApplicationELB UnHealthyHostCount Maximum"
      bucket-not-ready  = "Causeway/causeway BucketsNotReady Sum"
      refusals          = "Causeway/causeway Refusals Sum"
      endpoint-s3-drops = "AWS/PrivateLinkEndpoints PacketsDropped Sum"
    }
    error_message = "An alarm is missing, or looks at something else."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["portal-unhealthy"].dimensions["TargetGroup"] == "targetgroup/causeway-portal/1" && aws_cloudwatch_metric_alarm.this["s3-unhealthy"].dimensions["TargetGroup"] == "targetgroup/causeway-s3/2"
    error_message = "An alarm about targets looks at the other group."
  }

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.portal_slow, aws_cloudwatch_metric_alarm.missing_tasks]) : one(alarm.alarm_actions) == "arn:aws:sns:eu-central-1:111122223333:on-call" && one(alarm.ok_actions) == "arn:aws:sns:eu-central-1:111122223333:on-call"])
    error_message = "An alarm tells nobody."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.missing_tasks.treat_missing_data == "breaching" && one([for query in aws_cloudwatch_metric_alarm.missing_tasks.metric_query : query.expression if query.id == "missing"]) == "desired - running"
    error_message = "Nobody is told that tasks are missing."
  }

  assert {
    condition     = one(aws_cloudwatch_log_metric_filter.refusals.metric_transformation[*].name) == aws_cloudwatch_metric_alarm.this["refusals"].metric_name && one(aws_cloudwatch_log_metric_filter.refusals.metric_transformation[*].namespace) == aws_cloudwatch_metric_alarm.this["refusals"].namespace
    error_message = "The alarm about refusals looks at a metric that nobody writes."
  }

  assert {
    condition     = one(aws_cloudwatch_log_metric_filter.bucket_not_ready.metric_transformation[*].name) == aws_cloudwatch_metric_alarm.this["bucket-not-ready"].metric_name && strcontains(file("../server/src/health.rs"), "\"${one(flatten(regexall("message = \"([^\"]+)\"", aws_cloudwatch_log_metric_filter.bucket_not_ready.pattern)))}\"")
    error_message = "The alarm about a bucket that does not answer looks for a line that the server does not write."
  }

  assert {
    condition     = [for query in aws_cloudwatch_metric_alarm.portal_slow.metric_query : query.expression if query.return_data == true] == ["IF(requests > 20, p95, 0)"] && aws_cloudwatch_metric_alarm.portal_slow.comparison_operator == "GreaterThanThreshold" && aws_cloudwatch_metric_alarm.portal_slow.threshold == 1
    error_message = "One slow answer at night rings, and rolls a deployment back."
  }

  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.portal_slow.metric_query : query.id => [for metric in query.metric : "${metric.namespace} ${metric.metric_name} ${metric.stat} ${metric.period} ${metric.dimensions["LoadBalancer"]} ${metric.dimensions["TargetGroup"]}"] if query.expression == null } == {
      p95      = ["AWS/ApplicationELB TargetResponseTime p95 60 app/causeway/50dc6c495c0c9188 targetgroup/causeway-portal/1"]
      requests = ["AWS/ApplicationELB RequestCount Sum 60 app/causeway/50dc6c495c0c9188 targetgroup/causeway-portal/1"]
    }
    error_message = "The alarm about slow answers measures something else than it counts."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.portal_slow.evaluate_low_sample_count_percentiles == "evaluate" && aws_cloudwatch_metric_alarm.portal_slow.treat_missing_data == "notBreaching"
    error_message = "An alarm about slow answers lasts all night, for nothing ends it where few ask."
  }

  assert {
    condition     = one(flatten(regexall("(?m)^\\| `portal-slow` \\| .*more than ([0-9]+) requests", file("../docs/operations.md")))) == one(flatten([for query in aws_cloudwatch_metric_alarm.portal_slow.metric_query : regexall("requests > ([0-9]+)", query.expression) if query.expression != null]))
    error_message = "docs/operations.md tells another number of requests than that from which slow answers are judged."
  }

  assert {
    condition     = length(setsubtract(output.deployment_alarm_names, concat(values(aws_cloudwatch_metric_alarm.this)[*].alarm_name, [aws_cloudwatch_metric_alarm.portal_slow.alarm_name]))) == 0 && length(output.deployment_alarm_names) == 3
    error_message = "A deployment waits for an alarm that does not exist."
  }
}

run "the_dashboard_shows_both_target_groups_and_the_tasks" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 6 && strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "targetgroup/causeway-portal/1") && strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "targetgroup/causeway-s3/2") && strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "RunningTaskCount")
    error_message = "The dashboard leaves out whether people are served."
  }
}

run "destroy_takes_the_logs_when_asked" {
  module {
    source = "./modules/observability"
  }

  variables {
    force_destroy = true
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.logs : bucket.force_destroy])
    error_message = "Destroying would stop at the logs."
  }
}

run "destroy_keeps_the_logs_unless_asked" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.logs : !bucket.force_destroy])
    error_message = "The logs go although nobody asked for it."
  }
}

run "the_dashboard_shows_what_the_firewall_refuses" {
  module {
    source = "./modules/observability"
  }

  variables {
    web_acl_name = "causeway"
  }

  assert {
    condition     = one([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.metrics[0] if widget.properties.title == "What the firewall refuses"])[1] == "BlockedRequests" && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7
    error_message = "Nobody sees what the firewall refuses."
  }
}

run "two_regions_of_one_account_do_not_collide" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "causeway-eu-central-1" && aws_iam_role.flow_log["network"].name == "causeway-eu-central-1-flow-log"
    error_message = "A dashboard or a role, which are the account's, has no Region in its name."
  }
}
