# The internal load balancer, its two listeners, and the rules that rules.json holds.

locals {
  rules = jsondecode(file("${path.module}/rules.json"))

  # The Host of each role's rules, and what S3 shall see instead. The portal's is never rewritten.
  hosts = {
    portal = { portal = { position = 0, host = var.portal_host, rewrite_to = null } }
    files = { for position, bucket in var.buckets : bucket.name => {
      position   = coalesce(bucket.rule_number, position)
      host       = bucket.files_host
      rewrite_to = bucket.signing_host == bucket.files_host ? null : bucket.signing_host
    } }
  }

  # One listener rule for each rule and each host of its role.
  listener_rules = merge([
    for index, rule in local.rules.rules : {
      for label, host in local.hosts[rule.host] : "${rule.name}/${label}" => merge(rule, {
        # Buckets at the end of the list get new numbers and leave the others'; one taken out of the middle leaves them
        # where the others have a rule_number.
        priority   = (index + 1) * 100 + host.position
        host_name  = host.host
        rewrite_to = host.rewrite_to
        # The same expression as condition and as rewrite: what the rule takes is rewritten, without exception.
        host_regex = "^${replace(host.host, ".", "\\.")}$"
        sign_in    = var.sign_in == null ? null : rule.sign_in
      })
    }
  ]...)

  target_groups = {
    portal = aws_lb_target_group.portal.arn
    s3     = aws_lb_target_group.s3.arn
  }

  # Each certificate once; the portal's is the listener's own.
  extra_certificates = setsubtract(toset(values(var.certificate_arns)), [var.certificate_arns[var.portal_host]])
}

data "aws_subnet" "load_balancer" {
  for_each = toset(var.load_balancer_subnet_ids)
  id       = each.value
}

data "aws_subnet" "service" {
  for_each = toset(var.service_subnet_ids)
  id       = each.value
}

locals {
  # Of each subnet, so that a zone that is there twice shows.
  zones = {
    load_balancer = [for subnet in data.aws_subnet.load_balancer : subnet.availability_zone]
    service       = [for subnet in data.aws_subnet.service : subnet.availability_zone]
    s3_endpoint   = [for subnet in data.aws_subnet.s3_endpoint : subnet.availability_zone]
  }

  # An endpoint refuses a second subnet of a zone; tasks may stand in several.
  service_subnets_by_zone     = { for id in sort(var.service_subnet_ids) : data.aws_subnet.service[id].availability_zone => id... }
  service_endpoint_subnet_ids = [for ids in values(local.service_subnets_by_zone) : ids[0]]
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_131:Dropping headers with odd names would drop the signed x-amz-meta-… of names with an underscore, and the signature would fail. The desync mitigation guards against smuggling.
  #checkov:skip=CKV2_AWS_28:A firewall is the operator's choice (waf); its managed rules refuse presigned URLs, so it looks at the portal's host alone.
  #checkov:skip=CKV_AWS_150:On unless the operator switches it off (deletion_protection), so that destroy can work when asked for.
  name                       = var.name
  internal                   = true
  load_balancer_type         = "application"
  subnets                    = var.load_balancer_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = local.rules.idle_timeout_s
  enable_http2               = true
  desync_mitigation_mode     = "defensive"
  drop_invalid_header_fields = false
  # The last address in X-Forwarded-For is the load balancer's own finding, whatever a client claims before it.
  xff_header_processing_mode = "append"
  tags                       = var.tags

  access_logs {
    bucket  = var.load_balancer_log_bucket
    enabled = true
  }

  lifecycle {
    precondition {
      condition     = length(distinct(local.zones.load_balancer)) >= 2 && length(distinct(local.zones.load_balancer)) == length(local.zones.load_balancer)
      error_message = "The subnets in load_balancer_subnet_ids lie in ${join(", ", local.zones.load_balancer)}: give one subnet in each of at least two Availability Zones. A load balancer refuses two of a zone."
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  # No other port: the load balancer would add it to the Host, and no signature would hold.
  port            = local.rules.redirect.to_port
  protocol        = "HTTPS"
  ssl_policy      = var.ssl_policy
  certificate_arn = var.certificate_arns[var.portal_host]
  tags            = var.tags

  routing_http_response_strict_transport_security_header_value = local.rules.response_headers.set["Strict-Transport-Security"]
  routing_http_response_x_content_type_options_header_value    = local.rules.response_headers.set["X-Content-Type-Options"]
  routing_http_response_server_enabled                         = !contains(local.rules.response_headers.remove, "Server")

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = tostring(local.rules.default_action.status)
      content_type = local.rules.default_action.content_type
      message_body = local.rules.default_action.body
    }
  }

  lifecycle {
    precondition {
      condition     = alltrue([for arn in values(var.certificate_arns) : split(":", arn)[3] == var.aws.region])
      error_message = "A certificate in certificate_arns is of another Region than ${var.aws.region}, where the load balancer stands: a load balancer takes those of its own alone. Given: ${join(", ", values(var.certificate_arns))}."
    }
  }
}

resource "aws_lb_listener_certificate" "this" {
  for_each = local.extra_certificates

  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = each.value
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  port              = local.rules.redirect.from_port
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      port        = tostring(local.rules.redirect.to_port)
      protocol    = "HTTPS"
      status_code = "HTTP_${local.rules.redirect.status}"
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.listener_rules

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority
  tags         = merge(var.tags, { Name = each.key })

  condition {
    host_header {
      values       = each.value.rewrite_to == null ? [each.value.host_name] : null
      regex_values = each.value.rewrite_to == null ? null : [each.value.host_regex]
    }
  }

  dynamic "condition" {
    for_each = length(each.value.methods) > 0 ? [each.value.methods] : []

    content {
      http_request_method {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = each.value.query

    content {
      query_string {
        key   = condition.key
        value = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  dynamic "action" {
    for_each = each.value.sign_in == null ? [] : [each.value.sign_in]

    content {
      type  = "authenticate-oidc"
      order = 1

      authenticate_oidc {
        issuer                     = var.sign_in.issuer
        authorization_endpoint     = var.sign_in.authorization_endpoint
        token_endpoint             = var.sign_in.token_endpoint
        user_info_endpoint         = var.sign_in.user_info_endpoint
        client_id                  = var.sign_in.client_id
        client_secret              = var.sign_in_client_secret
        scope                      = var.sign_in.scope
        session_timeout            = var.sign_in.session_timeout_s
        on_unauthenticated_request = action.value
      }
    }
  }

  action {
    type             = "forward"
    order            = each.value.sign_in == null ? null : 2
    target_group_arn = local.target_groups[each.value.target]
  }

  dynamic "transform" {
    for_each = each.value.rewrite_to == null ? [] : [each.value.rewrite_to]

    content {
      type = "host-header-rewrite"

      host_header_rewrite_config {
        rewrite {
          regex   = each.value.host_regex
          replace = transform.value
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = 1 + length(each.value.methods) + length(each.value.query) + length(each.value.paths) <= 5
      error_message = "Rule ${each.key} has more than five condition values, which a load balancer refuses. Split it in rules.json."
    }
  }
}
