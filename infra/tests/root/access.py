"""What the policies that are made decide about real requests: IAM's rules for the operators in use, and one request for
each call of the product, each way around the fence, and what the operator needs to mend it."""

import fnmatch
import re


def listed(value):
    return value if isinstance(value, list) else [value]


def like(pattern, text):
    return re.fullmatch(fnmatch.translate(pattern), text) is not None


COMPARISONS = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringLike": like,
    "ArnLike": like,
    "Bool": lambda wanted, given: wanted == given,
    "NumericGreaterThan": lambda wanted, given: float(given) > float(wanted),
}
NEGATED = {"StringNotEquals": "StringEquals", "ArnNotLike": "ArnLike"}


def holds(operator, key, wanted, context):
    """Whether one condition is true. A key that is missing makes a comparison false and a negated one true; with
    IfExists it makes either true. An operator that is not known here is an error, so that somebody adds it."""
    if operator == "Null":
        return (key not in context) == (wanted == "true")
    plain = operator.removesuffix("IfExists")
    if key not in context:
        return plain != operator or plain in NEGATED
    matches = any(COMPARISONS[NEGATED.get(plain, plain)](value, context[key]) for value in listed(wanted))
    return matches != (plain in NEGATED)


def applies(statement, request):
    return (
        any(like(action.lower(), request["action"].lower()) for action in listed(statement["Action"]))
        and any(like(resource, request["resource"]) for resource in listed(statement["Resource"]))
        and all(
            holds(operator, key, wanted, request["context"])
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def effects(policy, request):
    return {statement["Effect"] for statement in policy["Statement"] if applies(statement, request)}


def refused_by(request, bucket, role=None, endpoint=None):
    """Who refuses: the bucket's policy by a Deny; the role's and the endpoint's also by saying nothing."""
    refusing = set()
    if "Deny" in effects(bucket, request):
        refusing.add("bucket")
    for name, policy in (("role", role), ("endpoint", endpoint)):
        if policy is not None and effects(policy, request) != {"Allow"}:
            refusing.add(name)
    return refusing


SSE = "s3:x-amz-server-side-encryption"
SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def requests(made):
    """Each as its name, the request, the policies it meets, and who has to refuse it."""
    role, ids = made["task_policy"], made["endpoint_ids"]
    endpoints = {ids["interface"]: made["endpoint_policies"]["s3_interface"], ids["gateway"]: made["endpoint_policies"]["s3_gateway"]}
    signer, terraform = made["task_role_arn"], made["administrators"][0]

    for name, bucket in made["bucket_policies"].items():
        arn = f"arn:aws:s3:::{name}"

        def ask(action, on="object", by=signer, through=None, arn=arn, **more):
            context = {
                "aws:PrincipalArn": by,
                "aws:PrincipalAccount": by.split(":")[4],
                "aws:PrincipalIsAWSService": "false",
                "aws:SecureTransport": "true",
                "s3:signatureversion": "AWS4-HMAC-SHA256",
                "s3:signatureAge": "60000",
            }
            if through:
                context["aws:SourceVpce"] = through
            context.update(more)
            resource = arn if on == "bucket" else f"{arn}/2026/a plan.pdf"
            return {"action": action, "resource": resource, "context": context}

        def by_signer(request):
            through = request["context"].get("aws:SourceVpce")
            return {"bucket": bucket, "role": role, "endpoint": endpoints.get(through)}

        def by_other(request):
            return {"bucket": bucket, "endpoint": endpoints.get(request["context"].get("aws:SourceVpce"))}

        browser = ids["interface"]
        for call in made["s3_calls"]:
            through = browser if call["by"] == "browser" else ids["gateway"]
            for action in call["actions"]:
                request = ask(action, on=call["on"], through=through)
                yield f"{name}: {call['call']} by {call['by']} as {action}", request, by_signer(request), set()

        kms = made["kms_key_arns"][name]
        for what, headers, refusing in [
            ("PUT or part that says nothing of encryption", {}, set()),
            ("PUT that asks for KMS and names no key", {SSE: "aws:kms"}, {"bucket"}),
            ("PUT that asks for the bucket's key", {SSE: "aws:kms", SSE_KEY: kms}, set()),
            ("PUT that asks for S3's own encryption", {SSE: "AES256"}, {"bucket"}),
            ("PUT that asks for another key", {SSE: "aws:kms", SSE_KEY: kms + "0"}, {"bucket"}),
            ("PUT over HTTP", {"aws:SecureTransport": "false"}, {"bucket"}),
            ("PUT signed by version 2", {"s3:signatureversion": "AWS"}, {"bucket"}),
            ("PUT signed as long ago as may be", {"s3:signatureAge": str(made["max_signature_age_s"] * 1000)}, set()),
            ("PUT signed longer ago", {"s3:signatureAge": str(made["max_signature_age_s"] * 1000 + 1)}, {"bucket"}),
        ]:
            request = ask("s3:PutObject", through=browser, **headers)
            yield f"{name}: {what}", request, by_signer(request), refusing

        for what, request, refusing in [
            ("GET from outside", ask("s3:GetObject"), {"bucket", "role"}),
            ("GET through somebody's endpoint", ask("s3:GetObject", through="vpce-somebody"), {"bucket", "role"}),
            ("PUT from outside", ask("s3:PutObject"), {"bucket", "role"}),
            ("abort from outside", ask("s3:AbortMultipartUpload"), {"bucket", "role"}),
            ("parts from outside", ask("s3:ListMultipartUploadParts"), {"bucket", "role"}),
            ("list from outside", ask("s3:ListBucket", on="bucket"), {"bucket", "role"}),
            ("DELETE through the interface endpoint", ask("s3:DeleteObject", through=browser), {"role", "endpoint"}),
            ("list through the interface endpoint", ask("s3:ListBucket", on="bucket", through=browser), {"endpoint"}),
        ]:
            yield f"{name}: {what}", request, by_signer(request), refusing

        stranger = "arn:aws:iam::111122223333:role/somebody"
        service = {"aws:PrincipalIsAWSService": "true", "s3:signatureversion": "AWS"}
        for what, request, refusing in [
            ("Terraform's HeadBucket from outside", ask("s3:ListBucket", on="bucket", by=terraform), set()),
            ("Terraform's GET from outside", ask("s3:GetObject", by=terraform), {"bucket"}),
            ("somebody's HeadBucket from outside", ask("s3:ListBucket", on="bucket", by=stranger), {"bucket"}),
            ("mending the policy from outside", ask("s3:PutBucketPolicy", on="bucket", by=stranger), set()),
            ("taking the policy away from outside", ask("s3:DeleteBucketPolicy", on="bucket", by=stranger), set()),
            ("reading the policy from outside", ask("s3:GetBucketPolicy", on="bucket", by=stranger), set()),
            ("a service of AWS's own", ask("s3:GetObject", by=stranger, **service), set()),
            ("somebody's bucket by our endpoint", ask("s3:GetObject", by=stranger, through=browser, arn="arn:aws:s3:::theirs"), {"endpoint"}),
            ("layers of images by the gateway", ask("s3:GetObject", by=stranger, through=ids["gateway"], arn=made["layers"]), set()),
        ]:
            yield f"{name}: {what}", request, by_other(request), refusing
