terraform {
  # 1.11: mocks that answer while planning, which the tests use.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.19: listener rules that rewrite the Host, and conditions by regular expression.
      version = ">= 6.19, < 7.0"
    }
  }
}
