"""Everyday work with boto3 on an S3: `everyday.py <endpoint> <folder of files> <folder to work in>`.

Ends with status 0 when every byte came back as it went in; else with the assertion that did not hold.
"""

import hashlib
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1024 * 1024
BUCKET = "data"

endpoint, source, work = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local-secret",
    # Without it, boto3 presigns for this region with version 2.
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, max_pool_connections=16),
)


def digest(path):
    return hashlib.file_digest(path.open("rb"), "sha256").hexdigest()


def keys(prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def many_files():
    names = sorted(str(path.relative_to(source)) for path in source.rglob("*") if path.is_file())
    assert len(names) == 2_000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: s3.upload_file(str(source / name), BUCKET, f"boto/{name}"), names))
        assert keys("boto/") == sorted((f"boto/{name}" for name in names), key=str.encode)
        (work / "back").mkdir()

        def back(number_and_name):
            number, name = number_and_name
            path = work / "back" / str(number)
            s3.download_file(BUCKET, f"boto/{name}", str(path))
            assert path.read_bytes() == (source / name).read_bytes(), name

        list(pool.map(back, enumerate(names)))
    for start in range(0, len(names), 1_000):
        objects = [{"Key": f"boto/{name}"} for name in names[start : start + 1_000]]
        assert "Errors" not in s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects, "Quiet": True})
    assert keys("boto/") == []


def large_file():
    path, back = work / "large", work / "large-back"
    block = hashlib.sha512(b"large").digest() * (MIB // 64)
    with path.open("wb") as file:
        for number in range(200):
            file.write(number.to_bytes(4, "big") + block[4:])
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=16 * MIB, max_concurrency=4)
    s3.upload_file(str(path), BUCKET, "large", Config=config, ExtraArgs={"ContentType": "video/mp4"})
    head = s3.head_object(Bucket=BUCKET, Key="large")
    assert (head["ContentLength"], head["ContentType"], head["ETag"][-4:]) == (200 * MIB, "video/mp4", '-13"')
    s3.download_file(BUCKET, "large", str(back), Config=config)
    assert digest(path) == digest(back)
    # A managed copy of this size goes by parts too.
    s3.copy({"Bucket": BUCKET, "Key": "large"}, BUCKET, "large copy", Config=config)
    s3.download_file(BUCKET, "large copy", str(back), Config=config)
    assert digest(path) == digest(back)
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "large"}, {"Key": "large copy"}]})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def presigned():
    parameters = {"Bucket": BUCKET, "Key": "signed ü+%.txt"}
    put = urllib.request.Request(s3.generate_presigned_url("put_object", parameters), data=b"signed", method="PUT")
    put.add_header("content-type", "")
    assert urllib.request.urlopen(put).status == 200
    get = s3.generate_presigned_url("get_object", parameters | {"ResponseContentType": "text/x"})
    with urllib.request.urlopen(get) as answer:
        assert (answer.read(), answer.headers["content-type"]) == (b"signed", "text/x")
    try:
        urllib.request.urlopen(get.replace("signed", "signes", 1))
        raise AssertionError("another key than the signed one was served")
    except urllib.error.HTTPError as error:
        assert error.code == 403, error


def copies():
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"hello", Metadata={"x": "1"}, ContentType="text/plain")
    s3.copy_object(Bucket=BUCKET, Key="b", CopySource=f"{BUCKET}/a")
    s3.copy_object(
        Bucket=BUCKET, Key="a", CopySource=f"{BUCKET}/a", MetadataDirective="REPLACE", Metadata={"x": "2"}
    )
    for key, value in (("a", "2"), ("b", "1")):
        found = s3.get_object(Bucket=BUCKET, Key=key)
        assert (found["Body"].read(), found["Metadata"]) == (b"hello", {"x": value}), key
    try:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"x", IfNoneMatch="*")
        raise AssertionError("an object was overwritten")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "PreconditionFailed"
    parts = s3.get_object_attributes(Bucket=BUCKET, Key="a", ObjectAttributes=["ETag", "ObjectSize"])
    assert (parts["ETag"], parts["ObjectSize"]) == (hashlib.md5(b"hello").hexdigest(), 5)


def versions():
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket="versioned", Key="a", Body=body)["VersionId"] for body in (b"one", b"two")]
    marker = s3.delete_object(Bucket="versioned", Key="a")["VersionId"]
    listed = s3.list_object_versions(Bucket="versioned")
    assert [version["VersionId"] for version in listed["Versions"]] == ids[::-1]
    assert [entry["VersionId"] for entry in listed["DeleteMarkers"]] == [marker]
    assert s3.get_object(Bucket="versioned", Key="a", VersionId=ids[0])["Body"].read() == b"one"
    s3.delete_object(Bucket="versioned", Key="a", VersionId=marker)
    assert s3.get_object(Bucket="versioned", Key="a")["Body"].read() == b"two"
    for version in ids:
        s3.delete_object(Bucket="versioned", Key="a", VersionId=version)
    s3.delete_bucket(Bucket="versioned")


for task in (many_files, large_file, presigned, copies, versions):
    task()
    print("boto3:", task.__name__.replace("_", " "))
