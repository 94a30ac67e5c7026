variable "aws" {
  description = "Where this is: partition, account and Region."
  type = object({
    partition  = string
    account_id = string
    region     = string
  })
}

variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "portal_origin" {
  description = "Scheme and host of the portal, the only origin whose pages may call the files host."
  type        = string
}

variable "endpoint_ids" {
  description = "VPC endpoints through which alone objects can be reached: the interface endpoint for browsers, the gateway endpoint for the portal's own calls."
  type        = list(string)

  validation {
    condition     = length(distinct(var.endpoint_ids)) == 2
    error_message = "Give the ids of both S3 endpoints, the interface endpoint and the gateway endpoint."
  }
}

variable "administrator_role_arns" {
  description = "Roles that may list the bucket from anywhere: the one that runs Terraform, and break-glass."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key that encrypts the objects; null makes one."
  type        = string
}

variable "max_signature_age_s" {
  description = "S3 refuses requests that were signed longer ago, in seconds."
  type        = number
}

variable "abort_incomplete_upload_days" {
  description = "S3 discards unfinished uploads after so many days."
  type        = number
}

variable "noncurrent_version_days" {
  description = "Replaced and deleted versions are kept for so many days."
  type        = number
}

variable "log_bucket" {
  description = "Bucket that takes the access log."
  type        = string
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also removes the objects."
  type        = bool
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
}
