# A record for each host, where a zone was given. Else the operator points the hosts at the load balancer.

locals {
  record_hosts = var.dns_zone_id == null ? toset([]) : toset(concat([var.portal_host], [for bucket in var.buckets : bucket.files_host]))
}

data "aws_route53_zone" "this" {
  for_each = var.dns_zone_id == null ? toset([]) : toset(["given"])
  zone_id  = var.dns_zone_id
}

resource "aws_route53_record" "this" {
  for_each = local.record_hosts

  zone_id = var.dns_zone_id
  name    = each.value
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }

  lifecycle {
    precondition {
      condition     = endswith(".${each.value}", ".${trimsuffix(data.aws_route53_zone.this["given"].name, ".")}")
      error_message = "${each.value} is not in the zone dns_zone_id, ${data.aws_route53_zone.this["given"].name}: give the zone of its domain, or null and set the record yourself."
    }
  }
}
