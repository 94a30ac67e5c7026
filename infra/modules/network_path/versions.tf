terraform {
  # 1.9: a variable that is validated against another.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.19: listener rules that rewrite the Host, and conditions by regular expression.
      version = ">= 6.19, < 7.0"
    }
  }
}
