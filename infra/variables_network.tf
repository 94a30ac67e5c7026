# Where it stands: the VPC, its subnets, the endpoints it has already, the people's networks, names, sign-in.

variable "vpc_id" {
  description = "The VPC."
  type        = string

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id is ${jsonencode(var.vpc_id)}: write the id of the VPC, such as \"vpc-0123456789abcdef0\"."
  }
}

variable "load_balancer_subnet_ids" {
  description = "Subnets of the load balancer, in at least two Availability Zones."
  type        = list(string)

  validation {
    condition     = length(distinct(var.load_balancer_subnet_ids)) >= 2
    error_message = "load_balancer_subnet_ids has fewer than two subnets: write subnets of at least two Availability Zones. A load balancer refuses one."
  }

  validation {
    condition     = alltrue([for id in var.load_balancer_subnet_ids : startswith(id, "subnet-")])
    error_message = "load_balancer_subnet_ids holds something else than subnets: write ids such as \"subnet-0123456789abcdef0\". Given: ${join(", ", var.load_balancer_subnet_ids)}."
  }
}

variable "service_subnet_ids" {
  description = "Subnets of the tasks, in at least two Availability Zones. They need no route to the internet."
  type        = list(string)

  validation {
    condition     = length(distinct(var.service_subnet_ids)) >= 2
    error_message = "service_subnet_ids has fewer than two subnets: write subnets of at least two Availability Zones, or the portal is gone when one is."
  }

  validation {
    condition     = alltrue([for id in var.service_subnet_ids : startswith(id, "subnet-")])
    error_message = "service_subnet_ids holds something else than subnets: write ids such as \"subnet-0123456789abcdef0\". Given: ${join(", ", var.service_subnet_ids)}."
  }
}

variable "route_table_ids" {
  description = "Route tables of the service subnets, to which the S3 gateway endpoint adds its route. Its policy then holds for everything in those subnets. Not needed with existing_endpoints.s3_gateway_id."
  type        = list(string)
  default     = []

  validation {
    condition     = var.existing_endpoints.s3_gateway_id != null || length(var.route_table_ids) > 0
    error_message = "route_table_ids is empty: write the route tables of the service subnets, or the gateway endpoint that they use already as existing_endpoints.s3_gateway_id."
  }

  validation {
    condition     = alltrue([for id in var.route_table_ids : startswith(id, "rtb-")])
    error_message = "route_table_ids holds something else than route tables: write ids such as \"rtb-0123456789abcdef0\". Given: ${join(", ", var.route_table_ids)}."
  }
}

variable "s3_endpoint_addresses" {
  description = "A free address in each subnet where the S3 interface endpoint shall be, by subnet id. Fixed, so that the load balancer knows them. Not needed with existing_endpoints.s3_interface_id."
  type        = map(string)
  default     = {}

  validation {
    condition     = var.existing_endpoints.s3_interface_id != null || length(var.s3_endpoint_addresses) >= 2
    error_message = "s3_endpoint_addresses has fewer than two subnets: write a free address for subnets of at least two Availability Zones, or the endpoint that exists as existing_endpoints.s3_interface_id."
  }

  validation {
    condition     = alltrue([for address in values(var.s3_endpoint_addresses) : can(cidrnetmask("${address}/32"))]) && length(distinct(values(var.s3_endpoint_addresses))) == length(var.s3_endpoint_addresses)
    error_message = "A value in s3_endpoint_addresses is no IPv4 address, or is there twice: write one address such as \"10.20.1.10\" for each subnet."
  }

  validation {
    condition     = var.existing_endpoints.s3_interface_id == null || length(var.s3_endpoint_addresses) == 0
    error_message = "s3_endpoint_addresses is for an endpoint to be made, and existing_endpoints.s3_interface_id names one: leave one of the two out."
  }
}

variable "existing_endpoints" {
  description = <<-EOT
    Endpoints that the VPC has already; a second one with private DNS, or a second gateway in a route table, is refused by AWS.
    `s3_interface_id` with `s3_interface_addresses` (one in each zone) and `s3_interface_security_group_id`;
    `s3_gateway_id`; `services`: of ecr.api, ecr.dkr, logs and secretsmanager those that exist, with their security groups.
    The policies of existing endpoints stay their owner's: the output endpoint_policies says what they have to allow.
    Their security groups get a rule that lets the load balancer or the tasks in. The S3 interface endpoint may have
    private DNS for inbound resolver endpoints only: for the whole VPC it would lead the tasks away from the gateway.
  EOT
  type = object({
    s3_interface_id                = optional(string)
    s3_interface_addresses         = optional(list(string), [])
    s3_interface_security_group_id = optional(string)
    s3_gateway_id                  = optional(string)
    services                       = optional(map(string), {})
  })
  default = {}

  validation {
    condition = (
      var.existing_endpoints.s3_interface_id == null
      ? length(var.existing_endpoints.s3_interface_addresses) == 0 && var.existing_endpoints.s3_interface_security_group_id == null
      : length(var.existing_endpoints.s3_interface_addresses) >= 2 && var.existing_endpoints.s3_interface_security_group_id != null
    )
    error_message = "existing_endpoints: s3_interface_id, its addresses in at least two zones (s3_interface_addresses) and its security group (s3_interface_security_group_id) go together: write all three or none."
  }

  validation {
    condition     = alltrue([for id in [var.existing_endpoints.s3_interface_id, var.existing_endpoints.s3_gateway_id] : id == null ? true : can(regex("^vpce-[0-9a-z]+$", id))])
    error_message = "existing_endpoints has an id that is no endpoint's: write ids such as \"vpce-0123456789abcdef0\" as s3_interface_id and s3_gateway_id. Given: ${jsonencode([var.existing_endpoints.s3_interface_id, var.existing_endpoints.s3_gateway_id])}."
  }

  validation {
    condition     = alltrue([for address in var.existing_endpoints.s3_interface_addresses : can(cidrnetmask("${address}/32"))]) && length(distinct(var.existing_endpoints.s3_interface_addresses)) == length(var.existing_endpoints.s3_interface_addresses)
    error_message = "existing_endpoints.s3_interface_addresses holds something that is no IPv4 address, or one twice: write the private address of each of the endpoint's network interfaces. Given: ${join(", ", var.existing_endpoints.s3_interface_addresses)}."
  }

  validation {
    condition     = alltrue([for id in concat(values(var.existing_endpoints.services), [var.existing_endpoints.s3_interface_security_group_id]) : id == null ? true : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "existing_endpoints has a security group that is none: write ids such as \"sg-0123456789abcdef0\" as s3_interface_security_group_id and for each of services."
  }

  validation {
    condition     = length(setsubtract(keys(var.existing_endpoints.services), ["ecr.api", "ecr.dkr", "logs", "secretsmanager"])) == 0
    error_message = "existing_endpoints.services knows ecr.api, ecr.dkr, logs and secretsmanager. Given: ${join(", ", keys(var.existing_endpoints.services))}."
  }
}

variable "endpoint_client_security_group_ids" {
  description = "Security groups of whatever else in the VPC calls ECR, CloudWatch Logs or Secrets Manager. Endpoints that are made here have private DNS: from then on every call in the VPC to these services comes to them, and who is not in one of these groups waits until it fails."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.endpoint_client_security_group_ids : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "endpoint_client_security_group_ids holds something else than security groups: write ids such as \"sg-0123456789abcdef0\". Given: ${join(", ", var.endpoint_client_security_group_ids)}."
  }
}

variable "client_cidr_blocks" {
  description = "Networks from which people come."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.client_cidr_blocks : can(cidrnetmask(block)) && try(cidrhost(block, 0) == split("/", block)[0] && tonumber(split("/", block)[1]) >= 8, false)])
    error_message = "client_cidr_blocks has something that is no IPv4 network, that begins at another address than the network does, or that is larger than a /8: write the networks that people come from, such as \"10.0.0.0/8\". Everywhere (0.0.0.0/0) is not a network of yours. Given: ${join(", ", var.client_cidr_blocks)}."
  }

  validation {
    condition     = length(var.client_cidr_blocks) + length(var.client_security_group_ids) > 0
    error_message = "Nobody could reach the portal: write client_cidr_blocks or client_security_group_ids."
  }
}

variable "client_security_group_ids" {
  description = "Security groups from which people come, such as a VPN endpoint's."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.client_security_group_ids : startswith(id, "sg-")])
    error_message = "client_security_group_ids holds something else than security groups: write ids such as \"sg-0123456789abcdef0\". Given: ${join(", ", var.client_security_group_ids)}."
  }
}

variable "identity_provider_cidr_blocks" {
  description = "Networks of the identity provider. The load balancer asks it where sign_in is set, else the portal."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.identity_provider_cidr_blocks : can(cidrnetmask(block)) && try(cidrhost(block, 0) == split("/", block)[0] && tonumber(split("/", block)[1]) >= 8, false)])
    error_message = "identity_provider_cidr_blocks has something that is no IPv4 network, that begins at another address than the network does, or that is larger than a /8: write the provider's own, such as \"10.9.0.0/24\". Given: ${join(", ", var.identity_provider_cidr_blocks)}."
  }
}

variable "ssl_policy" {
  description = "The load balancer's security policy for TLS."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

  validation {
    condition     = startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-2") || startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-3")
    error_message = "ssl_policy is ${jsonencode(var.ssl_policy)}: write one that begins at TLS 1.2, such as \"ELBSecurityPolicy-TLS13-1-2-Res-2021-06\"."
  }
}

variable "dns_zone_id" {
  description = "Route 53 zone, private as a rule, in which each host gets a record; null makes none."
  type        = string
  default     = null

  validation {
    condition     = var.dns_zone_id == null || can(regex("^Z[A-Z0-9]+$", var.dns_zone_id))
    error_message = "dns_zone_id is ${jsonencode(var.dns_zone_id)}: write the id of a hosted zone, such as \"Z0123456789ABCDEFGHIJ\", or null."
  }
}

variable "sign_in" {
  description = "The identity provider (OpenID Connect) with which the load balancer signs people in on the portal's host. Null leaves signing in to the portal. Never on a files host. It keeps strangers out and names nobody: the server does not read what the load balancer sends along, and still needs a proxy that does (CAUSEWAY_IDENTITY)."
  type = object({
    issuer                 = string
    authorization_endpoint = string
    token_endpoint         = string
    user_info_endpoint     = string
    client_id              = string
    scope                  = optional(string, "openid email profile")
    session_timeout_s      = optional(number, 36000)
  })
  default = null

  validation {
    condition     = var.sign_in == null ? true : alltrue([for url in [var.sign_in.issuer, var.sign_in.authorization_endpoint, var.sign_in.token_endpoint, var.sign_in.user_info_endpoint] : startswith(url, "https://")])
    error_message = "An address in sign_in is not HTTPS: write the provider's addresses as its /.well-known/openid-configuration lists them."
  }

  validation {
    condition     = var.sign_in == null ? true : var.sign_in.session_timeout_s >= 1 && var.sign_in.session_timeout_s <= 604800 && floor(var.sign_in.session_timeout_s) == var.sign_in.session_timeout_s
    error_message = "sign_in.session_timeout_s is ${try(var.sign_in.session_timeout_s, 0)}: write whole seconds, 1 to 604800 (7 days, the longest that a load balancer takes)."
  }
}

variable "sign_in_client_secret" {
  description = "Secret of the client in sign_in. It stands in Terraform's state, as the load balancer's API wants it."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.sign_in == null) == (var.sign_in_client_secret == null)
    error_message = "sign_in and sign_in_client_secret go together: write both or neither."
  }
}

variable "waf" {
  description = "Whether a web application firewall looks at the portal's requests. It never looks at a files host."
  type        = bool
  default     = false
}
