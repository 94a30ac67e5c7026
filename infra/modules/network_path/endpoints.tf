# The endpoints by which everything reaches AWS: S3 twice, for browsers and for the portal, and what ECS needs.
#
# The ids of an S3 endpoint that exists already are only used: its policy is its owner's, and the output
# `endpoint_policies` holds what we would write.

locals {
  s3_interface_exists = var.existing_endpoints.s3_interface_id != null
  s3_gateway_exists   = var.existing_endpoints.s3_gateway_id != null

  s3_interface_id = local.s3_interface_exists ? var.existing_endpoints.s3_interface_id : aws_vpc_endpoint.s3_interface["own"].id
  s3_gateway_id   = local.s3_gateway_exists ? var.existing_endpoints.s3_gateway_id : aws_vpc_endpoint.s3_gateway["own"].id

  # What a task needs besides S3 to start, to log and to read its secrets, and what it may do there.
  services = {
    "ecr.api"        = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    "ecr.dkr"        = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    "logs"           = ["logs:CreateLogStream", "logs:PutLogEvents"]
    "secretsmanager" = ["secretsmanager:GetSecretValue"]
  }
  # What whoever else calls them may do there.
  service_actions = { "ecr.api" = "ecr:*", "ecr.dkr" = "ecr:*", "logs" = "logs:*", "secretsmanager" = "secretsmanager:*" }
  own_services    = { for service, actions in local.services : service => actions if !contains(keys(var.existing_endpoints.services), service) }

  bucket_arns = [for bucket in var.buckets : "arn:${var.aws.partition}:s3:::${bucket.name}"]
  object_arns = [for arn in local.bucket_arns : "${arn}/*"]

  # Without these the load balancer would be a relay to every bucket of the Region. Both are made from the table of
  # calls: what browsers send comes by the interface endpoint, what the portal calls by the gateway endpoint.
  endpoint_policies = {
    s3_interface = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "BytesOfOurObjects"
        Effect    = "Allow"
        Principal = "*"
        Action    = sort(distinct(flatten([for call in var.s3_calls : call.actions if call.by == "browser" && call.on == "object"])))
        Resource  = local.object_arns
      }]
    }
    s3_gateway = {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "OurBuckets"
          Effect    = "Allow"
          Principal = "*"
          Action    = sort(distinct(flatten([for call in var.s3_calls : call.actions if call.by == "portal" && call.on == "bucket"])))
          Resource  = local.bucket_arns
        },
        {
          Sid       = "OurObjects"
          Effect    = "Allow"
          Principal = "*"
          Action    = sort(distinct(flatten([for call in var.s3_calls : call.actions if call.by == "portal" && call.on == "object"])))
          Resource  = local.object_arns
        },
        {
          # ECR keeps the layers of images in a bucket of AWS's.
          Sid       = "LayersOfImages"
          Effect    = "Allow"
          Principal = "*"
          Action    = ["s3:GetObject"]
          Resource  = ["arn:${var.aws.partition}:s3:::prod-${var.aws.region}-starport-layer-bucket/*"]
        },
      ]
    }
  }
}

data "aws_vpc" "this" {
  id = var.vpc_id

  lifecycle {
    postcondition {
      condition     = length(local.own_services) == 0 || (self.enable_dns_support && self.enable_dns_hostnames)
      error_message = "${self.id} lacks DNS support or DNS hostnames, without which no endpoint is found by its name: switch on both, or give endpoints that are found otherwise as existing_endpoints.services."
    }
  }
}

data "aws_vpc_endpoint" "s3_interface" {
  for_each = local.s3_interface_exists ? toset(["given"]) : toset([])
  id       = var.existing_endpoints.s3_interface_id

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.vpc_id && endswith(self.service_name, ".s3") && self.vpc_endpoint_type == "Interface"
      error_message = "existing_endpoints.s3_interface_id is an endpoint of ${self.service_name} (${self.vpc_endpoint_type}) in ${self.vpc_id}: write the id of an interface endpoint of S3 in ${var.vpc_id}."
    }

    postcondition {
      condition     = !self.private_dns_enabled || anytrue(self.dns_options[*].private_dns_only_for_inbound_resolver_endpoint)
      error_message = "The endpoint existing_endpoints.s3_interface_id has private DNS for the whole VPC, so tasks would look for S3 and for their image's layers there instead of at the gateway, and none would start: let its private DNS hold for inbound resolver endpoints only, or switch it off, or leave it out and have an endpoint made."
    }
  }
}

data "aws_vpc_endpoint" "s3_gateway" {
  for_each = local.s3_gateway_exists ? toset(["given"]) : toset([])
  id       = var.existing_endpoints.s3_gateway_id

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.vpc_id && endswith(self.service_name, ".s3") && self.vpc_endpoint_type == "Gateway"
      error_message = "existing_endpoints.s3_gateway_id is an endpoint of ${self.service_name} (${self.vpc_endpoint_type}) in ${self.vpc_id}: write the id of the gateway endpoint of S3 in ${var.vpc_id}."
    }
  }
}

data "aws_subnet" "s3_endpoint" {
  for_each = var.s3_endpoint_addresses
  id       = each.key
}

resource "aws_vpc_endpoint" "s3_interface" {
  for_each = local.s3_interface_exists ? toset([]) : toset(["own"])

  vpc_id             = var.vpc_id
  service_name       = "com.amazonaws.${var.aws.region}.s3"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = keys(var.s3_endpoint_addresses)
  security_group_ids = [aws_security_group.s3_endpoint["own"].id]
  # The VPC's own calls go by the gateway, which costs nothing; only the load balancer comes here, by address.
  private_dns_enabled = false
  policy              = jsonencode(local.endpoint_policies.s3_interface)
  tags                = merge(var.tags, { Name = "${var.name}-s3-interface" })

  # Fixed, so that the load balancer's targets are known before the endpoint is made and outlive its replacement.
  dynamic "subnet_configuration" {
    for_each = var.s3_endpoint_addresses

    content {
      subnet_id = subnet_configuration.key
      ipv4      = subnet_configuration.value
    }
  }

  lifecycle {
    precondition {
      condition = alltrue([
        for subnet_id, address in var.s3_endpoint_addresses :
        cidrhost("${address}/${split("/", data.aws_subnet.s3_endpoint[subnet_id].cidr_block)[1]}", 0) == cidrhost(data.aws_subnet.s3_endpoint[subnet_id].cidr_block, 0)
      ])
      error_message = "An address in s3_endpoint_addresses is outside its subnet. Give each subnet a free address of its own CIDR block."
    }

    precondition {
      condition = alltrue([
        for subnet_id, address in var.s3_endpoint_addresses :
        !contains([for host in [0, 1, 2, 3, -1] : cidrhost(data.aws_subnet.s3_endpoint[subnet_id].cidr_block, host)], address)
      ])
      error_message = "An address in s3_endpoint_addresses is one that AWS keeps for itself: the first four and the last of each subnet. Give another."
    }

    precondition {
      condition     = length(distinct(local.zones.s3_endpoint)) >= 2 && length(distinct(local.zones.s3_endpoint)) == length(local.zones.s3_endpoint)
      error_message = "The subnets in s3_endpoint_addresses lie in ${join(", ", local.zones.s3_endpoint)}: give an address in one subnet of each of at least two Availability Zones. An endpoint refuses two subnets of a zone."
    }

    precondition {
      condition     = length(setsubtract(local.zones.s3_endpoint, local.zones.load_balancer)) == 0
      error_message = "The subnets in s3_endpoint_addresses lie in ${join(", ", distinct(local.zones.s3_endpoint))}, and the load balancer in ${join(", ", distinct(local.zones.load_balancer))} alone, where it sends nothing to other zones: add a subnet of each zone to load_balancer_subnet_ids."
    }
  }
}

resource "aws_vpc_endpoint" "s3_gateway" {
  for_each = local.s3_gateway_exists ? toset([]) : toset(["own"])

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${var.aws.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
  policy            = jsonencode(local.endpoint_policies.s3_gateway)
  tags              = merge(var.tags, { Name = "${var.name}-s3-gateway" })
}

resource "aws_vpc_endpoint" "service" {
  for_each = local.own_services

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${var.aws.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = local.service_endpoint_subnet_ids
  security_group_ids  = [aws_security_group.service_endpoints.id]
  private_dns_enabled = true
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OfThisAccount"
      Effect    = "Allow"
      Principal = "*"
      Action    = length(var.endpoint_client_security_group_ids) == 0 ? each.value : [local.service_actions[each.key]]
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = var.aws.account_id } }
    }]
  })
}
