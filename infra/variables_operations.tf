# How it runs: how long things live, how much of it there is, what is kept and who is told. All have a default.

variable "lifetimes" {
  description = "How long share links, presigned URLs, an upload's URLs and an unfinished upload live, in seconds."
  type = object({
    max_link_s          = optional(number, 604800)
    max_presign_s       = optional(number, 43200)
    upload_url_ttl_s    = optional(number, 900)
    upload_ticket_ttl_s = optional(number, 518400)
  })
  default = {}

  validation {
    condition     = max(var.lifetimes.max_presign_s, var.lifetimes.upload_url_ttl_s) + 300 <= var.max_signature_age_s
    error_message = "lifetimes has a presigned URL of ${max(var.lifetimes.max_presign_s, var.lifetimes.upload_url_ttl_s)} s, and the bucket refuses signatures older than max_signature_age_s (${var.max_signature_age_s} s): write at least 300 s less, as clocks differ, or raise max_signature_age_s."
  }

  validation {
    condition     = alltrue([for seconds in values(var.lifetimes) : floor(seconds) == seconds])
    error_message = "lifetimes: write whole seconds. Given: ${jsonencode(var.lifetimes)}."
  }

  validation {
    condition     = var.lifetimes.max_presign_s >= 1 && var.lifetimes.max_presign_s <= 43200 && var.lifetimes.upload_url_ttl_s >= 60 && var.lifetimes.upload_url_ttl_s <= 43200
    error_message = "lifetimes: write max_presign_s of 1 to 43200 and upload_url_ttl_s of 60 to 43200 seconds (12 hours)."
  }

  validation {
    condition     = var.lifetimes.max_link_s >= 60 && var.lifetimes.max_link_s <= 604800 && var.lifetimes.upload_ticket_ttl_s >= 3600 && var.lifetimes.upload_ticket_ttl_s <= 604800 && var.lifetimes.upload_url_ttl_s <= var.lifetimes.upload_ticket_ttl_s
    error_message = "lifetimes: write max_link_s of 60 to 604800 and upload_ticket_ttl_s of 3600 to 604800 seconds (7 days), and no upload_url_ttl_s above upload_ticket_ttl_s."
  }
}

variable "max_signature_age_s" {
  description = "S3 refuses requests that were signed longer ago, whatever the signer stated, in seconds."
  type        = number
  default     = 46800

  validation {
    condition     = var.max_signature_age_s >= 1200 && var.max_signature_age_s <= 604800 && floor(var.max_signature_age_s) == var.max_signature_age_s
    error_message = "max_signature_age_s is ${var.max_signature_age_s}: write whole seconds, 1200 to 604800 (7 days, the longest that S3 accepts)."
  }
}

variable "abort_incomplete_upload_days" {
  description = "S3 discards unfinished uploads after so many days. No less than an unfinished upload can be gone on with."
  type        = number
  default     = 7

  validation {
    condition     = var.abort_incomplete_upload_days * 86400 >= var.lifetimes.upload_ticket_ttl_s && floor(var.abort_incomplete_upload_days) == var.abort_incomplete_upload_days
    error_message = "abort_incomplete_upload_days is ${var.abort_incomplete_upload_days}: write whole days, at least lifetimes.upload_ticket_ttl_s (${var.lifetimes.upload_ticket_ttl_s} s), or uploads end that people are told they can go on with."
  }
}

variable "noncurrent_version_days" {
  description = "Replaced and deleted versions are kept for so many days."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days is ${var.noncurrent_version_days}: write whole days, at least 1. Without old versions a replaced object is lost at once."
  }
}

variable "task" {
  description = "The tasks: processor architecture, size, how many, and the requests a minute that one is meant for."
  type = object({
    architecture        = optional(string, "ARM64")
    cpu                 = optional(number, 512)
    memory_mib          = optional(number, 1024)
    min                 = optional(number, 2)
    max                 = optional(number, 10)
    requests_per_minute = optional(number, 1500)
  })
  default = {}

  validation {
    condition     = contains(["ARM64", "X86_64"], var.task.architecture)
    error_message = "task.architecture is ${jsonencode(var.task.architecture)}: write \"ARM64\" or \"X86_64\", as the image was built."
  }

  validation {
    condition     = var.task.min >= 2 && var.task.max >= var.task.min && floor(var.task.min) == var.task.min && floor(var.task.max) == var.task.max
    error_message = "task has min ${var.task.min} and max ${var.task.max}: write whole numbers, at least 2, so that one Availability Zone may fail, and no max below min."
  }

  validation {
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
    condition = contains(try({
      "256"   = [512, 1024, 2048]
      "512"   = range(1024, 4096 + 1, 1024)
      "1024"  = range(2048, 8192 + 1, 1024)
      "2048"  = range(4096, 16384 + 1, 1024)
      "4096"  = range(8192, 30720 + 1, 1024)
      "8192"  = range(16384, 61440 + 1, 4096)
      "16384" = range(32768, 122880 + 1, 8192)
    }[tostring(var.task.cpu)], []), var.task.memory_mib)
    error_message = "task has ${var.task.cpu} CPU units and ${var.task.memory_mib} MiB, which Fargate does not offer: write 512 with 1024 to 4096, 1024 with 2048 to 8192, 2048 with 4096 to 16384 or 4096 with 8192 to 30720 MiB, in steps of 1024; or 256 with 512, 1024 or 2048."
  }

  validation {
    condition     = var.task.requests_per_minute >= 1
    error_message = "task.requests_per_minute is ${var.task.requests_per_minute}: write how many requests a minute one task is meant for, at least 1."
  }
}

variable "portal_port" {
  description = "Port that the tasks listen on."
  type        = number
  default     = 3000

  validation {
    condition     = var.portal_port >= 1024 && var.portal_port <= 65535 && floor(var.portal_port) == var.portal_port
    error_message = "portal_port is ${var.portal_port}: write a whole number, 1024 to 65535, as the portal does not run as root."
  }
}

variable "drain_s" {
  description = "How long a task still takes requests after it was told to stop, in seconds."
  type        = number
  default     = 10

  validation {
    condition     = var.drain_s >= 0 && floor(var.drain_s) == var.drain_s && var.drain_s + var.shutdown_timeout_s + 5 <= 120
    error_message = "drain_s and shutdown_timeout_s make ${var.drain_s + var.shutdown_timeout_s} s: write whole seconds, no more than 115 in all, as ECS kills a task after 120 s."
  }
}

variable "shutdown_timeout_s" {
  description = "Longest wait for open requests after that, in seconds."
  type        = number
  default     = 20

  validation {
    condition     = var.shutdown_timeout_s >= 1 && floor(var.shutdown_timeout_s) == var.shutdown_timeout_s
    error_message = "shutdown_timeout_s is ${var.shutdown_timeout_s}: write whole seconds, at least 1."
  }
}

variable "log_retention_days" {
  description = "The portal's log and the network's are kept for so many days."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}, which CloudWatch does not know: write 30, 90, 180, 365, 731 or another of its values."
  }
}

variable "access_log_retention_days" {
  description = "The logs of the load balancer and of S3, which hold signed URLs, are kept for so many days."
  type        = number
  default     = 90

  validation {
    condition     = var.access_log_retention_days >= 1 && floor(var.access_log_retention_days) == var.access_log_retention_days
    error_message = "access_log_retention_days is ${var.access_log_retention_days}: write whole days, at least 1."
  }
}

variable "log_reader_role_arns" {
  description = "Roles that may read the logs of the load balancer and of S3; without any, nobody may."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.log_reader_role_arns : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[^*?]+$", arn))])
    error_message = "log_reader_role_arns: write ARNs of roles without wildcards, such as \"arn:aws:iam::111122223333:role/auditor\"."
  }
}

variable "flow_log" {
  description = "Whether to keep the VPC's flow log; false where the VPC has one."
  type        = bool
  default     = true
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:\\d{12}:[^:]+$", arn))])
    error_message = "alarm_topic_arns: write ARNs of SNS topics, such as \"arn:aws:sns:eu-central-1:111122223333:on-call\". Given: ${join(", ", var.alarm_topic_arns)}."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be destroyed."
  type        = bool
  default     = true
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also removes objects, images, logs and secrets. Never in production."
  type        = bool
  default     = false
}
