#!/usr/bin/env bash
# All tests, from a bare machine: set-up, lint, Rust tests, the browser's build, browser tests. The first step that
# fails ends the run; the last line counts the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export CAUSEWAY_BIN=$CARGO_TARGET_DIR/debug/causeway CAUSEWAY_SITE_ROOT=$CARGO_TARGET_DIR/site
logs=$CARGO_TARGET_DIR/setup
passed=0 failed=0 skipped=0
# What this machine could not run, in words; said loudly at the end.
left_out=()
started=$SECONDS

step() { printf '\n== %s (%d min %02d s)\n' "$1" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)); }

# count <passed> <failed> <skipped>: adds to the totals; an empty number is none.
count() { passed=$((passed + ${1:-0})) failed=$((failed + ${2:-0})) skipped=$((skipped + ${3:-0})); }

# shellcheck disable=SC2317  # called by the trap
finish() {
  local status=$? outcome=FAILED
  trap - EXIT
  # One that ran before this did is somebody's own.
  [ -n "$peer_of_somebody" ] || end2end/s3-peer/s3-peer stop
  if [ "$status" -eq 0 ]; then outcome="everything passed"; fi
  if [ "$status" -eq 0 ] && [ $((skipped + ${#left_out[@]})) -gt 0 ]; then outcome="everything that ran passed"; fi
  step "$outcome"
  if [ ${#left_out[@]} -gt 0 ]; then printf '*** NOT RUN: %s. ***\n' "${left_out[@]}"; fi
  echo "$passed passed, $failed failed, $skipped skipped"
  exit "$status"
}
peer_of_somebody=$(end2end/s3-peer/s3-peer where 2>/dev/null || true)
trap finish EXIT

# rust_tests <name> <cargo's choice of packages>...: runs them and adds what it counted.
rust_tests() {
  local log=$logs/tests-$1.log status=0 number choice=()
  shift
  number='s/.* \([0-9]*\) '
  if command -v cargo-nextest >/dev/null; then
    [ -z "${CAUSEWAY_TEST_PEER:-}" ] || choice+=(--run-ignored all)
    [ "$traces" = yes ] || choice+=(-E "not test(/^synced::/)")
    cargo nextest run --no-fail-fast "$@" ${choice[@]+"${choice[@]}"} 2>&1 | tee "$log" || status=$?
    local summary
    summary=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep '^ *Summary' | tail -1) || true
    count "$(sed -n "${number}passed.*/\1/p" <<<"$summary")" "$(sed -n "${number}failed.*/\1/p" <<<"$summary")" \
      "$(sed -n "${number}skipped.*/\1/p" <<<"$summary")"
  else
    [ -z "${CAUSEWAY_TEST_PEER:-}" ] || choice+=(--include-ignored)
    [ "$traces" = yes ] || choice+=(--skip synced::)
    cargo test --no-fail-fast "$@" -- ${choice[@]+"${choice[@]}"} 2>&1 | tee "$log" || status=$?
    local line
    while read -r line; do
      count 0 0 "$(sed -n "${number}filtered out.*/\1/p" <<<"$line")"
      count "$(sed -n "${number}passed.*/\1/p" <<<"$line")" "$(sed -n "${number}failed.*/\1/p" <<<"$line")" \
        "$(sed -n "${number}ignored.*/\1/p" <<<"$line")"
    done < <(grep '^test result' "$log")
  fi
  return "$status"
}

step "set-up"
xtask/setup/rust.sh
xtask/setup/node.sh
xtask/setup/browser.sh
xtask/setup/s3-peer.sh
xtask/setup/load-balancer.sh
xtask/setup/s3-clients.sh
set -a
# shellcheck source=/dev/null
. "$CARGO_TARGET_DIR/toolchain.env"
# shellcheck source=/dev/null
. "$CARGO_TARGET_DIR/browser.env"
# shellcheck source=/dev/null
. "$CARGO_TARGET_DIR/load-balancer.env"
# shellcheck source=/dev/null
. "$CARGO_TARGET_DIR/s3-clients.env"
set +a

[ -n "$CAUSEWAY_FIREFOX" ] || left_out+=("the browser tests in Firefox: none of release 143 or later could be installed")

step "lint"
xtask/lint.sh
command -v cargo-deny >/dev/null || left_out+=("licences, advisories and sources of the dependencies: cargo-deny is not installed")

step "infra"
status=0
infra/check.sh | tee "$logs/infra.log" || status=$?
read -r good bad unchecked < <(sed -n 's/^infra: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$logs/infra.log")
count "$good" "$bad" "$unchecked"
[ "$status" -eq 0 ] || exit "$status"

step "Rust tests"
if command -v radosgw >/dev/null && command -v curl >/dev/null; then
  CAUSEWAY_TEST_PEER=$(end2end/s3-peer/s3-peer start)
  export CAUSEWAY_TEST_PEER
  echo "s3-peer: $CAUSEWAY_TEST_PEER"
else
  left_out+=("the tests against an independent S3 server, which could not be installed")
fi
# A container may have the program and forbid what it does.
traces=yes
strace -o /dev/null true 2>/dev/null || traces=no
[ $traces = yes ] || left_out+=("the test that a write is on the disk before it is answered: strace is missing or may not trace")
[ -n "${CAUSEWAY_BOTO3:-}" ] || left_out+=("the everyday work of boto3, which could not be installed")
command -v rclone >/dev/null || left_out+=("the everyday work of rclone, which could not be installed")
unshare --map-root-user --mount true 2>/dev/null || left_out+=("the test of a full disk: no disk can be mounted here")
rust_tests server --package domain --package app --package server --package embedded --features app/ssr
rust_tests xtask --package xtask

step "what the browser loads"
cargo xtask build

step "container"
status=0
infra/container/check.sh "$CAUSEWAY_BIN" "$CAUSEWAY_SITE_ROOT" || status=$?
case $status in
  0) count 1 ;;
  77) left_out+=("the image's runtime stage, which takes root and a machine that gives namespaces") ;;
  *) exit "$status" ;;
esac

step "browser tests"
report=$logs/tests-browser.json
status=0
rm -f "$report"
(cd end2end && PLAYWRIGHT_JSON_OUTPUT_FILE=$report node_modules/.bin/playwright test --reporter=list,json) || status=$?
if [ -f "$report" ]; then
  read -r expected unexpected flaky unchecked < <(node -p \
    "const { expected, unexpected, flaky, skipped } = require('$report').stats; [expected, unexpected, flaky, skipped].join(' ')")
  count $((expected + flaky)) "$unexpected" "$unchecked"
fi
exit "$status"
