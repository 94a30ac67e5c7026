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

variable "log_retention_days" {
  description = "The portal's log is kept for so many days."
  type        = number
}

variable "access_log_retention_days" {
  description = "The logs of the load balancer and of S3 are kept for so many days. They hold signed URLs."
  type        = number
}

variable "log_reader_role_arns" {
  description = "Roles that may read the logs of the load balancer and of S3."
  type        = list(string)
}

variable "bucket_names" {
  description = "Buckets whose access is logged."
  type        = list(string)
}

variable "flow_log" {
  description = "Whether to keep the VPC's flow log; false where it has one."
  type        = bool
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
}

variable "load_balancer_arn_suffix" {
  description = "How metrics call the load balancer."
  type        = string
}

variable "target_group_arn_suffixes" {
  description = "How metrics call the two target groups."
  type        = object({ portal = string, s3 = string })
}

variable "vpc_id" {
  description = "The VPC, for its flow log and the metrics of its endpoints."
  type        = string
}

variable "interface_endpoints" {
  description = "Interface endpoints to watch."
  type        = map(object({ id = string, service_name = string }))
}

variable "web_acl_name" {
  description = "How metrics call the firewall; null where there is none."
  type        = string
}

variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string
}

variable "service_name" {
  description = "Name of the ECS service."
  type        = string
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also removes the logs."
  type        = bool
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
}
