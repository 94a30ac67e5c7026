# One page that shows whether people are served: answers, tasks, S3, endpoints.

locals {
  # Each metric as CloudWatch's dashboards write it: namespace, name, then dimension and value by turns.
  graphs = concat([
    { title = "Requests", stat = "Sum", metrics = [
      concat(["AWS/ApplicationELB", "RequestCount"], local.portal_pairs, [{ label = "portal" }]),
      concat(["AWS/ApplicationELB", "RequestCount"], local.s3_pairs, [{ label = "S3" }]),
    ] },
    { title = "Errors", stat = "Sum", metrics = [
      concat(["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"], local.load_balancer_pairs, [{ label = "load balancer 5xx" }]),
      concat(["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"], local.portal_pairs, [{ label = "portal 5xx" }]),
      concat(["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"], local.s3_pairs, [{ label = "S3 5xx" }]),
      concat(["AWS/ApplicationELB", "HTTPCode_Target_4XX_Count"], local.s3_pairs, [{ label = "S3 4xx" }]),
      [local.metric_namespace, "Refusals", { label = "refusals" }],
    ] },
    { title = "Time until the portal answers", stat = "p95", metrics = [
      concat(["AWS/ApplicationELB", "TargetResponseTime"], local.portal_pairs, [{ label = "p95" }]),
      concat(["AWS/ApplicationELB", "TargetResponseTime"], local.portal_pairs, [{ label = "median", stat = "p50" }]),
    ] },
    { title = "Tasks", stat = "Average", metrics = [
      ["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
      ["ECS/ContainerInsights", "DesiredTaskCount", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
      concat(["AWS/ApplicationELB", "UnHealthyHostCount"], local.portal_pairs, [{ label = "not ready" }]),
    ] },
    { title = "Processor and memory of the tasks (%)", stat = "Average", metrics = [
      ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
      ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
    ] },
    { title = "Bytes by the load balancer", stat = "Sum", metrics = [
      concat(["AWS/ApplicationELB", "ProcessedBytes"], local.load_balancer_pairs, [{ label = "bytes" }]),
      concat(["AWS/ApplicationELB", "ConsumedLCUs"], local.load_balancer_pairs, [{ label = "LCUs", yAxis = "right" }]),
    ] },
    ], var.web_acl_name == null ? [] : [
    { title = "What the firewall refuses", stat = "Sum", metrics = [
      ["AWS/WAFV2", "BlockedRequests", "WebACL", var.web_acl_name, "Region", var.aws.region, "Rule", "ALL", { label = "refused" }],
      ["AWS/WAFV2", "CountedRequests", "WebACL", var.web_acl_name, "Region", var.aws.region, "Rule", "ALL", { label = "only counted" }],
    ] },
  ])

  load_balancer_pairs = ["LoadBalancer", var.load_balancer_arn_suffix]
  portal_pairs        = concat(["TargetGroup", var.target_group_arn_suffixes.portal], local.load_balancer_pairs)
  s3_pairs            = concat(["TargetGroup", var.target_group_arn_suffixes.s3], local.load_balancer_pairs)
}

resource "aws_cloudwatch_dashboard" "this" {
  # Dashboards are the account's, and a deployment in each of two Regions may have one name.
  dashboard_name = "${var.name}-${var.aws.region}"

  dashboard_body = jsonencode({
    widgets = [for index, graph in local.graphs : {
      type   = "metric"
      width  = 12
      height = 6
      x      = index % 2 * 12
      y      = floor(index / 2) * 6
      properties = {
        title   = graph.title
        region  = var.aws.region
        view    = "timeSeries"
        stat    = graph.stat
        period  = 60
        metrics = graph.metrics
      }
    }]
  })
}
