# An optional firewall for the portal's host alone. On the files hosts its managed rules would refuse presigned URLs
# (queries above 2,048 bytes), long keys and every upload (bodies above 8 KB).

locals {
  # WAF's JSON takes the text to look for in base64.
  on_portal_host = {
    ByteMatchStatement = {
      SearchString         = base64encode(var.portal_host)
      FieldToMatch         = { SingleHeader = { Name = "host" } }
      PositionalConstraint = "EXACTLY"
      TextTransformations  = [{ Priority = 0, Type = "LOWERCASE" }]
    }
  }

  managed_rules = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]

  waf_rules = [for priority, group in local.managed_rules : {
    Name           = group
    Priority       = priority
    OverrideAction = { None = {} }
    Statement = {
      ManagedRuleGroupStatement = merge(
        { VendorName = "AWS", Name = group, ScopeDownStatement = local.on_portal_host },
        # Lists of parts and of keys are longer than 8 KB. The portal has a limit of its own.
        group == "AWSManagedRulesCommonRuleSet" ? { RuleActionOverrides = [{ Name = "SizeRestrictions_BODY", ActionToUse = { Count = {} } }] } : {},
      )
    }
    VisibilityConfig = {
      SampledRequestsEnabled   = true
      CloudWatchMetricsEnabled = true
      MetricName               = "${var.name}-${group}"
    }
  }]
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:The rules for Log4j are in AWSManagedRulesKnownBadInputsRuleSet, which stands in rule_json, where this check does not look.
  #checkov:skip=CKV_AWS_175:The rules stand in rule_json, where this check does not look.
  #checkov:skip=CKV2_AWS_31:What WAF refuses is in the load balancer's log (error_reason WAF…), and its metrics are on the dashboard.
  for_each = var.waf ? toset(["portal"]) : toset([])

  name      = var.name
  scope     = "REGIONAL"
  rule_json = jsonencode(local.waf_rules)
  tags      = var.tags

  default_action {
    allow {}
  }

  visibility_config {
    sampled_requests_enabled   = true
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = aws_wafv2_web_acl.this

  resource_arn = aws_lb.this.arn
  web_acl_arn  = each.value.arn
}
