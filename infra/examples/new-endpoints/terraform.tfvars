# A VPC that has subnets and nothing else: every endpoint is made, and the operator sets the names.

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

# Everything by which AWS is reached is made: endpoints for S3, images, logs and secrets. The last three have private
# DNS, so whatever else in the VPC calls these services comes to them, and is let in by its security group.
endpoint_client_security_group_ids = ["sg-0123456789abcdef5"]

route_table_ids = ["rtb-0123456789abcdef0"]
s3_endpoint_addresses = {
  "subnet-0123456789abcdef0" = "10.20.1.10"
  "subnet-0123456789abcdef1" = "10.20.2.10"
}
