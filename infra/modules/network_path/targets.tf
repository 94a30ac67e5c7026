# Where the rules lead: the tasks, and the fixed addresses of the S3 interface endpoint.

resource "aws_lb_target_group" "portal" {
  #checkov:skip=CKV_AWS_378:From the load balancer to the tasks it is one hop between two security groups of the same VPC, and the tasks hold no certificate. No object bytes go this way.
  name                          = "${var.name}-portal"
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  port                          = var.portal_port
  protocol                      = "HTTP"
  load_balancing_algorithm_type = "least_outstanding_requests"
  # Answers of the portal are short: object bytes do not pass through it.
  deregistration_delay = 20
  tags                 = var.tags

  # While a deployment runs, two versions answer, and each knows its own assets alone: a page and what it loads later,
  # such as the uploader, come from one task, for as long as a deployment takes. No longer: nothing else of a person's is
  # kept there, and new tasks are to get their share.
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 300
  }

  health_check {
    path                = "/readyz"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    precondition {
      condition     = length(distinct(local.zones.service)) >= 2
      error_message = "The subnets in service_subnet_ids all lie in ${join(", ", distinct(local.zones.service))}: give subnets in at least two Availability Zones, or the portal is gone when that one is."
    }

    precondition {
      condition     = length(setsubtract(local.zones.service, local.zones.load_balancer)) == 0
      error_message = "The subnets in service_subnet_ids lie in ${join(", ", distinct(local.zones.service))}, and the load balancer in ${join(", ", distinct(local.zones.load_balancer))} alone, where it sends nothing to other zones: add a subnet of each zone to load_balancer_subnet_ids."
    }
  }
}

resource "aws_lb_target_group" "s3" {
  name             = "${var.name}-s3"
  vpc_id           = var.vpc_id
  target_type      = "ip"
  port             = 443
  protocol         = "HTTPS"
  protocol_version = "HTTP1"
  tags             = var.tags

  health_check {
    path     = "/"
    protocol = "HTTPS"
    # The check names the target's address as Host, which is no bucket: S3 answers with one of these, and lives.
    matcher             = "200,307,403,405"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

locals {
  # Known while planning, since the addresses are fixed: by subnet where the endpoint is ours, else by address.
  s3_targets = (
    local.s3_interface_exists
    ? { for address in var.existing_endpoints.s3_interface_addresses : address => address }
    : var.s3_endpoint_addresses
  )
}

resource "aws_lb_target_group_attachment" "s3" {
  for_each = local.s3_targets

  target_group_arn = aws_lb_target_group.s3.arn
  target_id        = each.value
  port             = 443
}
