#!/usr/bin/env bash
# Finds or installs cargo-leptos, which rebuilds and reloads while you type.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

version=0.3.11
set -a
# shellcheck source=/dev/null
. "$target/toolchain.env"
set +a

installed() { [ "$(cargo leptos --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)" = "$version" ]; }

if ! installed && have cargo-binstall; then
  say watch "cargo binstall cargo-leptos $version"
  timeout 120 cargo binstall --no-confirm --disable-strategies compile "cargo-leptos@$version" >"$logs/binstall.log" 2>&1 || true
fi
if ! installed; then
  say watch "cargo install cargo-leptos $version (about 12 minutes, once)"
  # Its release profile ends in one pass of link-time optimisation over everything, of many minutes and 4 GB.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_TARGET_DIR=$target/setup/cargo-leptos cargo install --locked --force "cargo-leptos@$version" >"$logs/cargo-leptos.log" 2>&1 ||
    stop watch "cargo-leptos could not be installed; see $logs/cargo-leptos.log."
  rm -rf "$target/setup/cargo-leptos"
fi
say watch "cargo-leptos $version, ok"
