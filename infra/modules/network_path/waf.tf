# An optional firewall for the portal's host alone. On the files hosts its managed rules would refuse presigned URLs
# (queries above 2,048 bytes), long keys and every upload (bodies above 8 KB).

locals {
  on_portal_host = {
    ByteMatchStatement = {
      # As it is: the provider writes it in base64, as WAF's API takes it.
      SearchString         = var.portal_host
      FieldToMatch         = { SingleHeader = { Name = "host" } }
      PositionalConstraint = "EXACTLY"
      TextTransformations  = [{ Priority = 0, Type = "LOWERCASE" }]
    }
  }

  managed_rules = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]

  # Rules that only count. Keys travel in the portal's queries and bodies, and people call objects what they like:
  # `setup.ini`, `../old/<b>.txt`, `a?u=http://10.1.2.3`. Lists of parts and of keys are longer than 8 KB, a query with a
  # key of 1,024 bytes is longer than 2,048 when it is encoded. The portal has limits of its own for both. In a share link
  # the key travels in the path, sealed: /s/ and a token, about 1,600 bytes for the longest key, where the rule for paths
  # refuses what is longer than 1,024; a token's end may read like `.log`, and a bucket may be called so. A load balancer
  # takes no request line above 16 KB.
  counted_rules = {
    AWSManagedRulesCommonRuleSet = [
      "SizeRestrictions_BODY",
      "SizeRestrictions_QUERYSTRING",
      "SizeRestrictions_URIPATH",
      "RestrictedExtensions_URIPATH",
      "RestrictedExtensions_QUERYARGUMENTS",
      "GenericLFI_QUERYARGUMENTS",
      "GenericLFI_BODY",
      "GenericRFI_QUERYARGUMENTS",
      "GenericRFI_BODY",
      "CrossSiteScripting_QUERYARGUMENTS",
      "CrossSiteScripting_BODY",
    ]
    AWSManagedRulesKnownBadInputsRuleSet = []
  }

  waf_rules = [for priority, group in local.managed_rules : {
    Name           = group
    Priority       = priority
    OverrideAction = { None = {} }
    Statement = {
      ManagedRuleGroupStatement = merge(
        { VendorName = "AWS", Name = group, ScopeDownStatement = local.on_portal_host },
        length(local.counted_rules[group]) == 0 ? {} : { RuleActionOverrides = [for rule in local.counted_rules[group] : { Name = rule, ActionToUse = { Count = {} } }] },
      )
    }
    VisibilityConfig = {
      # A sample holds the whole address: /s/ and its token, which is a permission.
      SampledRequestsEnabled   = false
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
    sampled_requests_enabled   = false
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = aws_wafv2_web_acl.this

  resource_arn = aws_lb.this.arn
  web_acl_arn  = each.value.arn
}
