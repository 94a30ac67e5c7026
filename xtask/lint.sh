#!/usr/bin/env bash
# Formatting, and clippy for each build that ships; a warning fails. Flags go to clippy alone: RUSTFLAGS would make
# cargo compile everything anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '\nlint: %s\n' "$1"; }

step "formatting"
cargo fmt --all --check
step "the server and all it is made of"
cargo clippy --quiet --all-targets --package domain --package server --package embedded -- -D warnings
step "the server as production builds it"
cargo clippy --quiet --package server --no-default-features -- -D warnings
step "what the browser loads"
cargo clippy --quiet --target wasm32-unknown-unknown --package frontend --package uploader -- -D warnings
step "the build step"
cargo clippy --quiet --all-targets --package xtask -- -D warnings
if command -v cargo-deny >/dev/null; then
  step "licences, advisories and sources of the dependencies"
  cargo deny --log-level error check
else
  step "cargo-deny is not installed: licences and advisories of the dependencies were NOT checked"
fi
