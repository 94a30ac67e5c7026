#!/usr/bin/env bash
# What every set-up script says and does the same way; sourced by each of them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
logs=$target/setup
mkdir -p "$logs"

# A line per step: `say <what for> <what happens>`.
say() { printf '%s: %s\n' "$1" "$2"; }

# The one clear sentence that a run ends with when something only the person can provide is missing.
stop() { printf '\n%s: %s\n' "$1" "$2" >&2; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command with the rights that installing for the whole machine needs.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif have sudo && [ -t 0 ]; then sudo "$@"
  elif have sudo; then sudo -n "$@"
  else return 1; fi
}

# apt_install <what for> <package>...: installs what is missing; fails where there is no apt-get or no right to use it.
# A name that ends in "-" is a package to leave out, as apt-get itself writes it.
apt_install() {
  local for=$1 missing=() package
  shift
  for package; do
    [[ $package == *- ]] && continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  have apt-get || return 1
  say "$for" "apt-get install ${missing[*]}"
  local log=$logs/apt-$for.log
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
  as_root "${install[@]}" >"$log" 2>&1 && return 0
  { as_root apt-get update && as_root "${install[@]}"; } >>"$log" 2>&1
}
