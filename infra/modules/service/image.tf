# Where the image lies: a repository of our own unless one was named.

locals {
  repository_url = var.image_repository == null ? aws_ecr_repository.this["own"].repository_url : var.image_repository

  # "<account>.dkr.ecr.<Region>.<suffix>/<name>" is the one form that a network without internet can pull.
  named_repository = var.image_repository == null ? null : regex("^(?P<account>\\d{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.[^/]+/(?P<name>.+)$", var.image_repository)
  repository_arn = (
    var.image_repository == null
    ? aws_ecr_repository.this["own"].arn
    : "arn:${var.aws.partition}:ecr:${local.named_repository.region}:${local.named_repository.account}:repository/${local.named_repository.name}"
  )
}

resource "aws_ecr_repository" "this" {
  for_each = var.image_repository == null ? toset(["own"]) : toset([])

  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_destroy
  tags                 = var.tags

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each   = aws_ecr_repository.this
  repository = each.value.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "The last 20 images: enough to roll back"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 20 }
      action       = { type = "expire" }
    }]
  })
}
