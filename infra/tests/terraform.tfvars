# What the tests of the whole begin with: one bucket behind new endpoints.
portal_host = "portal.corp.example"
buckets     = [{ name = "corp-files", label = "Files", files_host = "files.corp.example" }]
certificate_arns = {
  "*.corp.example" = "arn:aws:acm:eu-central-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111111111111"
}
administrator_role_arns  = ["arn:aws:iam::111122223333:role/terraform"]
settings                 = { CAUSEWAY_IDENTITY = "header" }
image_tag                = "1.0.0"
vpc_id                   = "vpc-0a1b2c3d"
load_balancer_subnet_ids = ["subnet-a", "subnet-b"]
service_subnet_ids       = ["subnet-a", "subnet-b"]
route_table_ids          = ["rtb-0a1b2c3d"]
s3_endpoint_addresses    = { subnet-a = "10.20.1.10", subnet-b = "10.20.2.10" }
client_cidr_blocks       = ["10.0.0.0/8"]
