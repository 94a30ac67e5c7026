# What stands here and in the program alike is the same in both: settings, CORS, calls of S3, paths.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "settings_are_the_servers_own" {
  assert {
    condition     = length(setintersection(flatten(regexall("(?m)^\\| `(CAUSEWAY_[A-Z0-9_]+)` \\|", file("../docs/configuration.md"))), concat(keys(output.settings), keys(output.secret_arns)))) > 15
    error_message = "docs/configuration.md no longer lists settings in the way this test reads them."
  }

  assert {
    condition     = length(setsubtract(concat(keys(output.settings), keys(output.secret_arns)), flatten(regexall("(?m)^\\| `(CAUSEWAY_[A-Z0-9_]+)` \\|", file("../docs/configuration.md"))))) == 0
    error_message = "A setting is passed that docs/configuration.md does not know."
  }

  assert {
    condition     = length(setintersection([for row in regexall("(?m)^\\| `(CAUSEWAY_[A-Z0-9_]+)` \\|.*[Hh]as to be (?:set|known)(?: with `([a-z0-9]+)`)?", file("../docs/configuration.md")) : row[0] if row[1] == null ? true : contains(values(output.settings), row[1])], concat(keys(output.settings), keys(output.secret_arns)))) >= 4
    error_message = "docs/configuration.md no longer says which settings have to be set in the way this test reads it."
  }

  assert {
    condition     = length(setsubtract([for row in regexall("(?m)^\\| `(CAUSEWAY_[A-Z0-9_]+)` \\|.*[Hh]as to be (?:set|known)(?: with `([a-z0-9]+)`)?", file("../docs/configuration.md")) : row[0] if row[1] == null ? true : contains(values(output.settings), row[1])], concat(keys(output.settings), keys(output.secret_arns)))) == 0
    error_message = "A setting is missing that docs/configuration.md says has to be set."
  }

  assert {
    condition     = length(setsubtract(["CAUSEWAY_LISTEN", "CAUSEWAY_STORAGE", "CAUSEWAY_BUCKETS", "CAUSEWAY_IDENTITY", "CAUSEWAY_LOG_FORMAT"], concat(keys(output.settings), keys(output.secret_arns)))) == 0
    error_message = "A setting is missing whose default is meant for a laptop."
  }

  assert {
    condition     = tonumber(output.settings["CAUSEWAY_HEADER_TIMEOUT_S"]) > tonumber(one(flatten(regexall("CAUSEWAY_HEADER_TIMEOUT_S`.*idle timeout \\(([0-9]+) s\\)", file("../docs/configuration.md")))))
    error_message = "docs/configuration.md tells an idle timeout that the portal does not outlast."
  }
}

run "cors_is_the_signers_own" {
  module {
    source = "./modules/bucket"
  }

  variables {
    aws                          = { partition = "aws", account_id = "111122223333", region = "eu-central-1" }
    name                         = "corp-files"
    portal_origin                = "https://portal.corp.example"
    endpoint_ids                 = ["vpce-gateway", "vpce-interface"]
    administrator_role_arns      = ["arn:aws:iam::111122223333:role/terraform"]
    kms_key_arn                  = null
    max_signature_age_s          = 46800
    abort_incomplete_upload_days = 7
    noncurrent_version_days      = 90
    log_bucket                   = "causeway-s3-logs"
    force_destroy                = false
    tags                         = {}
  }

  assert {
    condition     = join(" ", sort(one(aws_s3_bucket_cors_configuration.this.cors_rule).allowed_methods)) == join(" ", sort(flatten(regexall("\"([^\"]+)\"", one(flatten(regexall("pub const METHODS: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]", file("../server/src/cors.rs"))))))))
    error_message = "The bucket allows other methods than the server's own list in server/src/cors.rs."
  }

  assert {
    condition     = join(" ", sort(one(aws_s3_bucket_cors_configuration.this.cors_rule).allowed_headers)) == join(" ", sort(flatten(regexall("\"([^\"]+)\"", one(flatten(regexall("pub const ALLOWED_HEADERS: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]", file("../server/src/cors.rs"))))))))
    error_message = "The bucket allows other headers than the signer may ask for."
  }

  assert {
    condition     = join(" ", sort(one(aws_s3_bucket_cors_configuration.this.cors_rule).expose_headers)) == join(" ", sort(flatten(regexall("\"([^\"]+)\"", one(flatten(regexall("pub const EXPOSED_HEADERS: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]", file("../server/src/cors.rs"))))))))
    error_message = "The bucket exposes other headers than the upload engine reads."
  }

  assert {
    condition     = one(aws_s3_bucket_cors_configuration.this.cors_rule).max_age_seconds == tonumber(one(flatten(regexall("MAX_AGE_S: u32 = ([0-9]+);", file("../server/src/cors.rs")))))
    error_message = "Browsers remember preflights for another time than the server's own list says."
  }
}

run "calls_of_s3_are_the_products_own" {
  assert {
    condition     = join(" ", sort([for call in output.s3_calls : call.call if call.by == "portal"])) == join(" ", sort(distinct(flatten(regexall("\\.([a-z0-9_]+)\\(\\)\\s*\\.bucket\\(", join("\n", [for name in setunion(["s3.rs"], fileset("../server/src", "s3/**/*.rs")) : file("../server/src/${name}")]))))))
    error_message = "s3_calls.json lists other calls than the server makes: the task role is too narrow or too wide."
  }

  assert {
    condition     = length(flatten(regexall("\\.(?:sign|read)\\(\"([A-Z]+)\"", join("\n", [for name in setunion(["s3.rs"], fileset("../server/src", "s3/**/*.rs")) : file("../server/src/${name}")])))) > 1 && length(setsubtract(flatten(regexall("\\.(?:sign|read)\\(\"([A-Z]+)\"", join("\n", [for name in setunion(["s3.rs"], fileset("../server/src", "s3/**/*.rs")) : file("../server/src/${name}")]))), [for call in output.s3_calls : call.method if call.by == "browser"])) == 0
    error_message = "The server signs a method that s3_calls.json does not list."
  }

  assert {
    condition     = toset([for call in output.s3_calls : call.method if call.by == "browser"]) == toset(flatten(regexall("\"([^\"]+)\"", one(flatten(regexall("pub const METHODS: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]", file("../server/src/cors.rs")))))))
    error_message = "s3_calls.json lists other methods than browsers may send."
  }

  assert {
    condition     = alltrue([for call in output.s3_calls : contains(["bucket", "object"], call.on) && contains(["portal", "browser"], call.by) && length(call.actions) > 0 && alltrue([for action in call.actions : can(regex("^s3:[A-Za-z]+$", action))])])
    error_message = "A call in s3_calls.json is not told rightly, has no action, or one by wildcard."
  }

  assert {
    condition     = alltrue([for call in output.s3_calls : contains(flatten([for rule in output.listener_rules : rule.methods if rule.target == "s3"]), call.method) if call.by == "browser"])
    error_message = "A method is signed that the load balancer does not let through."
  }

  assert {
    condition     = length(setsubtract(flatten([for call in output.s3_calls : call.actions]), flatten([for statement in jsondecode(output.task_policy).Statement : statement.Action if statement.Effect == "Allow"]))) == 0
    error_message = "The task role may not do what a call needs."
  }

  assert {
    condition     = length(setsubtract(flatten([for call in output.s3_calls : call.actions if call.by == "browser"]), flatten(jsondecode(output.endpoint_policies.s3_interface).Statement[*].Action))) == 0 && length(setsubtract(flatten([for call in output.s3_calls : call.actions if call.by == "portal"]), flatten(jsondecode(output.endpoint_policies.s3_gateway).Statement[*].Action))) == 0
    error_message = "An endpoint does not let a call through."
  }
}

run "paths_of_the_rules_are_the_portals_own" {
  assert {
    condition     = contains(output.listener_rules["portal-api/portal"].paths, "${one(flatten(regexall("pub const BASE: &str = \"([^\"]+)\"", file("../server/src/api.rs"))))}/*")
    error_message = "The API is somewhere else than the rule that tells strangers 401."
  }

  assert {
    condition     = alltrue(flatten([for name in fileset("../app/src/api", "*.rs") : [for prefix in regexall("prefix = \"([^\"]+)\"", file("../app/src/api/${name}")) : contains(output.listener_rules["portal-api/portal"].paths, "${prefix[0]}/*")]]))
    error_message = "A server function is outside the API: a stranger would be sent to sign in by redirect, which a script cannot follow."
  }

  assert {
    condition     = contains(flatten([for rule in output.listener_rules : rule.paths if rule.target == "portal"]), "/${one(flatten(regexall("const BUILT: &str = \"([^\"]+)\"", file("../server/src/assets.rs"))))}/*") && length(setsubtract([for name in fileset("../public", "*") : "/${name}"], flatten([for rule in output.listener_rules : rule.paths if rule.target == "portal"]))) == 0
    error_message = "An asset is not open: share links would open without their style."
  }

  assert {
    condition     = contains(flatten([for rule in output.listener_rules : rule.paths if rule.target == "portal"]), replace(one(flatten(regexall("const SHARE_LINK: &str = \"([^\"]+)\"", file("../server/src/middleware/sign_in.rs")))), "{token}", "*"))
    error_message = "Share links are somewhere else than the rule that lets them through."
  }

  assert {
    condition     = contains(flatten([for rule in output.listener_rules : rule.paths if rule.target == "portal"]), one(flatten(regexall("LIVE_PATH: &str = \"([^\"]+)\"", file("../server/src/health.rs")))))
    error_message = "The health check that uploads ask is somewhere else than the rule that lets it through."
  }
}
