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

variable "image_repository" {
  description = "Repository of the image; null makes one in ECR."
  type        = string
}

variable "image_tag" {
  description = "Tag of the image, which never moves."
  type        = string
}

variable "architecture" {
  description = "Processor of the tasks: ARM64 or X86_64."
  type        = string
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one virtual processor."
  type        = number
}

variable "memory_mib" {
  description = "Memory of a task."
  type        = number
}

variable "min_tasks" {
  description = "Fewest tasks."
  type        = number
}

variable "max_tasks" {
  description = "Most tasks."
  type        = number
}

variable "requests_per_task" {
  description = "Requests a minute for which one task is meant; more bring more tasks."
  type        = number
}

variable "subnet_ids" {
  description = "Subnets of the tasks."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the tasks."
  type        = string
}

variable "load_balancer_arn_suffix" {
  description = "How metrics call the load balancer."
  type        = string
}

variable "target_group" {
  description = "Where tasks register."
  type        = object({ arn = string, arn_suffix = string })
}

variable "portal_origin" {
  description = "Scheme and host under which people reach the portal."
  type        = string
}

variable "portal_port" {
  description = "Port that the tasks listen on."
  type        = number
}

variable "idle_timeout_s" {
  description = "How long the load balancer keeps a connection without bytes."
  type        = number
}

variable "buckets" {
  description = "The buckets in the order they are shown, and the key that encrypts each."
  type = list(object({
    name         = string
    label        = string
    files_host   = string
    signing_host = string
    kms_key_arn  = string
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

variable "s3_endpoint_ids" {
  description = "Endpoints outside of which the task role is good for nothing."
  type        = object({ interface = string, gateway = string })
}

variable "lifetimes" {
  description = "How long signed things live, in seconds."
  type = object({
    max_link_s          = number
    max_presign_s       = number
    upload_url_ttl_s    = number
    upload_ticket_ttl_s = number
  })
}

variable "drain_s" {
  description = "How long a task still takes requests after it was told to stop."
  type        = number
}

variable "shutdown_timeout_s" {
  description = "Longest wait for open requests after that."
  type        = number
}

variable "settings" {
  description = "Further settings of the server, by name."
  type        = map(string)
}

variable "secrets" {
  description = "Settings whose values are kept in Secrets Manager, each with the secret's ARN; null makes the secret, without a value."
  type        = map(object({ arn = optional(string) }))
}

variable "log_group" {
  description = "Log group of the tasks."
  type        = object({ name = string, arn = string })
}

variable "deployment_alarm_names" {
  description = "Alarms that stop a deployment and roll it back."
  type        = list(string)
}

variable "force_destroy" {
  description = "Whether `terraform destroy` removes images, and secrets without a time to think again."
  type        = bool
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
}
