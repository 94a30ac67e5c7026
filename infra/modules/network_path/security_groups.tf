# Who may speak to whom: people to the load balancer, the load balancer to the tasks and to S3, the tasks to their
# endpoints. From group to group, so that no address range has to be kept in step, and nothing at all to everywhere.

locals {
  s3_endpoint_security_group_id = (
    local.s3_interface_exists ? var.existing_endpoints.s3_interface_security_group_id : aws_security_group.s3_endpoint["own"].id
  )

  # The group of each endpoint that tasks call: ours, or the existing endpoint's.
  service_endpoint_security_groups = merge(
    length(local.own_services) > 0 ? { own = aws_security_group.service_endpoints.id } : {},
    { for group in toset(values(var.existing_endpoints.services)) : group => group },
  )

  https_listeners = { https = local.rules.redirect.to_port, redirect = local.rules.redirect.from_port }
  client_networks = { for pair in setproduct(keys(local.https_listeners), toset(var.client_cidr_blocks)) : "${pair[0]}/${pair[1]}" => { port = local.https_listeners[pair[0]], cidr = pair[1] } }
  client_groups   = { for pair in setproduct(keys(local.https_listeners), toset(var.client_security_group_ids)) : "${pair[0]}/${pair[1]}" => { port = local.https_listeners[pair[0]], group = pair[1] } }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "The internal load balancer: people in, tasks and S3 out"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-load-balancer" })
}

resource "aws_security_group" "service" {
  #checkov:skip=CKV2_AWS_5:It is the tasks' group, which the service module takes as a variable.
  name        = "${var.name}-service"
  description = "The tasks: the load balancer in, AWS endpoints out"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-service" })
}

resource "aws_security_group" "s3_endpoint" {
  #checkov:skip=CKV2_AWS_5:It is the S3 interface endpoint's group; the check does not follow for_each.
  for_each = local.s3_interface_exists ? toset([]) : toset(["own"])

  name        = "${var.name}-s3-endpoint"
  description = "The S3 interface endpoint: the load balancer in"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-s3-endpoint" })
}

resource "aws_security_group" "service_endpoints" {
  name        = "${var.name}-service-endpoints"
  description = "The endpoints that tasks need to run: the tasks in"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-service-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "people_by_network" {
  for_each = local.client_networks

  security_group_id = aws_security_group.load_balancer.id
  description       = "People of ${each.value.cidr}"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  tags              = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "people_by_group" {
  for_each = local.client_groups

  security_group_id            = aws_security_group.load_balancer.id
  description                  = "People behind ${each.value.group}"
  referenced_security_group_id = each.value.group
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_service" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Pages and API"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = var.portal_port
  to_port                      = var.portal_port
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "service_from_load_balancer" {
  security_group_id            = aws_security_group.service.id
  description                  = "Pages and API"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = var.portal_port
  to_port                      = var.portal_port
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_s3" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Object bytes"
  referenced_security_group_id = local.s3_endpoint_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "s3_from_load_balancer" {
  security_group_id            = local.s3_endpoint_security_group_id
  description                  = "Object bytes, for ${var.name}"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${var.aws.region}.s3"
}

resource "aws_vpc_security_group_egress_rule" "service_to_s3" {
  security_group_id = aws_security_group.service.id
  description       = "The portal's own calls, by the gateway endpoint"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_to_endpoints" {
  for_each = local.service_endpoint_security_groups

  security_group_id            = aws_security_group.service.id
  description                  = "Images, logs and secrets"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_service" {
  for_each = local.service_endpoint_security_groups

  security_group_id            = each.value
  description                  = "Images, logs and secrets, for ${var.name}"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

# Our endpoints answer for the whole VPC under their services' names: whoever else calls those there needs a way in.
resource "aws_vpc_security_group_ingress_rule" "endpoints_from_clients" {
  for_each = length(local.own_services) == 0 ? toset([]) : toset(var.endpoint_client_security_group_ids)

  security_group_id            = aws_security_group.service_endpoints.id
  description                  = "Others of this network that call these services"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

# Whoever signs people in asks the identity provider itself: the load balancer where it does, else the portal.
resource "aws_vpc_security_group_egress_rule" "identity_provider" {
  for_each = toset(var.identity_provider_cidr_blocks)

  security_group_id = var.sign_in == null ? aws_security_group.service.id : aws_security_group.load_balancer.id
  description       = "The identity provider"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
