# The portal's tasks: ECS on Fargate in at least two Availability Zones, without public addresses.

locals {
  # The image holds the program on its PATH and runs as nobody in particular.
  container = {
    name                   = "portal"
    image                  = "${local.repository_url}:${var.image_tag}"
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    portMappings           = [{ containerPort = var.portal_port, protocol = "tcp" }]
    environment            = [for name in sort(keys(local.settings)) : { name = name, value = local.settings[name] }]
    secrets                = [for name in sort(keys(local.secret_arns)) : { name = name, valueFrom = local.secret_arns[name] }]

    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { drop = ["ALL"] }
    }

    # The program asks itself: the image has no shell and no curl.
    healthCheck = {
      command     = ["CMD", "causeway", "healthcheck"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 20
    }

    # SIGKILL only after the portal has drained and closed by itself.
    stopTimeout = var.drain_s + var.shutdown_timeout_s + 5

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = var.log_group.name
        "awslogs-region"        = var.aws.region
        "awslogs-stream-prefix" = "portal"
        # A slow log never holds up an answer; what does not fit into 4 MiB is dropped.
        "mode"            = "non-blocking"
        "max-buffer-size" = "4m"
      }
    }
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory_mib
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions    = jsonencode([local.container])
  # Kept for a rollback.
  skip_destroy = true
  tags         = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  lifecycle {
    precondition {
      condition     = try(local.named_repository.region, var.aws.region) == var.aws.region
      error_message = "image_repository is in ${try(local.named_repository.region, "")}, and no endpoint of ${var.aws.region} leads there: copy the image to a repository in ${var.aws.region}, such as by ECR's replication, and name that one."
    }

    precondition {
      condition     = alltrue([for secret in values(var.secrets) : secret.arn == null ? true : split(":", secret.arn)[3] == var.aws.region])
      error_message = "A secret in secrets is of another Region than ${var.aws.region}, and no endpoint leads there: write its replica in ${var.aws.region}, or {} to have it made."
    }
  }
}

resource "aws_ecs_service" "this" {
  name                               = "portal"
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.min_tasks
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  availability_zone_rebalancing      = "ENABLED"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60
  enable_execute_command             = false
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  tags                               = var.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    enable      = true
    rollback    = true
    alarm_names = var.deployment_alarm_names
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group.arn
    container_name   = local.container.name
    container_port   = var.portal_port
  }

  lifecycle {
    # Autoscaling moves it.
    ignore_changes = [desired_count]
  }

  # A task that starts before it may pull, log and read its secrets fails, and the circuit breaker counts it.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task]
}
