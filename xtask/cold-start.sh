#!/usr/bin/env bash
# Measures what a newcomer meets: from `git clone` of the last commit to the first page, with nothing of it built
# before. What rustup and cargo have downloaded already is used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=23999
folder=$(mktemp -d)
run=
finish() {
  [ -z "$run" ] || kill -- "-$run" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

started=$SECONDS
git clone --quiet . "$folder/causeway"
# A session of its own: its number ends make and the server together.
setsid env -u CARGO_TARGET_DIR -u CAUSEWAY_SITE_ROOT -u CAUSEWAY_BIN -u MAKEFLAGS CAUSEWAY_LISTEN=127.0.0.1:$port \
  make -C "$folder/causeway" run &
run=$!
until curl --silent --fail --output /dev/null -H "Host: localhost:$port" "http://127.0.0.1:$port/"; do
  kill -0 "$run" 2>/dev/null || { echo "cold-start: make run ended without a page" >&2; exit 1; }
  sleep 1
done
taken=$((SECONDS - started))
printf 'cold-start: %d min %02d s from git clone to the first page (%s processors)\n' $((taken / 60)) $((taken % 60)) "$(nproc)"
