# A VPC whose endpoints are there already, as in most companies: they are used, and nothing is made twice.
# What their policies have to allow is in the output endpoint_policies. Their security groups get a rule each. The S3
# interface endpoint has no private DNS, or for inbound resolver endpoints only.

portal_host = "portal.corp.example"
buckets     = [{ name = "corp-files", label = "Files", files_host = "files.corp.example" }]

certificate_arns = {
  "*.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
}

# The role that runs Terraform, and one for emergencies.
administrator_role_arns = [
  "arn:aws:iam::111122223333:role/terraform",
  "arn:aws:iam::111122223333:role/break-glass",
]

# A proxy signs people in and sends their names along.
settings  = { CAUSEWAY_IDENTITY = "header" }
image_tag = "1.0.0"

vpc_id                   = "vpc-0123456789abcdef0"
load_balancer_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
service_subnet_ids       = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
client_cidr_blocks       = ["10.0.0.0/8"]

existing_endpoints = {
  s3_interface_id                = "vpce-0123456789abcdef0"
  s3_interface_addresses         = ["10.20.1.77", "10.20.2.77"]
  s3_interface_security_group_id = "sg-0123456789abcdef0"
  s3_gateway_id                  = "vpce-0123456789abcdef1"
  services = {
    "ecr.api"        = "sg-0123456789abcdef1"
    "ecr.dkr"        = "sg-0123456789abcdef1"
    "logs"           = "sg-0123456789abcdef1"
    "secretsmanager" = "sg-0123456789abcdef1"
  }
}

# The VPC has a flow log of its own.
flow_log = false
