# The load balancer, its rules and its endpoints, in the module itself.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  aws                                = { partition = "aws", account_id = "111122223333", region = "eu-central-1", dns_suffix = "amazonaws.com" }
  name                               = "causeway"
  tags                               = { Team = "files" }
  vpc_id                             = "vpc-0a1b2c3d"
  load_balancer_subnet_ids           = ["subnet-a", "subnet-b"]
  service_subnet_ids                 = ["subnet-a", "subnet-b"]
  s3_endpoint_addresses              = { subnet-a = "10.20.1.10", subnet-b = "10.20.2.10" }
  route_table_ids                    = ["rtb-0a1b2c3d"]
  existing_endpoints                 = {}
  endpoint_client_security_group_ids = []
  client_cidr_blocks                 = ["10.0.0.0/8"]
  client_security_group_ids          = ["sg-0a1b2c3d"]
  identity_provider_cidr_blocks      = []
  portal_host                        = "portal.corp.example"
  portal_port                        = 3000
  # The first is rewritten, the second is named like its host.
  buckets = [
    { name = "corp-files", files_host = "files.corp.example", signing_host = "corp-files.s3.eu-central-1.amazonaws.com" },
    { name = "media.corp.example", files_host = "media.corp.example", signing_host = "media.corp.example" },
  ]
  certificate_arns = {
    "portal.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/portal"
    "files.corp.example"  = "arn:aws:acm:eu-central-1:111122223333:certificate/files"
    "media.corp.example"  = "arn:aws:acm:eu-central-1:111122223333:certificate/files"
  }
  ssl_policy               = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  dns_zone_id              = null
  sign_in                  = null
  sign_in_client_secret    = null
  waf                      = false
  load_balancer_log_bucket = "causeway-alb-logs"
  deletion_protection      = true
  s3_calls = [
    { call = "head_bucket", by = "portal", on = "bucket", actions = ["s3:ListBucket"] },
    { call = "head_object", by = "portal", on = "object", actions = ["s3:GetObject", "s3:GetObjectVersion"] },
    { call = "abort_multipart_upload", by = "portal", on = "object", actions = ["s3:AbortMultipartUpload"] },
    { call = "get_object", by = "browser", on = "object", actions = ["s3:GetObject", "s3:GetObjectVersion"] },
    { call = "put_object", by = "browser", on = "object", actions = ["s3:PutObject"] },
  ]
}

run "what_no_rule_takes_gets_a_fixed_404" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "fixed-response" && aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "The default action is not a fixed 404: any other Host would get somewhere."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].target_group_arn == null && length(aws_lb_listener.https.default_action[0].forward) == 0
    error_message = "The default action leads to a target."
  }
}

run "the_load_balancer_is_internal_and_as_signatures_need_it" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb.this.internal
    error_message = "The load balancer faces the internet."
  }

  assert {
    condition     = aws_lb_listener.https.port == 443 && aws_lb_listener.https.protocol == "HTTPS"
    error_message = "On another port than 443 the load balancer adds the port to the Host, and no signature holds."
  }

  assert {
    condition     = aws_lb.this.idle_timeout == 300
    error_message = "The idle timeout is not 300 s: completing a large upload takes minutes without a byte."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields == false
    error_message = "Dropping headers with odd names drops signed metadata with an underscore."
  }

  assert {
    condition     = aws_lb.this.desync_mitigation_mode == "defensive"
    error_message = "The strictest desync mitigation blocks odd keys; monitoring alone lets smuggling pass."
  }

  assert {
    condition     = aws_lb.this.enable_http2
    error_message = "Without HTTP/2 a browser has six connections to a host."
  }

  assert {
    condition     = aws_lb.this.enable_deletion_protection
    error_message = "The load balancer can be deleted although protection is asked for."
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].bucket == var.load_balancer_log_bucket
    error_message = "The load balancer keeps no log."
  }

  assert {
    condition     = length(aws_lb.this.subnets) >= 2
    error_message = "The load balancer stands in one subnet."
  }

  assert {
    condition     = aws_lb_listener.https.ssl_policy == var.ssl_policy
    error_message = "The listener has another TLS policy than was chosen."
  }
}

run "answers_carry_hsts_and_nosniff_and_no_server" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb_listener.https.routing_http_response_strict_transport_security_header_value == "max-age=31536000"
    error_message = "HSTS is not on every answer."
  }

  assert {
    condition     = aws_lb_listener.https.routing_http_response_x_content_type_options_header_value == "nosniff"
    error_message = "nosniff is not on every answer."
  }

  assert {
    condition     = aws_lb_listener.https.routing_http_response_server_enabled == false
    error_message = "Answers tell which server made them."
  }
}

run "port_80_redirects_to_https" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb_listener.redirect.port == 80 && aws_lb_listener.redirect.default_action[0].type == "redirect"
    error_message = "Port 80 does not redirect."
  }

  assert {
    condition     = aws_lb_listener.redirect.default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.redirect.default_action[0].redirect[0].port == "443" && aws_lb_listener.redirect.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "Port 80 leads elsewhere than to HTTPS on 443."
  }
}

run "only_a_files_host_reaches_s3_by_method_and_with_a_signature" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = length([for rule in aws_lb_listener_rule.this : rule if one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.s3.arn]) == 4
    error_message = "There are not two rules to S3 for each of the two buckets."
  }

  assert {
    condition = alltrue([for rule in aws_lb_listener_rule.this : !(one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.s3.arn) || contains([
      "files.corp.example", "media.corp.example", "^files\\.corp\\.example$",
    ], one(flatten([for condition in rule.condition : [for host in condition.host_header : coalesce(host.values, host.regex_values)]])))])
    error_message = "A rule leads to S3 from another host than a bucket's own."
  }

  assert {
    condition = alltrue([for rule in aws_lb_listener_rule.this : !(one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.s3.arn) || contains(["GET HEAD", "OPTIONS PUT"],
    join(" ", sort(flatten([for condition in rule.condition : [for methods in condition.http_request_method : tolist(methods.values)]]))))])
    error_message = "A rule leads to S3 with other methods than GET and HEAD, or PUT and its preflight."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : !(one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.s3.arn) || flatten([for condition in rule.condition : [for query in condition.query_string : "${query.key}=${query.value}"]]) == ["X-Amz-Signature=*"]])
    error_message = "A rule leads to S3 without a signature in the query."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : !(one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.portal.arn) || one(flatten([for condition in rule.condition : [for host in condition.host_header : host.values]])) == "portal.corp.example"])
    error_message = "A rule leads to the portal from another host than its own."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : (one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.s3.arn) || (one([for action in rule.action : action.target_group_arn if action.type == "forward"]) == aws_lb_target_group.portal.arn)])
    error_message = "A rule leads somewhere else."
  }
}

run "no_rule_has_more_than_five_condition_values" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition = alltrue([for rule in aws_lb_listener_rule.this : sum(flatten([for condition in rule.condition : [
      [for part in condition.host_header : length(coalesce(part.values, part.regex_values))],
      [for part in condition.http_request_method : length(part.values)],
      [for part in condition.path_pattern : length(part.values)],
      length(condition.query_string),
    ]])) <= 5])
    error_message = "A rule has more than five condition values, which a load balancer refuses."
  }
}

run "a_rewriting_rule_takes_just_what_it_rewrites" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = length([for rule in aws_lb_listener_rule.this : rule if length(rule.transform) > 0]) == 2
    error_message = "Not just the two rules of the bucket with another signing host rewrite."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : length(rule.transform) == 0 || flatten([for condition in rule.condition : [for host in condition.host_header : tolist(host.regex_values)]]) == flatten([for transform in rule.transform : [for config in transform.host_header_rewrite_config : config.rewrite[*].regex]])])
    error_message = "A rule takes hosts that its rewrite does not match: they would reach S3 with their own name."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : alltrue(flatten([for transform in rule.transform : [for config in transform.host_header_rewrite_config : [for rewrite in config.rewrite : startswith(rewrite.regex, "^") && endswith(rewrite.regex, "$") && can(regex(rewrite.regex, "files.corp.example")) && !can(regex(rewrite.regex, "filesxcorp.example")) && !can(regex(rewrite.regex, "files.corp.example.evil.example")) && !can(regex(rewrite.regex, "evil-files.corp.example")) && rewrite.replace == "corp-files.s3.eu-central-1.amazonaws.com"]]]))])
    error_message = "A rewrite matches more than its host, or leads to another bucket."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : alltrue([for transform in rule.transform : transform.type == "host-header-rewrite" && length(transform.url_rewrite_config) == 0])])
    error_message = "A rule rewrites URLs: keys are signed and may not change."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : alltrue(flatten([for condition in rule.condition : [for host in condition.host_header : [for value in coalesce(host.values, []) : !strcontains(value, "*") && !strcontains(value, "?")]]]))])
    error_message = "A host is taken by wildcard."
  }
}

run "rules_are_tried_in_the_order_of_the_file" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = length(distinct([for rule in aws_lb_listener_rule.this : rule.priority])) == length(aws_lb_listener_rule.this)
    error_message = "Two rules have one priority."
  }

  assert {
    condition     = aws_lb_listener_rule.this["portal-api/portal"].priority < aws_lb_listener_rule.this["portal-open/portal"].priority && aws_lb_listener_rule.this["portal-open/portal"].priority < aws_lb_listener_rule.this["portal-pages/portal"].priority
    error_message = "The portal's rules are not in order: its pages would swallow the API."
  }
}

run "the_listener_has_a_certificate_for_every_host" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb_listener.https.certificate_arn == var.certificate_arns["portal.corp.example"]
    error_message = "The listener's own certificate is not the portal's."
  }

  assert {
    condition     = keys(aws_lb_listener_certificate.this) == ["arn:aws:acm:eu-central-1:111122223333:certificate/files"]
    error_message = "The files hosts' certificate is missing, or there twice."
  }
}

run "s3_is_reached_at_fixed_addresses_in_two_zones" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = { for subnet, target in aws_lb_target_group_attachment.s3 : subnet => target.target_id } == { subnet-a = "10.20.1.10", subnet-b = "10.20.2.10" }
    error_message = "The targets are not the endpoint's fixed addresses by subnet."
  }

  assert {
    condition     = { for subnet in aws_vpc_endpoint.s3_interface["own"].subnet_configuration : subnet.subnet_id => subnet.ipv4 } == { subnet-a = "10.20.1.10", subnet-b = "10.20.2.10" }
    error_message = "The endpoint does not take the addresses that the targets have."
  }

  assert {
    condition     = aws_lb_target_group.s3.target_type == "ip" && aws_lb_target_group.s3.protocol == "HTTPS" && aws_lb_target_group.s3.port == 443
    error_message = "S3 is not reached by address and HTTPS."
  }

  assert {
    condition     = aws_lb_target_group.s3.health_check[0].matcher == "200,307,403,405"
    error_message = "The health check of S3 does not take what S3 answers to a Host that is an address."
  }

  assert {
    condition     = aws_vpc_endpoint.s3_interface["own"].private_dns_enabled == false
    error_message = "The VPC's own calls would go by the interface endpoint, which costs, instead of the gateway."
  }
}

run "tasks_drain_quickly_and_are_asked_whether_they_are_ready" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = aws_lb_target_group.portal.deregistration_delay >= 15 && aws_lb_target_group.portal.deregistration_delay <= 20
    error_message = "Deregistration takes less than 15 or more than 20 s."
  }

  assert {
    condition     = aws_lb_target_group.portal.health_check[0].path == one(flatten(regexall("READY_PATH: &str = \"([^\"]+)\"", file("../server/src/health.rs")))) && aws_lb_target_group.portal.health_check[0].matcher == "200"
    error_message = "The load balancer does not ask /readyz."
  }

  assert {
    condition     = aws_lb_target_group.portal.target_type == "ip"
    error_message = "Fargate tasks register by address."
  }
}

run "both_s3_endpoints_lead_to_our_buckets_alone" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.s3_interface["own"].policy).Statement[*].Resource == [["arn:aws:s3:::corp-files/*", "arn:aws:s3:::media.corp.example/*"]]
    error_message = "The interface endpoint lets other buckets through."
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.s3_interface["own"].policy).Statement[0].Action == ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    error_message = "The interface endpoint lets more through than browsers send."
  }

  assert {
    condition = length(setsubtract(flatten(jsondecode(aws_vpc_endpoint.s3_gateway["own"].policy).Statement[*].Resource), [
      "arn:aws:s3:::corp-files", "arn:aws:s3:::corp-files/*", "arn:aws:s3:::media.corp.example", "arn:aws:s3:::media.corp.example/*",
      "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*",
    ])) == 0
    error_message = "The gateway endpoint lets other buckets through."
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_vpc_endpoint.s3_gateway["own"].policy).Statement : contains(statement.Resource, "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*") && statement.Action == ["s3:GetObject"]])
    error_message = "The gateway endpoint keeps ECR's layers out: no task would start."
  }

  assert {
    condition     = alltrue([for statement in concat(jsondecode(aws_vpc_endpoint.s3_gateway["own"].policy).Statement, jsondecode(aws_vpc_endpoint.s3_interface["own"].policy).Statement) : alltrue([for action in statement.Action : !strcontains(action, "*")])])
    error_message = "An endpoint's policy names actions by wildcard."
  }

  assert {
    condition     = aws_vpc_endpoint.s3_gateway["own"].vpc_endpoint_type == "Gateway" && one(aws_vpc_endpoint.s3_gateway["own"].route_table_ids) == "rtb-0a1b2c3d"
    error_message = "The gateway is not in the service subnets' route tables, and ECR's layers cannot be had."
  }
}

run "tasks_need_no_internet" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = keys(aws_vpc_endpoint.service) == ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
    error_message = "An endpoint is missing that a task needs to start."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : endpoint.private_dns_enabled && length(endpoint.subnet_ids) >= 2])
    error_message = "An endpoint is not found by its name, or stands in one zone."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : jsondecode(endpoint.policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == "111122223333"])
    error_message = "Another account could use an endpoint of this network."
  }
}

run "groups_speak_to_groups_and_nobody_to_everywhere" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = join(" ", concat(values(aws_vpc_security_group_ingress_rule.people_by_network), values(aws_vpc_security_group_egress_rule.identity_provider))[*].cidr_ipv4) == "10.0.0.0/8 10.0.0.0/8"
    error_message = "An address range is open that nobody asked for."
  }

  assert {
    condition = alltrue([for rule in concat(
      values(aws_vpc_security_group_egress_rule.service_to_endpoints), values(aws_vpc_security_group_ingress_rule.endpoints_from_service), values(aws_vpc_security_group_ingress_rule.people_by_group),
      [aws_vpc_security_group_egress_rule.load_balancer_to_service, aws_vpc_security_group_egress_rule.load_balancer_to_s3, aws_vpc_security_group_ingress_rule.service_from_load_balancer, aws_vpc_security_group_ingress_rule.s3_from_load_balancer],
    ) : rule.referenced_security_group_id != null && rule.cidr_ipv4 == null && rule.cidr_ipv6 == null])
    error_message = "A rule between our own parts names addresses instead of a group."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.service_to_s3.prefix_list_id == "pl-6da54004" && aws_vpc_security_group_egress_rule.service_to_s3.cidr_ipv4 == null
    error_message = "Tasks may reach more than S3 by the gateway."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.s3_from_load_balancer.security_group_id == "sg-s3-endpoint" && aws_vpc_security_group_ingress_rule.s3_from_load_balancer.referenced_security_group_id == "sg-load-balancer"
    error_message = "Others than the load balancer reach the S3 interface endpoint, or it does not."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service_from_load_balancer.security_group_id == "sg-service" && aws_vpc_security_group_ingress_rule.service_from_load_balancer.referenced_security_group_id == "sg-load-balancer"
    error_message = "Others than the load balancer reach the tasks, or it does not."
  }
}

run "no_zone_means_no_record" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = length(aws_route53_record.this) == 0
    error_message = "A record is made although no zone was given."
  }
}

run "a_zone_gets_a_record_for_every_host" {
  module {
    source = "./modules/network_path"
  }

  variables {
    dns_zone_id = "Z0123456789"
  }

  assert {
    condition     = keys(aws_route53_record.this) == ["files.corp.example", "media.corp.example", "portal.corp.example"]
    error_message = "A host has no record."
  }

  assert {
    condition     = alltrue([for record in aws_route53_record.this : record.alias[0].name == aws_lb.this.dns_name])
    error_message = "A record leads elsewhere than to the load balancer."
  }
}

run "the_load_balancer_signs_people_in_on_the_portal_alone" {
  module {
    source = "./modules/network_path"
  }

  variables {
    sign_in = {
      issuer             = "https://login.corp.example", authorization_endpoint = "https://login.corp.example/authorize", token_endpoint = "https://login.corp.example/token"
      user_info_endpoint = "https://login.corp.example/userinfo", client_id = "causeway", scope = "openid email", session_timeout_s = 36000
    }
    sign_in_client_secret         = "not-a-real-secret"
    identity_provider_cidr_blocks = ["10.9.0.0/24"]
  }

  assert {
    condition = { for name, rule in aws_lb_listener_rule.this : name => flatten([for action in rule.action : action.authenticate_oidc[*].on_unauthenticated_request]) } == {
      "portal-api/portal"     = ["deny"], "portal-open/portal" = ["allow"], "portal-pages/portal" = ["authenticate"],
      "files-read/corp-files" = [], "files-read/media.corp.example" = [], "files-write/corp-files" = [], "files-write/media.corp.example" = [],
    }
    error_message = "Pages are to sign in, the API is to answer 401, share links are open, and a files host never asks who somebody is."
  }

  assert {
    condition     = contains(flatten([for condition in aws_lb_listener_rule.this["portal-api/portal"].condition : [for path in condition.path_pattern : tolist(path.values)]]), "/api/*")
    error_message = "The API and the server functions are not the paths that are told 401."
  }

  assert {
    condition     = contains(flatten([for condition in aws_lb_listener_rule.this["portal-open/portal"].condition : [for path in condition.path_pattern : tolist(path.values)]]), "/s/*")
    error_message = "Share links are not let through."
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : alltrue([for action in rule.action : action.type == "forward" || action.order < one([for last in rule.action : last.order if last.type == "forward"])])])
    error_message = "Signing in does not come before forwarding."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.identity_provider["10.9.0.0/24"].security_group_id == "sg-load-balancer"
    error_message = "The load balancer cannot reach the identity provider."
  }
}

run "without_sign_in_at_the_load_balancer_the_portal_asks_the_identity_provider" {
  module {
    source = "./modules/network_path"
  }

  variables {
    identity_provider_cidr_blocks = ["10.9.0.0/24"]
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.this : length(rule.action) == 1])
    error_message = "A rule signs people in although nobody asked for it."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.identity_provider["10.9.0.0/24"].security_group_id == "sg-service"
    error_message = "The portal cannot reach the identity provider."
  }
}

run "no_firewall_unless_asked_for" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0
    error_message = "A firewall is made that nobody asked for."
  }
}

run "the_firewall_looks_at_the_portal_alone" {
  module {
    source = "./modules/network_path"
  }

  variables {
    waf = true
  }

  assert {
    condition     = length(jsondecode(aws_wafv2_web_acl.this["portal"].rule_json)) == 2 && alltrue([for rule in jsondecode(aws_wafv2_web_acl.this["portal"].rule_json) : rule.Statement.ManagedRuleGroupStatement.ScopeDownStatement.ByteMatchStatement.SearchString == "portal.corp.example" && rule.Statement.ManagedRuleGroupStatement.ScopeDownStatement.ByteMatchStatement.PositionalConstraint == "EXACTLY" && rule.Statement.ManagedRuleGroupStatement.ScopeDownStatement.ByteMatchStatement.FieldToMatch.SingleHeader.Name == "host"])
    error_message = "A rule of the firewall looks at a files host: it would refuse every upload."
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this["portal"].resource_arn == aws_lb.this.arn
    error_message = "The firewall stands before nothing."
  }

  assert {
    condition = length(setsubtract(
      ["SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_URIPATH", "RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS", "GenericLFI_BODY", "GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY"],
      flatten([for rule in jsondecode(aws_wafv2_web_acl.this["portal"].rule_json) : [for override in try(rule.Statement.ManagedRuleGroupStatement.RuleActionOverrides, []) : override.Name if override.ActionToUse == { Count = {} }]])
    )) == 0
    error_message = "A rule refuses keys by their look or length: they travel in queries, in bodies and sealed in the path of a share link, and people call objects what they like."
  }

  assert {
    condition     = alltrue([for rule in jsondecode(aws_wafv2_web_acl.this["portal"].rule_json) : !rule.VisibilityConfig.SampledRequestsEnabled]) && alltrue([for config in aws_wafv2_web_acl.this["portal"].visibility_config : !config.sampled_requests_enabled])
    error_message = "Samples of requests are kept: they hold share links' tokens, and everybody reads them who may look at the firewall."
  }
}

run "endpoints_that_exist_are_used_and_not_made_again" {
  module {
    source = "./modules/network_path"
  }

  variables {
    s3_endpoint_addresses = {}
    existing_endpoints = {
      s3_interface_id                = "vpce-0aaa"
      s3_interface_addresses         = ["10.20.1.77", "10.20.2.77"]
      s3_interface_security_group_id = "sg-0ccc"
      s3_gateway_id                  = "vpce-0bbb"
      services                       = { "ecr.api" = "sg-0ddd", "ecr.dkr" = "sg-0ddd", "logs" = "sg-0ddd" }
    }
  }

  assert {
    condition     = length(aws_vpc_endpoint.s3_interface) == 0 && length(aws_vpc_endpoint.s3_gateway) == 0 && keys(aws_vpc_endpoint.service) == ["secretsmanager"]
    error_message = "An endpoint is made a second time."
  }

  assert {
    condition     = output.s3_endpoint_ids == { interface = "vpce-0aaa", gateway = "vpce-0bbb" }
    error_message = "The fences would name other endpoints than those in use."
  }

  assert {
    condition     = [for target in aws_lb_target_group_attachment.s3 : target.target_id] == ["10.20.1.77", "10.20.2.77"]
    error_message = "The targets are not the existing endpoint's addresses."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.s3_from_load_balancer.security_group_id == "sg-0ccc" && aws_vpc_security_group_egress_rule.load_balancer_to_s3.referenced_security_group_id == "sg-0ccc"
    error_message = "The load balancer cannot reach the existing S3 endpoint."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.endpoints_from_service) == ["own", "sg-0ddd"]
    error_message = "Tasks cannot reach the existing endpoints, or a rule would be made twice for their common group."
  }

  assert {
    condition     = jsondecode(output.endpoint_policies.s3_interface).Statement[0].Resource[0] == "arn:aws:s3:::corp-files/*"
    error_message = "Nobody is told what the existing endpoints have to allow."
  }
}

run "everything_is_tagged_and_named_after_the_deployment" {
  module {
    source = "./modules/network_path"
  }

  variables {
    name = "other"
  }

  assert {
    condition     = aws_lb.this.tags["Team"] == "files" && aws_lb_target_group.s3.tags["Team"] == "files" && aws_lb_listener.https.tags["Team"] == "files" && alltrue([for rule in aws_lb_listener_rule.this : rule.tags["Team"] == "files"])
    error_message = "Something carries no tags."
  }

  assert {
    condition     = aws_lb.this.name == "other" && startswith(aws_lb_target_group.portal.name, "other-") && startswith(aws_security_group.service.name, "other-")
    error_message = "Two deployments in one account would collide by name."
  }
}

run "an_endpoint_takes_one_subnet_of_each_zone_of_the_tasks" {
  module {
    source = "./modules/network_path"
  }

  variables {
    service_subnet_ids = ["subnet-c", "subnet-b", "subnet-a"]
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : endpoint.subnet_ids == toset(["subnet-a", "subnet-b"])])
    error_message = "An endpoint is given two subnets of a zone, which it refuses, or leaves a zone out."
  }
}

run "an_existing_endpoint_with_private_dns_for_inbound_resolvers_is_used" {
  command = plan

  module {
    source = "./modules/network_path"
  }

  override_data {
    target = data.aws_vpc_endpoint.s3_interface
    values = { vpc_id = "vpc-0a1b2c3d", service_name = "com.amazonaws.eu-central-1.s3", vpc_endpoint_type = "Interface", private_dns_enabled = true, dns_options = [{ private_dns_only_for_inbound_resolver_endpoint = true }] }
  }

  variables {
    s3_endpoint_addresses = {}
    existing_endpoints    = { s3_interface_id = "vpce-0aaa", s3_interface_addresses = ["10.20.1.77", "10.20.2.77"], s3_interface_security_group_id = "sg-0ccc" }
  }

  assert {
    condition     = output.s3_endpoint_ids.interface == "vpce-0aaa"
    error_message = "An endpoint that leaves the tasks' calls to the gateway is not used."
  }
}

run "others_of_the_network_reach_the_services_when_they_are_named" {
  module {
    source = "./modules/network_path"
  }

  variables {
    endpoint_client_security_group_ids = ["sg-0eee"]
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints_from_clients["sg-0eee"].security_group_id == "sg-service-endpoints" && aws_vpc_security_group_ingress_rule.endpoints_from_clients["sg-0eee"].referenced_security_group_id == "sg-0eee"
    error_message = "Others of the network are cut off from the services whose names now lead to our endpoints."
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.service["logs"].policy).Statement[0].Action == ["logs:*"] && jsondecode(aws_vpc_endpoint.service["logs"].policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == "111122223333"
    error_message = "Others of the network are let in and may do nothing there, or another account may."
  }
}

run "a_page_and_its_assets_come_from_one_task" {
  module {
    source = "./modules/network_path"
  }

  assert {
    condition     = alltrue([for stickiness in aws_lb_target_group.portal.stickiness : stickiness.enabled != false && stickiness.type == "lb_cookie" && stickiness.cookie_duration >= 120 && stickiness.cookie_duration <= 600]) && length(aws_lb_target_group.portal.stickiness) == 1
    error_message = "While a deployment runs, half of the pages load assets from a task that has others; or people stay with one task for long."
  }

  assert {
    condition     = length(aws_lb_target_group.s3.stickiness) == 0
    error_message = "The files hosts set a cookie, which nothing needs there."
  }
}
