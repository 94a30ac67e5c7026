"""Presigning beside boto3: first that both make the same signatures, then how long each takes, in one run.

Usage: presign.py PATH_OF_THE_RUST_PROGRAM. Started by presign.sh.
"""

import datetime
import json
import statistics
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
from botocore.config import Config

# The same as in presign.rs.
KEY = "team/report 2026+ü.pdf"
USER = "ada@corp.example"
UPLOAD_ID = "2~an.upload-id"
PART_SIZE = 8 * 1024 * 1024
EXPIRES_IN_S = 900
DISPOSITION = (
    "attachment; filename=\"report 2026+_.pdf\"; filename*=UTF-8''report%202026+%C3%BC.pdf"
)
AIM = 10

GET = {
    "Bucket": "files",
    "Key": KEY,
    "ResponseContentDisposition": DISPOSITION,
    "ResponseContentType": "application/octet-stream",
    "ResponseCacheControl": "private",
}
PUT = {"Bucket": "files", "Key": KEY, "ContentLength": 7, "ContentType": "text/plain", "IfNoneMatch": "*"}
PART = {"Bucket": "files", "Key": KEY, "UploadId": UPLOAD_ID, "ContentLength": PART_SIZE}


def client():
    return boto3.client(
        "s3",
        region_name="eu-central-1",
        endpoint_url="https://corp.example",
        aws_access_key_id="AKIDBENCHMARK",
        aws_secret_access_key="a secret / with + odd = characters",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
            request_checksum_calculation="when_required",
        ),
    )


def sign(s3, operation, params):
    return s3.generate_presigned_url(operation, Params=params, ExpiresIn=EXPIRES_IN_S)


def rust(program, *arguments):
    return json.loads(subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout)


def same_signatures(program):
    """Both sign the same three requests at the same instant: every parameter has to agree, the signature too."""
    at = int(time.time())
    instant = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: instant
    s3 = client()

    def add_ours(request, **_):
        request.params = {**(request.params or {}), "x-user": USER}

    s3.meta.events.register("before-sign.s3", add_ours)
    theirs = {
        "get_object": sign(s3, "get_object", GET),
        "put_object": sign(s3, "put_object", PUT),
        "upload_part": sign(s3, "upload_part", {**PART, "PartNumber": 2}),
    }
    for operation, url in rust(program, "urls", str(at)).items():
        ours, other = urlsplit(url), urlsplit(theirs[operation])
        assert ours[:3] == other[:3], (ours[:3], other[:3])
        ours, other = parse_qs(ours.query), parse_qs(other.query)
        differing = {name for name in ours.keys() | other.keys() if ours.get(name) != other.get(name)}
        assert not differing, (operation, {name: (ours.get(name), other.get(name)) for name in differing})
    print("signatures: equal to boto3's for get_object, put_object and upload_part")


def measure(work, times):
    for _ in range(max(1, times // 10)):
        work()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e6


def main(program):
    real = botocore.auth.get_current_datetime
    same_signatures(program)
    botocore.auth.get_current_datetime = real
    s3 = client()

    def hundred():
        for part in range(1, 101):
            sign(s3, "upload_part", {**PART, "PartNumber": part})

    rounds = []
    for _ in range(3):
        ours = rust(program, "time")
        rounds.append((ours["one_us"], ours["hundred_us"], measure(lambda: sign(s3, "get_object", GET), 500), measure(hundred, 10)))
    one, many, their_one, their_many = (statistics.median(column) for column in zip(*rounds))
    print(f"{'presigning, warm credentials':34}{'Causeway':>12}{'boto3':>12}{'ratio':>8}")
    for name, ours, theirs in (("one GET", one, their_one), ("100 parts of one upload", many, their_many)):
        print(f"{name:34}{ours:>9.0f} µs{theirs:>9.0f} µs{theirs / ours:>7.1f}x")
    reached = min(their_one / one, their_many / many)
    print(f"aim: at least {AIM} times faster: {'reached' if reached >= AIM else 'NOT reached'}")


main(sys.argv[1])
