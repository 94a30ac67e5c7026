#!/usr/bin/env bash
# Presigning beside boto3, in one run: builds the Rust side, makes a Python environment with boto3 below target/,
# compares signatures, prints times and ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
venv=$target/presign-venv
if ! "$venv/bin/python" -c 'import boto3' 2>/dev/null; then
    echo "presign: python environment with boto3" >&2
    python3 -m venv "$venv" >/dev/null || {
        echo "presign: no Python environment could be made: install python3 and python3-venv (apt-get install python3-venv), and run this again." >&2
        exit 1
    }
    "$venv/bin/pip" install --quiet 'boto3>=1.36'
fi

echo "presign: the Rust side, optimised" >&2
program=$(cargo bench --package server --bench presign --no-run --message-format json |
    "$venv/bin/python" -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "presign":
        print(message["executable"])
')
"$venv/bin/python" server/benches/presign.py "$program"
