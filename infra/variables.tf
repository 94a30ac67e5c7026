# What everybody has to decide first, in the order of the questions: what it is called, what it holds, where it stands.

variable "name" {
  description = "Beginning of every name in AWS."
  type        = string
  default     = "causeway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && !startswith(var.name, "internal-")
    error_message = "name is ${jsonencode(var.name)}: write 3 to 20 lower-case letters, digits and single hyphens, beginning with a letter and not with \"internal-\", which load balancers refuse, such as \"causeway\"."
  }
}

variable "tags" {
  description = "Tags of everything, besides Application and Deployment."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.tags) : !startswith(lower(name), "aws:")])
    error_message = "A name in tags begins with \"aws:\", which AWS keeps for itself: write another. Given: ${join(", ", keys(var.tags))}."
  }
}

variable "portal_host" {
  description = "Host under which people open the portal."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.portal_host)) && length(var.portal_host) <= 64
    error_message = "portal_host is ${jsonencode(var.portal_host)}: write a host name in lower case and nothing else, such as \"portal.corp.example\"."
  }
}

variable "buckets" {
  description = <<-EOT
    Buckets to make and to show, in this order. Add new ones at the end: the order numbers the load balancer's rules, and
    no two may have one number for a moment. To take one out or to sort them anew, first write each one's place so far,
    counted from 0, as its `rule_number`.
    `label` is what people read (default: the name). `files_host` is the host that browsers call for its objects.
    `host_mode` is how S3 learns the bucket: `rewrite` (default): the load balancer writes the bucket's own host over
    the files host, so any name will do; `bucket_named`: the bucket is called like its files host.
    `kms_key_arn` encrypts the objects (default: a key of the bucket's own).
  EOT
  type = list(object({
    name        = string
    label       = optional(string)
    files_host  = optional(string)
    host_mode   = optional(string, "rewrite")
    kms_key_arn = optional(string)
    rule_number = optional(number)
  }))

  validation {
    condition     = length(var.buckets) >= 1 && length(var.buckets) <= 25
    error_message = "buckets has ${length(var.buckets)} entries: write 1 to 25. Each needs a certificate and two rules, and a load balancer takes 25 certificates besides its first."
  }

  validation {
    condition     = alltrue([for bucket in var.buckets : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])$", bucket.name)) && length(bucket.name) >= 3 && length(bucket.name) <= 63 && !strcontains(bucket.name, "..")])
    error_message = "A name in buckets is no bucket's: write 3 to 63 lower-case letters, digits, hyphens and single dots, beginning and ending with a letter or digit. Given: ${join(", ", var.buckets[*].name)}."
  }

  validation {
    condition     = alltrue([for bucket in var.buckets : contains(["rewrite", "bucket_named"], bucket.host_mode)])
    error_message = "A host_mode in buckets is unknown: write \"rewrite\" or \"bucket_named\". Given: ${join(", ", var.buckets[*].host_mode)}."
  }

  validation {
    condition     = alltrue([for bucket in var.buckets : bucket.host_mode != "rewrite" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", bucket.files_host))])
    error_message = "A bucket with host_mode \"rewrite\" needs a files_host: write a host name in lower case, such as \"files.corp.example\". Given: ${jsonencode(var.buckets[*].files_host)}."
  }

  validation {
    # As the rule has it, where each dot is two characters.
    condition     = alltrue([for bucket in var.buckets : length("^${replace(coalesce(bucket.files_host, bucket.name), ".", "\\.")}$") <= 128])
    error_message = "A files_host is too long for a load balancer's rule, whose regular expression has at most 128 characters, two for each dot: write a shorter one. Given: ${jsonencode(var.buckets[*].files_host)}."
  }

  validation {
    condition     = alltrue([for bucket in var.buckets : bucket.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:\\d{12}:key/[A-Za-z0-9-]+$", bucket.kms_key_arn))])
    error_message = "A kms_key_arn in buckets is no key's ARN: write it as \"arn:aws:kms:eu-central-1:111122223333:key/…\". An alias will not do: S3 compares what a request names with this text. Given: ${jsonencode(var.buckets[*].kms_key_arn)}."
  }

  validation {
    condition = alltrue([for bucket in var.buckets : bucket.host_mode != "bucket_named" || (
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", bucket.name)) && coalesce(bucket.files_host, bucket.name) == bucket.name
    )])
    error_message = "With host_mode \"bucket_named\" S3 finds the bucket by the host's name alone: name the bucket like its host, such as \"files.corp.example\", and leave files_host out; or write host_mode = \"rewrite\". Given: ${join(", ", var.buckets[*].name)}."
  }

  validation {
    condition     = length(distinct(concat([var.portal_host], [for bucket in var.buckets : coalesce(bucket.files_host, bucket.name)]))) == length(var.buckets) + 1
    error_message = "Two hosts are equal: give the portal (${var.portal_host}) and each bucket a host of its own, or an uploaded page would run on the portal's origin. Given: ${jsonencode([for bucket in var.buckets : coalesce(bucket.files_host, bucket.name)])}."
  }

  validation {
    condition = length(distinct([for place, bucket in var.buckets : coalesce(bucket.rule_number, place)])) == length(var.buckets) && alltrue([
      for bucket in var.buckets : bucket.rule_number == null ? true : contains(range(100), bucket.rule_number)
    ])
    error_message = "A rule_number in buckets is no whole number of 0 to 99, or two buckets have one; without it a bucket has its place in the list, counted from 0. Given: ${jsonencode([for place, bucket in var.buckets : coalesce(bucket.rule_number, place)])}."
  }

  validation {
    condition     = length(distinct(var.buckets[*].name)) == length(var.buckets)
    error_message = "A bucket is in buckets twice: name each once. Given: ${join(", ", var.buckets[*].name)}."
  }
}

variable "certificate_arns" {
  description = "ACM certificate of each host, by the host's name; `*.corp.example` stands for every host just below corp.example."
  type        = map(string)

  validation {
    condition = alltrue([
      for host in concat([var.portal_host], [for bucket in var.buckets : coalesce(bucket.files_host, bucket.name)]) :
      contains(keys(var.certificate_arns), host) || contains(keys(var.certificate_arns), replace(host, "/^[^.]+/", "*"))
    ])
    error_message = "certificate_arns lacks a host: write an entry for each of ${join(", ", concat([var.portal_host], [for bucket in var.buckets : coalesce(bucket.files_host, bucket.name)]))}, or one for \"*.\" and their domain. Given: ${join(", ", keys(var.certificate_arns))}."
  }

  validation {
    condition     = alltrue([for arn in values(var.certificate_arns) : can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:\\d{12}:certificate/.+$", arn))])
    error_message = "A value in certificate_arns is no certificate: write ARNs such as \"arn:aws:acm:eu-central-1:111122223333:certificate/…\"."
  }
}

variable "administrator_role_arns" {
  description = "Roles that may list the buckets from anywhere: the one that runs Terraform, and break-glass. They still cannot read objects from elsewhere."
  type        = list(string)

  validation {
    condition     = length(var.administrator_role_arns) >= 1 && alltrue([for arn in var.administrator_role_arns : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[^*?]+$", arn))])
    error_message = "administrator_role_arns needs the role that runs Terraform, as the ARN of a role without wildcards, such as \"arn:aws:iam::111122223333:role/terraform\". Without it every later plan is told 403 about the buckets, and fails."
  }

  validation {
    condition     = alltrue([for arn in var.administrator_role_arns : !can(regex("/${var.name}-[a-z]{2}(-[a-z]+)+-[0-9]+-task$", arn))])
    error_message = "administrator_role_arns holds the task role, which signs for browsers: leave it out. The signer is never exempt."
  }
}

variable "settings" {
  description = "Further settings of the server, by the names in docs/configuration.md: at least CAUSEWAY_IDENTITY."
  type        = map(string)

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^CAUSEWAY_[A-Z0-9_]+$", name))])
    error_message = "A name in settings is none of the server's: write names as docs/configuration.md lists them, such as CAUSEWAY_LOG. Given: ${join(", ", keys(var.settings))}."
  }

  validation {
    condition     = lookup(var.settings, "CAUSEWAY_IDENTITY", "") == "header"
    error_message = "settings needs CAUSEWAY_IDENTITY = \"header\", the one way in which the server learns who somebody is and the one in which it starts behind a load balancer. See docs/configuration.md."
  }

  validation {
    condition = length(setintersection(keys(var.settings), [
      "CAUSEWAY_LISTEN", "CAUSEWAY_PORTAL_ORIGIN", "CAUSEWAY_STORAGE", "CAUSEWAY_REGION", "CAUSEWAY_BUCKETS", "CAUSEWAY_LOG_FORMAT",
      "CAUSEWAY_MAX_LINK_S", "CAUSEWAY_MAX_PRESIGN_S", "CAUSEWAY_UPLOAD_URL_TTL_S", "CAUSEWAY_UPLOAD_TICKET_TTL_S",
      "CAUSEWAY_HEADER_TIMEOUT_S", "CAUSEWAY_DRAIN_S", "CAUSEWAY_SHUTDOWN_TIMEOUT_S",
    ])) == 0
    error_message = "settings holds a name that follows from other variables: leave it out and use lifetimes, drain_s, shutdown_timeout_s, portal_host, portal_port or buckets. Given: ${join(", ", keys(var.settings))}."
  }
}

variable "secrets" {
  description = "Settings whose values are kept in Secrets Manager, each with the secret's ARN; without one a secret is made (for CAUSEWAY_IDENTITY_SECRET too), and docs/operations.md says how to put its value in. A secret of yours under a key of its own needs that key to let the execution role decrypt."
  type        = map(object({ arn = optional(string) }))
  default     = { CAUSEWAY_LINK_KEYS = {} }

  validation {
    condition     = contains(keys(var.secrets), "CAUSEWAY_LINK_KEYS")
    error_message = "secrets needs CAUSEWAY_LINK_KEYS, which seals links and uploads: write CAUSEWAY_LINK_KEYS = {} to have the secret made."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^CAUSEWAY_[A-Z0-9_]+$", name))])
    error_message = "A name in secrets is none of the server's: write names as docs/configuration.md lists them, such as CAUSEWAY_LINK_KEYS. Given: ${join(", ", keys(var.secrets))}."
  }

  validation {
    condition = length(setintersection(keys(var.secrets), [
      "CAUSEWAY_LISTEN", "CAUSEWAY_PORTAL_ORIGIN", "CAUSEWAY_STORAGE", "CAUSEWAY_REGION", "CAUSEWAY_BUCKETS", "CAUSEWAY_LOG_FORMAT",
      "CAUSEWAY_MAX_LINK_S", "CAUSEWAY_MAX_PRESIGN_S", "CAUSEWAY_UPLOAD_URL_TTL_S", "CAUSEWAY_UPLOAD_TICKET_TTL_S",
      "CAUSEWAY_HEADER_TIMEOUT_S", "CAUSEWAY_DRAIN_S", "CAUSEWAY_SHUTDOWN_TIMEOUT_S",
    ])) == 0
    error_message = "secrets holds a name that follows from other variables, and ECS refuses one that is there twice: leave it out. Given: ${join(", ", keys(var.secrets))}."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.arn == null ? true : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\\d{12}:secret:[^:]+$", secret.arn))])
    error_message = "An arn in secrets is no secret's: write it whole and without a key of its JSON, such as \"arn:aws:secretsmanager:eu-central-1:111122223333:secret:causeway-keys-AbCdEf\"; or {} to have the secret made."
  }

  validation {
    condition     = length(setintersection(keys(var.settings), concat(keys(var.secrets), ["CAUSEWAY_LINK_KEYS", "CAUSEWAY_IDENTITY_SECRET"]))) == 0
    error_message = "A secret is in settings, whose values everyone reads who may see the task definition: leave it out there, and name it in secrets."
  }
}

variable "image_repository" {
  description = "ECR repository of the image, `<account>.dkr.ecr.<Region>.amazonaws.com/<name>`; null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.image_repository == null || can(regex("^\\d{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.[a-z.]+/[a-z0-9._/-]+$", var.image_repository))
    error_message = "image_repository is not in ECR, which alone can be reached without internet: write <account>.dkr.ecr.<Region>.amazonaws.com/<name>, without a tag, or null."
  }
}

variable "image_tag" {
  description = "Tag of the image to run: a version, never one that moves."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag is ${jsonencode(var.image_tag)}: write a version such as \"1.4.2\". What \"latest\" means changes, and nothing could be rolled back to."
  }
}
