#!/usr/bin/env bash
# Installs the clients that work on the embedded S3 in its tests: boto3 in a Python environment below target/, rclone
# from Debian's packages. Writes what it found to target/s3-clients.env.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

venv=$target/s3-clients
missing() { printf '\n*** NO %s: it could not be installed (see %s); the tests that need it are SKIPPED. ***\n\n' "$1" "$logs"; }

boto3() { "$venv/bin/python" -c 'import boto3' 2>/dev/null; }
if ! boto3; then
  say s3-clients "a Python environment with boto3"
  { rm -rf "$venv" && { python3 -m venv "$venv" || { apt_install venv python3-venv && python3 -m venv "$venv"; }; } &&
    "$venv/bin/pip" install 'boto3>=1.36'; } >"$logs/boto3.log" 2>&1 || true
fi
: >"$target/s3-clients.env"
if boto3; then
  echo "CAUSEWAY_BOTO3=$venv/bin/python" >"$target/s3-clients.env"
  say s3-clients "boto3 $("$venv/bin/python" -c 'import boto3; print(boto3.__version__)'), ok"
else
  missing boto3
fi

have rclone || apt_install rclone rclone || true
if have rclone; then say s3-clients "rclone, ok"; else missing rclone; fi
