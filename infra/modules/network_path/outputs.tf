output "load_balancer" {
  description = "The load balancer: where to point the hosts, and how metrics call it."
  value = {
    arn        = aws_lb.this.arn
    arn_suffix = aws_lb.this.arn_suffix
    dns_name   = aws_lb.this.dns_name
    zone_id    = aws_lb.this.zone_id
  }
}

output "portal_target_group" {
  description = "Where tasks register. Usable once the rules lead there."
  value = {
    arn        = aws_lb_target_group.portal.arn
    arn_suffix = aws_lb_target_group.portal.arn_suffix
  }
  depends_on = [aws_lb_listener_rule.this]
}

output "s3_target_group_arn_suffix" {
  description = "How metrics call the S3 endpoint's addresses."
  value       = aws_lb_target_group.s3.arn_suffix
}

output "s3_endpoint_ids" {
  description = "Endpoints through which objects are reached: the interface endpoint for browsers, the gateway endpoint for the portal."
  value       = { interface = local.s3_interface_id, gateway = local.s3_gateway_id }
}

output "interface_endpoints" {
  description = "Interface endpoints made here and the service of each, for their alarms."
  value = merge(
    { for endpoint in aws_vpc_endpoint.s3_interface : "s3" => { id = endpoint.id, service_name = endpoint.service_name } },
    { for service, endpoint in aws_vpc_endpoint.service : service => { id = endpoint.id, service_name = endpoint.service_name } },
  )
}

output "endpoint_policies" {
  description = "Policies of the two S3 endpoints, as JSON. Where an endpoint is yours already, this is what to allow there."
  value       = { for endpoint, policy in local.endpoint_policies : endpoint => jsonencode(policy) }
}

output "web_acl_name" {
  description = "How metrics call the firewall; null where there is none."
  value       = var.waf ? var.name : null
}

output "service_security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.service.id
}

output "listener_rules" {
  description = "The listener's rules as they are made, by name."
  value = { for name, rule in local.listener_rules : name => {
    priority   = rule.priority
    host       = rule.host_name
    rewrite_to = rule.rewrite_to
    methods    = rule.methods
    query      = rule.query
    paths      = rule.paths
    target     = rule.target
    sign_in    = rule.sign_in
  } }
}

output "idle_timeout_s" {
  description = "How long the load balancer keeps a connection without bytes, which the portal has to outlast."
  value       = local.rules.idle_timeout_s
}
