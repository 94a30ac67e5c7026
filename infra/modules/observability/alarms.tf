# What somebody has to look at. The three about answers also stop a deployment and roll it back.
#
# What each means and what to do is in docs/operations.md.

locals {
  on_load_balancer = { LoadBalancer = var.load_balancer_arn_suffix }
  on_portal        = merge(local.on_load_balancer, { TargetGroup = var.target_group_arn_suffixes.portal })
  on_s3            = merge(local.on_load_balancer, { TargetGroup = var.target_group_arn_suffixes.s3 })

  # Per minute; an alarm after three of five bad minutes.
  alarms = merge(
    {
      load-balancer-5xx = { why = "The load balancer itself answers with errors: no healthy task, or one that breaks off.", namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", above = 5, dimensions = local.on_load_balancer }
      portal-5xx        = { why = "The portal answers with errors.", namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 5, dimensions = local.on_portal }
      s3-5xx            = { why = "S3 answers browsers with errors.", namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 20, dimensions = local.on_s3 }
      portal-unhealthy  = { why = "A task is not ready.", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, dimensions = local.on_portal }
      s3-unhealthy      = { why = "An address of the S3 endpoint does not answer.", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, dimensions = local.on_s3 }
      bucket-not-ready  = { why = "A task that starts sees no answer of S3 for a bucket, and gets no requests.", namespace = local.metric_namespace, metric = "BucketsNotReady", statistic = "Sum", above = 0, dimensions = {} }
      refusals          = { why = "Far more requests than usual are refused: a policy that is wrong, or somebody who tries doors.", namespace = local.metric_namespace, metric = "Refusals", statistic = "Sum", above = 100, dimensions = {} }
    },
    { for service, endpoint in var.interface_endpoints : "endpoint-${replace(service, ".", "-")}-drops" => {
      why        = "The ${service} endpoint drops packets.", namespace = "AWS/PrivateLinkEndpoints", metric = "PacketsDropped", statistic = "Sum", above = 100
      dimensions = { "VPC Id" = var.vpc_id, "VPC Endpoint Id" = endpoint.id, "Endpoint Type" = "Interface", "Service Name" = endpoint.service_name }
    } },
  )

  deployment_alarms = [
    aws_cloudwatch_metric_alarm.this["load-balancer-5xx"],
    aws_cloudwatch_metric_alarm.this["portal-5xx"],
    aws_cloudwatch_metric_alarm.portal_slow,
  ]
  metric_namespace = "Causeway/${var.name}"
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.why} See docs/operations.md."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = each.value.above
  comparison_operator = "GreaterThanThreshold"
  # A quiet night has no data, and is no alarm.
  treat_missing_data = "notBreaching"
  alarm_actions      = var.alarm_topic_arns
  ok_actions         = var.alarm_topic_arns
  tags               = var.tags
}

# Of three answers in a minute at night the slowest is the 95th percentile, and one slow listing is no alarm. Minutes of so
# few count as good, so that an alarm also ends in them: CloudWatch's own way, "ignore", judges nothing below 200 answers
# and keeps the state that was, which is an alarm until the morning and no alarm ever where few ask.
resource "aws_cloudwatch_metric_alarm" "portal_slow" {
  alarm_name          = "${var.name}-portal-slow"
  alarm_description   = "One answer of the portal in twenty takes longer than a second. See docs/operations.md."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  # Said, though it is the default: the provider would keep what stood there.
  evaluate_low_sample_count_percentiles = "evaluate"
  alarm_actions                         = var.alarm_topic_arns
  ok_actions                            = var.alarm_topic_arns
  tags                                  = var.tags

  metric_query {
    id = "slow"
    # Above 20, one slow answer is less than one in twenty.
    expression  = "IF(requests > 20, p95, 0)"
    label       = "seconds, where there are enough answers"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      p95      = { metric = "TargetResponseTime", statistic = "p95" }
      requests = { metric = "RequestCount", statistic = "Sum" }
    }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value.metric
        dimensions  = local.on_portal
        period      = 60
        stat        = metric_query.value.statistic
      }
    }
  }
}

# Else the alarm of the old address is deleted after that of the new one was written, and they have one name.
moved {
  from = aws_cloudwatch_metric_alarm.this["portal-slow"]
  to   = aws_cloudwatch_metric_alarm.portal_slow
}

resource "aws_cloudwatch_metric_alarm" "missing_tasks" {
  alarm_name          = "${var.name}-missing-tasks"
  alarm_description   = "Fewer tasks run than should. See docs/operations.md."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 10
  datapoints_to_alarm = 10
  # No data means that nothing runs.
  treat_missing_data = "breaching"
  alarm_actions      = var.alarm_topic_arns
  ok_actions         = var.alarm_topic_arns
  tags               = var.tags

  metric_query {
    id          = "missing"
    expression  = "desired - running"
    label       = "missing tasks"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { desired = "DesiredTaskCount", running = "RunningTaskCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "ECS/ContainerInsights"
        metric_name = metric_query.value
        dimensions  = { ClusterName = var.cluster_name, ServiceName = var.service_name }
        period      = 60
        stat        = "Minimum"
      }
    }
  }

  lifecycle {
    # Of all alarms, said once.
    precondition {
      condition     = alltrue([for arn in var.alarm_topic_arns : split(":", arn)[3] == var.aws.region])
      error_message = "A topic in alarm_topic_arns is of another Region than ${var.aws.region}, and an alarm tells those of its own alone: write topics of ${var.aws.region}. Given: ${join(", ", var.alarm_topic_arns)}."
    }
  }
}

# The portal's log has one line for each answer; 401 and 403 are refusals.
resource "aws_cloudwatch_log_metric_filter" "refusals" {
  name           = "${var.name}-refusals"
  log_group_name = aws_cloudwatch_log_group.this["portal"].name
  pattern        = "{ ($.message = \"answered\") && (($.status = 401) || ($.status = 403)) }"

  metric_transformation {
    namespace     = local.metric_namespace
    name          = "Refusals"
    value         = "1"
    default_value = "0"
  }
}

# A task asks S3 for each bucket until all have answered once, and writes a line for each that does not.
resource "aws_cloudwatch_log_metric_filter" "bucket_not_ready" {
  name           = "${var.name}-bucket-not-ready"
  log_group_name = aws_cloudwatch_log_group.this["portal"].name
  pattern        = "{ $.message = \"bucket is not ready\" }"

  metric_transformation {
    namespace     = local.metric_namespace
    name          = "BucketsNotReady"
    value         = "1"
    default_value = "0"
  }
}
