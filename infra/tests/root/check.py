"""Looks at everything that the root makes of given.tfvars.json: that each variable arrives where it belongs, that
nothing is open to everywhere, that everything carries its tags, and what the policies decide about real requests.

    terraform test -json -verbose -test-directory=tests/root -var-file=tests/root/given.tfvars.json | check.py

Prints what does not hold, then a count in the words of `terraform test`."""

import json
import pathlib
import re
import sys

import access

here = pathlib.Path(__file__).parent
root = here.parent.parent
given = json.loads((here / "given.tfvars.json").read_text())

passed, failed = 0, []


def check(what, actual, wanted):
    global passed
    if actual == wanted:
        passed += 1
    else:
        failed.append(f"{what}:\n  is        {json.dumps(actual, sort_keys=True)}\n  should be {json.dumps(wanted, sort_keys=True)}")


def strings(value):
    """Every text in a value, at any depth."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


class Made:
    """What one run made."""

    def __init__(self, state):
        self.outputs = {name: output["value"] for name, output in state["outputs"].items()}
        self.resources, self.data = {}, {}
        modules = [state["root_module"]]
        while modules:
            module = modules.pop()
            modules += module.get("child_modules", [])
            for resource in module.get("resources", []):
                (self.resources if resource["mode"] == "managed" else self.data)[resource["address"]] = resource

    def all(self, kind, name=None):
        """Values of the resources of a type, by their address without the module that there is once, and the type."""
        return {
            re.sub(r"^module\.\w+\.(?=aws_)", "", address).replace(kind + ".", ""): resource["values"]
            for address, resource in sorted(self.resources.items())
            if resource["type"] == kind and name in (None, resource["name"])
        }

    def one(self, kind, name=None):
        (values,) = self.all(kind, name).values()
        return values


runs, broken = {}, False
for line in sys.stdin:
    event = json.loads(line)
    if event["type"] == "test_state":
        runs[event["@testrun"]] = Made(event["test_state"])
    if event["type"] == "diagnostic" and event["diagnostic"]["severity"] == "error":
        failed.append(f"{event.get('@testrun')}: {event['diagnostic']['summary']} {event['diagnostic'].get('detail', '')}")
        broken = True

if broken or "given" not in runs:
    print(*failed, "Failure! 0 passed, 1 failed.", sep="\n")
    sys.exit(1)

made = runs["given"]
# More than the variables of the first run, by their own.
others = {name: run for name, run in runs.items() if name != "given"}

# Of every run and every resource.
for name, run in runs.items():
    for address, resource in run.resources.items():
        everywhere = [text for text in strings(resource["values"]) if re.search(r"(?<![\d.])0\.0\.0\.0/0|(?<![\w:])::/0", text)]
        check(f"{name}: {address}: open to everywhere", everywhere, [])
        if "tags" in resource["values"]:
            tags = resource["values"]["tags"] or {}
            wanted = {"Application": "causeway", "Deployment": given["name"], **given["tags"]}
            check(f"{name}: {address}: tags", {tag: tags.get(tag) for tag in wanted}, wanted)

balancer = made.one("aws_lb")
https, redirect = made.one("aws_lb_listener", "https"), made.one("aws_lb_listener", "redirect")
targets = {name: made.one("aws_lb_target_group", name) for name in ("portal", "s3")}
service, task = made.one("aws_ecs_service"), made.one("aws_ecs_task_definition")
(container,) = json.loads(task["container_definitions"])
environment = {setting["name"]: setting["value"] for setting in container["environment"]}
groups = {address.split("[")[0]: values["id"] for address, values in made.all("aws_security_group").items()}
ingress = list(made.all("aws_vpc_security_group_ingress_rule").values())
egress = list(made.all("aws_vpc_security_group_egress_rule").values())
alarms = list(made.all("aws_cloudwatch_metric_alarm").values())
rules = made.all("aws_lb_listener_rule")
log_buckets = made.all("aws_s3_bucket", "logs")
names = [bucket["name"] for bucket in given["buckets"]]


def rows(resources, *fields):
    return sorted([[resource[field] for field in fields] for resource in resources], key=str)


def by_bucket(kind, pick):
    """What each bucket has of a kind of resource, in the order in which buckets were given."""
    return [pick(made.resources[f'module.bucket["{name}"].{kind}.this']["values"]) for name in names]


def lifecycle(values, block, field):
    return [part[field] for rule in values["rule"] for part in rule[block]]


def log_policy(which):
    return json.loads(made.all("aws_s3_bucket_policy", "logs")[f'logs["{which}"]']["policy"])["Statement"]


# One for each variable of the root: what is made of it, and what that has to be.
wiring = {}
wiring["name"] = (
    [balancer["name"], service["cluster"] != "", made.one("aws_ecs_cluster")["name"], task["family"]]
    + sorted(values["name"] for values in targets.values()),
    ["rooms", True, "rooms", "rooms", "rooms-portal", "rooms-s3"],
)
wiring["tags"] = (made.one("aws_ecs_cluster")["tags"], {"Application": "causeway", "Deployment": "rooms", **given["tags"]})
wiring["portal_host"] = (
    [
        environment["CAUSEWAY_PORTAL_ORIGIN"],
        by_bucket("aws_s3_bucket_cors_configuration", lambda values: values["cors_rule"][0]["allowed_origins"]),
        [values["condition"][0]["host_header"][0]["values"] for address, values in rules.items() if "portal" in address],
        [rule["Statement"]["ManagedRuleGroupStatement"]["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"] for rule in json.loads(made.one("aws_wafv2_web_acl")["rule_json"])],
    ],
    ["https://portal.rooms.example", [["https://portal.rooms.example"]] * 2, [["portal.rooms.example"]] * 3, ["portal.rooms.example"] * 2],
)
wiring["buckets"] = (
    [
        by_bucket("aws_s3_bucket", lambda values: values["bucket"]),
        json.loads(environment["CAUSEWAY_BUCKETS"]),
        by_bucket("aws_s3_bucket_server_side_encryption_configuration", lambda values: values["rule"][0]["apply_server_side_encryption_by_default"][0]["kms_master_key_id"])[0],
        [statement["Resource"] for statement in json.loads(made.one("aws_iam_role_policy", "task")["policy"])["Statement"] if statement["Sid"] == "Buckets"],
        next(statement for statement in log_policy("s3") if statement["Sid"] == "ServiceWrites")["Condition"]["ArnLike"]["aws:SourceArn"],
        {address: values["priority"] for address, values in rules.items() if "files-" in address},
        [statement["Resource"] for statement in json.loads(made.one("aws_iam_role_policy", "task")["policy"])["Statement"] if statement["Sid"] == "KeysOfObjects"],
    ],
    [
        names,
        [
            {"name": "rooms-papers", "label": "Papers", "public_host": "papers.rooms.example", "signing_host": "rooms-papers.s3.eu-central-1.amazonaws.com"},
            {"name": "media.rooms.example", "label": "Media", "public_host": "media.rooms.example", "signing_host": "media.rooms.example"},
        ],
        given["buckets"][0]["kms_key_arn"],
        [[f"arn:aws:s3:::{name}" for name in names]],
        [f"arn:aws:s3:::{name}" for name in names],
        {f'this["files-{way}/{name}"]': first + number for way, first in (("read", 400), ("write", 500)) for name, number in zip(names, (0, 7))},
        [[given["buckets"][0]["kms_key_arn"], made.resources[f'module.bucket["{names[1]}"].aws_kms_key.this["own"]']["values"]["arn"]]],
    ],
)
wiring["certificate_arns"] = (
    [https["certificate_arn"], sorted(values["certificate_arn"] for values in made.all("aws_lb_listener_certificate").values())],
    [given["certificate_arns"]["portal.rooms.example"], sorted(given["certificate_arns"][host] for host in ("papers.rooms.example", "media.rooms.example"))],
)
wiring["administrator_role_arns"] = (
    [
        [statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"] for statement in json.loads(policy)["Statement"] if statement["Sid"] == "DenyListingFromElsewhere"]
        for policy in by_bucket("aws_s3_bucket_policy", lambda values: values["policy"])
    ],
    [[given["administrator_role_arns"]]] * 2,
)
wiring["settings"] = ({name: environment.get(name) for name in given["settings"]}, given["settings"])
wiring["secrets"] = (
    {secret["name"]: secret["valueFrom"] for secret in container["secrets"]},
    {
        "CAUSEWAY_LINK_KEYS": made.one("aws_secretsmanager_secret")["arn"],
        "CAUSEWAY_IDENTITY_SECRET": given["secrets"]["CAUSEWAY_IDENTITY_SECRET"]["arn"],
    },
)
wiring["image_repository"] = wiring["image_tag"] = (
    [container["image"], made.all("aws_ecr_repository")],
    [f'{given["image_repository"]}:{given["image_tag"]}', {}],
)
wiring["vpc_id"] = (
    sorted({values["vpc_id"] for kind in ("aws_lb_target_group", "aws_security_group", "aws_vpc_endpoint") for values in made.all(kind).values()})
    + sorted({alarm["dimensions"]["VPC Id"] for alarm in alarms if alarm["namespace"] == "AWS/PrivateLinkEndpoints"}),
    [given["vpc_id"]] * 2,
)
wiring["load_balancer_subnet_ids"] = (sorted(balancer["subnets"]), given["load_balancer_subnet_ids"])
wiring["service_subnet_ids"] = (
    [sorted(service["network_configuration"][0]["subnets"])] + [sorted(values["subnet_ids"]) for values in made.all("aws_vpc_endpoint", "service").values()],
    [given["service_subnet_ids"]] * 4,
)
wiring["route_table_ids"] = (sorted(made.one("aws_vpc_endpoint", "s3_gateway")["route_table_ids"]), given["route_table_ids"])
wiring["s3_endpoint_addresses"] = (
    [
        {part["subnet_id"]: part["ipv4"] for part in made.one("aws_vpc_endpoint", "s3_interface")["subnet_configuration"]},
        sorted(made.one("aws_vpc_endpoint", "s3_interface")["subnet_ids"]),
        sorted(values["target_id"] for values in made.all("aws_lb_target_group_attachment").values()),
    ],
    [given["s3_endpoint_addresses"], sorted(given["s3_endpoint_addresses"]), sorted(given["s3_endpoint_addresses"].values())],
)
wiring["existing_endpoints"] = (
    [
        sorted(made.all("aws_vpc_endpoint", "service")),
        [rule["referenced_security_group_id"] for rule in ingress if rule["security_group_id"] == "sg-0f00ba43"],
        [rule["security_group_id"] for rule in egress if rule["referenced_security_group_id"] == "sg-0f00ba43"],
    ],
    [['service["ecr.api"]', 'service["ecr.dkr"]', 'service["secretsmanager"]'], [groups["service"]], [groups["service"]]],
)
wiring["endpoint_client_security_group_ids"] = (
    [
        rows([rule for rule in ingress if rule["referenced_security_group_id"] in given["endpoint_client_security_group_ids"]], "security_group_id", "from_port", "to_port"),
        {address: json.loads(values["policy"])["Statement"][0]["Action"] for address, values in made.all("aws_vpc_endpoint", "service").items()},
    ],
    [[[groups["service_endpoints"], 443, 443]], {'service["ecr.api"]': ["ecr:*"], 'service["ecr.dkr"]': ["ecr:*"], 'service["secretsmanager"]': ["secretsmanager:*"]}],
)
wiring["client_cidr_blocks"] = (
    rows([rule for rule in ingress if rule["cidr_ipv4"]], "cidr_ipv4", "from_port", "to_port", "security_group_id"),
    [[block, port, port, groups["load_balancer"]] for block in given["client_cidr_blocks"] for port in (443, 80)],
)
wiring["client_security_group_ids"] = (
    rows([rule for rule in ingress if rule["referenced_security_group_id"] in given["client_security_group_ids"]], "from_port", "to_port", "security_group_id"),
    [[443, 443, groups["load_balancer"]], [80, 80, groups["load_balancer"]]],
)
wiring["identity_provider_cidr_blocks"] = (
    rows([rule for rule in egress if rule["cidr_ipv4"]], "cidr_ipv4", "security_group_id"),
    [["10.99.3.0/24", groups["load_balancer"]]],
)
wiring["ssl_policy"] = (https["ssl_policy"], given["ssl_policy"])
wiring["dns_zone_id"] = (
    rows(made.all("aws_route53_record").values(), "name", "zone_id"),
    [[host, given["dns_zone_id"]] for host in sorted(given["certificate_arns"])],
)
signing = {address: [action["authenticate_oidc"][0] for action in values["action"] if action["authenticate_oidc"]] for address, values in rules.items()}
wiring["sign_in"] = (
    {address: [{field: oidc["session_timeout" if field == "session_timeout_s" else field] for field in given["sign_in"]} for oidc in found] for address, found in signing.items()},
    {address: [given["sign_in"]] if "portal" in address else [] for address in rules},
)
wiring["sign_in_client_secret"] = (
    sorted({oidc["client_secret"] for found in signing.values() for oidc in found}),
    [given["sign_in_client_secret"]],
)
wiring["waf"] = ([made.one("aws_wafv2_web_acl_association")["resource_arn"], made.one("aws_wafv2_web_acl")["name"]], [balancer["arn"], "rooms"])
wiring["lifetimes"] = (
    {name: environment[f"CAUSEWAY_{name.upper()}"] for name in given["lifetimes"]},
    {name: str(value) for name, value in given["lifetimes"].items()},
)
wiring["max_signature_age_s"] = (
    [statement["Condition"]["NumericGreaterThan"]["s3:signatureAge"] for policy in by_bucket("aws_s3_bucket_policy", lambda values: values["policy"]) for statement in json.loads(policy)["Statement"] if statement["Sid"] == "DenyOldSignatures"],
    [str(given["max_signature_age_s"] * 1000)] * 2,
)
wiring["abort_incomplete_upload_days"] = (
    by_bucket("aws_s3_bucket_lifecycle_configuration", lambda values: lifecycle(values, "abort_incomplete_multipart_upload", "days_after_initiation")),
    [[given["abort_incomplete_upload_days"]]] * 2,
)
wiring["noncurrent_version_days"] = (
    by_bucket("aws_s3_bucket_lifecycle_configuration", lambda values: lifecycle(values, "noncurrent_version_expiration", "noncurrent_days")),
    [[given["noncurrent_version_days"]]] * 2,
)
scaling, by_requests = made.one("aws_appautoscaling_target"), made.one("aws_appautoscaling_policy", "requests")["target_tracking_scaling_policy_configuration"][0]
wiring["task"] = (
    {
        "architecture": task["runtime_platform"][0]["cpu_architecture"],
        "cpu": int(task["cpu"]),
        "memory_mib": int(task["memory"]),
        "min": scaling["min_capacity"],
        "max": scaling["max_capacity"],
        "requests_per_minute": by_requests["target_value"],
        "desired": service["desired_count"],
        "counted": by_requests["predefined_metric_specification"][0]["resource_label"],
    },
    {**given["task"], "desired": given["task"]["min"], "counted": f'{balancer["arn_suffix"]}/{targets["portal"]["arn_suffix"]}'},
)
wiring["portal_port"] = (
    [
        targets["portal"]["port"], container["portMappings"][0]["containerPort"], service["load_balancer"][0]["container_port"], environment["CAUSEWAY_LISTEN"],
        rows([rule for rule in ingress + egress if rule["from_port"] == given["portal_port"]], "security_group_id", "referenced_security_group_id", "to_port"),
    ],
    [
        4321, 4321, 4321, "0.0.0.0:4321",
        sorted([[groups["load_balancer"], groups["service"], 4321], [groups["service"], groups["load_balancer"], 4321]], key=str),
    ],
)
wiring["drain_s"] = wiring["shutdown_timeout_s"] = (
    [environment["CAUSEWAY_DRAIN_S"], environment["CAUSEWAY_SHUTDOWN_TIMEOUT_S"], container["stopTimeout"]],
    ["14", "27", 46],
)
wiring["log_retention_days"] = ([values["retention_in_days"] for values in made.all("aws_cloudwatch_log_group").values()], [given["log_retention_days"]])
wiring["access_log_retention_days"] = (
    [lifecycle(values, "expiration", "days") for values in made.all("aws_s3_bucket_lifecycle_configuration", "logs").values()],
    [[given["access_log_retention_days"]]] * 2,
)
wiring["log_reader_role_arns"] = (
    [statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"] for which in ("load-balancer", "s3") for statement in log_policy(which) if statement["Sid"] == "DenyReading"],
    [given["log_reader_role_arns"]] * 2,
)
wiring["flow_log"] = (made.all("aws_flow_log"), {})
wiring["alarm_topic_arns"] = (
    [[alarm["alarm_actions"], alarm["ok_actions"]] for alarm in alarms],
    [[given["alarm_topic_arns"]] * 2] * len(alarms),
)
wiring["deletion_protection"] = (balancer["enable_deletion_protection"], False)
wiring["force_destroy"] = (
    [values["force_destroy"] for values in made.all("aws_s3_bucket").values()] + [made.one("aws_secretsmanager_secret")["recovery_window_in_days"]],
    [True] * 4 + [0],
)

variables = re.findall(r'(?m)^variable "(\w+)"', "".join(path.read_text() for path in sorted(root.glob("variables*.tf"))))
check("variables with a value in given.tfvars.json", sorted(given), sorted(variables))
check("variables that are followed", sorted(wiring), sorted(variables))
for variable, (actual, wanted) in wiring.items():
    check(f"var.{variable}", actual, wanted)

# What one module makes and another uses.
forwards = {address: [action["target_group_arn"] for action in values["action"] if action["type"] == "forward"] for address, values in rules.items()}
check("rules lead to the tasks and to S3", forwards, {address: [targets["portal" if "portal" in address else "s3"]["arn"]] for address in rules})
check("tasks register", service["load_balancer"][0]["target_group_arn"], targets["portal"]["arn"])
check("S3's addresses register", sorted({values["target_group_arn"] for values in made.all("aws_lb_target_group_attachment").values()}), [targets["s3"]["arn"]])
check("tasks' group", service["network_configuration"][0]["security_groups"], [groups["service"]])
check("the load balancer's group", balancer["security_groups"], [groups["load_balancer"]])
watched = {name: [alarm["dimensions"] for alarm in alarms if alarm["alarm_name"] == f"rooms-{name}"] for name in ("portal-unhealthy", "s3-unhealthy", "load-balancer-5xx")}
on_balancer = {"LoadBalancer": balancer["arn_suffix"]}
check("alarms about targets", watched, {
    "portal-unhealthy": [{**on_balancer, "TargetGroup": targets["portal"]["arn_suffix"]}],
    "s3-unhealthy": [{**on_balancer, "TargetGroup": targets["s3"]["arn_suffix"]}],
    "load-balancer-5xx": [on_balancer],
})
check("endpoints with an alarm", sorted(alarm["dimensions"]["VPC Endpoint Id"] for alarm in alarms if alarm["namespace"] == "AWS/PrivateLinkEndpoints"),
      sorted(values["id"] for values in made.all("aws_vpc_endpoint").values() if values["vpc_endpoint_type"] == "Interface"))
check("alarms that roll back", sorted(service["alarms"][0]["alarm_names"]), ["rooms-load-balancer-5xx", "rooms-portal-5xx", "rooms-portal-slow"])
check("alarm on tasks", [[query["metric"][0]["dimensions"] for query in made.one("aws_cloudwatch_metric_alarm", "missing_tasks")["metric_query"] if query["metric"]]],
      [[{"ClusterName": "rooms", "ServiceName": service["name"]}] * 2])
check("the load balancer's log", balancer["access_logs"][0]["bucket"], log_buckets['logs["load-balancer"]']["id"])
check("S3's log", by_bucket("aws_s3_bucket_logging", lambda values: values["target_bucket"]), [log_buckets['logs["s3"]']["id"]] * 2)
check("the portal's log", container["logConfiguration"]["options"]["awslogs-group"], made.one("aws_cloudwatch_log_group")["name"])
check("idle connections", [balancer["idle_timeout"], environment["CAUSEWAY_HEADER_TIMEOUT_S"]], [300, "320"])
graphs = {widget["properties"]["title"]: widget["properties"]["metrics"] for widget in json.loads(made.one("aws_cloudwatch_dashboard")["dashboard_body"])["widgets"]}
check("graphs of tasks", [metric[2:6] for metric in graphs["Processor and memory of the tasks (%)"]], [["ClusterName", "rooms", "ServiceName", service["name"]]] * 2)
check("graph of the firewall", [metric[3] for metric in graphs["What the firewall refuses"]], [made.one("aws_wafv2_web_acl")["visibility_config"][0]["metric_name"]] * 2)
check("graph of requests", [metric[3] for metric in graphs["Requests"]], [targets["portal"]["arn_suffix"], targets["s3"]["arn_suffix"]])
check("what was not asked for", [made.all("aws_ecr_repository"), made.all("aws_flow_log")], [{}, {}])

for name, run in others.items():
    if name == "defaults":
        (repository,) = run.all("aws_ecr_repository").values()
        check("a repository is made where none is named, and goes when asked", repository["force_delete"], True)
        check("a flow log is kept where none is", [values["vpc_id"] for values in run.all("aws_flow_log").values()], [given["vpc_id"]])

# What the guides tell operators to type.
guides = "".join((root / path).read_text() for path in ("UPGRADE.md", "README.md", "../docs/operations.md", "../docs/network-path.md"))
ours = {re.sub(r"\[.*?\]", "", address) for run in runs.values() for address in run.resources}
addresses = set(re.findall(r'module\.(?:bucket|network_path|service|observability)(?:\["[^"]*"\])?\.aws_\w+\.\w+', guides))
check("addresses in the guides", [sorted(address for address in addresses if re.sub(r"\[.*?\]", "", address) not in ours), len(addresses) >= 3], [[], True])
check("outputs in the guides", sorted({name for name in re.findall(r"(?:terraform output (?:-raw )?|the output `)(\w+)", guides)} - made.outputs.keys()), [])
applied = re.findall(r"terraform apply[^`\n]*", (root / "../docs/operations.md").read_text())
check("commands that leave out the file with the values", [[command for command in applied if " -var-file=…" not in command], len(applied) >= 4], [[], True])

# What the policies decide.
world = {
    "task_policy": json.loads(made.one("aws_iam_role_policy", "task")["policy"]),
    "task_role_arn": made.one("aws_iam_role", "task")["arn"],
    "endpoint_ids": {which: made.one("aws_vpc_endpoint", f"s3_{which}")["id"] for which in ("interface", "gateway")},
    "endpoint_policies": {f"s3_{which}": json.loads(made.one("aws_vpc_endpoint", f"s3_{which}")["policy"]) for which in ("interface", "gateway")},
    "bucket_policies": dict(zip(names, map(json.loads, by_bucket("aws_s3_bucket_policy", lambda values: values["policy"])))),
    "kms_key_arns": dict(zip(names, by_bucket("aws_s3_bucket_server_side_encryption_configuration", lambda values: values["rule"][0]["apply_server_side_encryption_by_default"][0]["kms_master_key_id"]))),
    "administrators": given["administrator_role_arns"],
    "max_signature_age_s": given["max_signature_age_s"],
    "s3_calls": json.loads((root / "s3_calls.json").read_text()),
    "layers": "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket",
}
for name, request, policies, refusing in access.requests(world):
    check(f"{name} is refused by", sorted(access.refused_by(request, **policies)), sorted(refusing))

for what in failed:
    print(what)
print(f"{'Failure' if failed else 'Success'}! {passed} passed, {len(failed)} failed.")
sys.exit(1 if failed else 0)
