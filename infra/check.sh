#!/usr/bin/env bash
# Checks the Terraform: format, validity, tests of the whole, of each module and of each example, and checkov's rules.
# One line a step; the last line counts. Nothing here reaches AWS: the tests' provider is a mock.
#
# With the provider registry in reach the real AWS provider checks every argument. Without it, a stand-in with the
# provider's schema does, where CAUSEWAY_TERRAFORM_STAND_IN names one: a program that is called with this folder and
# terraform's own arguments. What cannot be checked is said and counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

checkov_version=3.3.30
work=${CARGO_TARGET_DIR:-$PWD/../target}/infra
# Where the project's own runs keep it.
stand_in=${CAUSEWAY_TERRAFORM_STAND_IN:-$PWD/../../shared/tools/terraform-offline/tf-offline}
passed=0 failed=0 skipped=0
mkdir -p "$work"
work=$(cd "$work" && pwd)

say() { printf 'infra: %s\n' "$*"; }

# shellcheck disable=SC2317  # called by the trap
finish() {
  local status=$?
  trap - EXIT
  if [ "$failed" -gt 0 ]; then
    status=1
  elif [ "$status" -ne 0 ]; then
    failed=1
    say "ended before its end"
  fi
  say "$passed passed, $failed failed, $skipped skipped"
  exit "$status"
}
trap finish EXIT

# skip <what> <why>: says loudly that something was not checked.
skip() {
  skipped=$((skipped + 1))
  say "$1: NOT CHECKED: $2"
}

# step <name> <command>...: one check that passes or fails, its output kept for a failure.
step() {
  local name=$1 log
  log=$work/${1//[ \/]/-}.log
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    say "$name: ok"
  else
    failed=$((failed + 1))
    say "$name: FAILED"
    tail -n 60 "$log"
  fi
}

# counted <name> <command>...: checks that count themselves and end in the words of `terraform test`.
counted() {
  local name=$1 log summary good bad
  log=$work/${1//[ \/]/-}.log
  shift
  "$@" >"$log" 2>&1 || true
  summary=$(grep -E '^(Success|Failure)! [0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1) || true
  good=$(sed -n 's/.*! \([0-9]*\) passed.*/\1/p' <<<"$summary")
  bad=$(sed -n 's/.*passed, \([0-9]*\) failed.*/\1/p' <<<"$summary")
  passed=$((passed + ${good:-0}))
  if [[ $summary == Success* && ${good:-0} -gt 0 ]]; then
    say "$name: $good passed"
  else
    failed=$((failed + (${bad:-0} > 0 ? bad : 1)))
    say "$name: ${good:-0} passed, ${bad:-none could be run} failed"
    # What passed is no news.
    grep -v 'pass$' "$log" | tail -n 80
  fi
}

# tests <name> <argument>...: Terraform's own tests, each run counted.
tests() { counted "$1" "$terraform" "${place[@]}" test -no-color "${@:2}"; }

# What the root makes of a value of its own for each variable.
# shellcheck disable=SC2317  # called by counted
root() {
  "$terraform" "${place[@]}" test -json -verbose -test-directory=tests/root -var-file=tests/root/given.tfvars.json | python3 tests/root/check.py
}

# What each value that cannot work is told. It needs no provider.
# shellcheck disable=SC2317  # called by counted
sentences() { python3 tests/refused/check.py variables terraform; }

# What values are told that do not go together.
# shellcheck disable=SC2317  # called by counted
conditions() { python3 tests/refused/check.py conditions "$terraform" "${place[@]}"; }

# What runs terraform on this folder, and how it is told which.
terraform=terraform place=(-chdir="$PWD")
if ! command -v terraform >/dev/null; then
  skip "terraform" "it is not installed. Get version 1.9 or later from developer.hashicorp.com/terraform/install and run this again."
  terraform=
else
  step "format" terraform fmt -check -recursive -diff
  if command -v python3 >/dev/null; then
    counted "bad values" sentences
  else
    skip "bad values" "python3 is missing, which reads what Terraform says."
  fi
  if TF_REGISTRY_CLIENT_TIMEOUT=10 timeout 300 terraform init -backend=false -input=false -no-color >"$work/init.log" 2>&1; then
    say "provider: the real one"
  elif [ -x "$stand_in" ]; then
    say "provider: the registry is out of reach; a stand-in with the provider's schema"
    terraform=$stand_in place=("$PWD")
    # A cache of our own: the stand-in writes itself anew at each call, and another run must not meet it half-written.
    export TF_OFFLINE_CACHE=$work/terraform-offline
  else
    skip "validity and tests" "the provider registry is out of reach; see $work/init.log."
    terraform=
  fi
fi

if [ -n "$terraform" ]; then
  step "validity" "$terraform" "${place[@]}" validate -no-color
  tests "tests"
  if command -v python3 >/dev/null; then
    counted "whole root" root
    counted "bad combinations" conditions
  else
    skip "whole root and bad combinations" "python3 is missing, which reads what Terraform makes."
  fi
  for example in examples/*/; do
    tests "example $(basename "$example")" -test-directory=tests/examples -var-file="${example}terraform.tfvars"
  done
fi

# A check that cannot run is no check that passed.
# shellcheck disable=SC2317  # called by step
left_out() {
  local status=0
  mkdir -p "$work/without"
  printf '#!/bin/sh\nexit 1\n' >"$work/without/unshare"
  chmod +x "$work/without/unshare"
  PATH=$work/without:$PATH container/check.sh /bin/true . || status=$?
  [ "$status" -eq 77 ]
}
step "a container that cannot be checked" left_out

checkov=$work/checkov-$checkov_version/bin/checkov
if [ ! -x "$checkov" ] && command -v python3 >/dev/null; then
  say "checkov: installing $checkov_version"
  rm -rf "$work/checkov-$checkov_version"
  { python3 -m venv "$work/checkov-$checkov_version" && "$work/checkov-$checkov_version/bin/pip" install --quiet "checkov==$checkov_version"; } >"$work/checkov-install.log" 2>&1 || rm -f "$checkov"
fi
# The tests are no infrastructure, and hold what checkov cannot read.
if [ -x "$checkov" ]; then
  step "checkov" "$checkov" --directory . --framework terraform --skip-path tests --skip-download --compact --quiet
else
  skip "checkov" "it could not be installed: python3 with venv and pip and a package index are needed. What happened is in $work."
fi
