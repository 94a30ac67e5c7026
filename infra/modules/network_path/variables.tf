variable "aws" {
  description = "Where this is: partition, account and Region, and the suffix of AWS's host names."
  type = object({
    partition  = string
    account_id = string
    region     = string
    dns_suffix = string
  })
}

variable "name" {
  description = "Beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "load_balancer_subnet_ids" {
  description = "Subnets of the load balancer."
  type        = list(string)
}

variable "service_subnet_ids" {
  description = "Subnets of the tasks and of the endpoints that only they use."
  type        = list(string)
}

variable "s3_endpoint_addresses" {
  description = "Fixed addresses of the S3 interface endpoint, by subnet. Empty where the endpoint exists already."
  type        = map(string)
}

variable "route_table_ids" {
  description = "Route tables of the service subnets, which the S3 gateway endpoint adds its route to."
  type        = list(string)
}

variable "existing_endpoints" {
  description = "Endpoints that the VPC has already."
  type = object({
    s3_interface_id                = optional(string)
    s3_interface_addresses         = optional(list(string), [])
    s3_interface_security_group_id = optional(string)
    s3_gateway_id                  = optional(string)
    services                       = optional(map(string), {})
  })
}

variable "endpoint_client_security_group_ids" {
  description = "Security groups of whatever else in the VPC calls the services whose endpoints are made here."
  type        = list(string)
}

variable "client_cidr_blocks" {
  description = "Networks from which people come."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Security groups from which people come."
  type        = list(string)
}

variable "identity_provider_cidr_blocks" {
  description = "Networks of the identity provider, which whoever signs people in has to reach."
  type        = list(string)
}

variable "portal_host" {
  description = "Host of the portal."
  type        = string
}

variable "buckets" {
  description = "Each bucket's hosts, in the order of their rules. `signing_host` is the Host that S3 sees, `rule_number` the place of its rules where it is not that in the list."
  type = list(object({
    name         = string
    files_host   = string
    signing_host = string
    rule_number  = optional(number)
  }))
}

variable "s3_calls" {
  description = "The calls that the product makes of S3: who sends each, on what, and which actions it needs."
  type = list(object({
    call    = string
    by      = string
    on      = string
    actions = list(string)
  }))
}

variable "certificate_arns" {
  description = "Certificate of each host."
  type        = map(string)
}

variable "ssl_policy" {
  description = "The load balancer's security policy for TLS."
  type        = string
}

variable "dns_zone_id" {
  description = "Hosted zone for the hosts' records; null makes none."
  type        = string
}

variable "sign_in" {
  description = "The identity provider with which the load balancer signs people in on the portal's host; null leaves that to the portal."
  type = object({
    issuer                 = string
    authorization_endpoint = string
    token_endpoint         = string
    user_info_endpoint     = string
    client_id              = string
    scope                  = string
    session_timeout_s      = number
  })
}

variable "sign_in_client_secret" {
  description = "Secret of the client at the identity provider."
  type        = string
  sensitive   = true
}

variable "waf" {
  description = "Whether a web application firewall looks at the portal's requests."
  type        = bool
}

variable "portal_port" {
  description = "Port that the tasks listen on."
  type        = number
}

variable "load_balancer_log_bucket" {
  description = "Bucket that takes the load balancer's log."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be destroyed."
  type        = bool
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
}
