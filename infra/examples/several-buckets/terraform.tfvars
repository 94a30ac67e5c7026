# Three buckets behind one load balancer, one of them named like its host, one under a key that exists.
# A new bucket goes to the end: the order numbers the load balancer's rules.

portal_host = "portal.corp.example"
buckets = [
  { name = "corp-files", label = "Files", files_host = "files.corp.example" },
  { name = "media.corp.example", label = "Media", host_mode = "bucket_named" },
  {
    name        = "corp-contracts"
    label       = "Contracts"
    files_host  = "contracts.corp.example"
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  },
]

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

# Everything by which AWS is reached is made: endpoints for S3, images, logs and secrets.
route_table_ids = ["rtb-0123456789abcdef0"]
s3_endpoint_addresses = {
  "subnet-0123456789abcdef0" = "10.20.1.10"
  "subnet-0123456789abcdef1" = "10.20.2.10"
}
