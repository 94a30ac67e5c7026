#!/usr/bin/env bash
# Installs the browser tests' node packages, just as end2end/package-lock.json names them.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

have npm || stop node "npm is missing: install node 20 or later with npm and run this again (make run needs neither)."
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[ "$major" -ge 20 ] || stop node "node $(node --version) is too old for the browser tests: install node 20 or later and run this again (make run needs none)."

cd "$root/end2end"
installed=node_modules/.installed-lock.json
if ! cmp --silent package-lock.json "$installed"; then
  say node "npm ci"
  # Browsers have a step of their own.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund >"$logs/npm.log" 2>&1 ||
    stop node "npm ci failed; see $logs/npm.log."
  cp package-lock.json "$installed"
fi
say node "$(node --version) with $(find node_modules -name package.json -path '*node_modules/*' -prune | wc -l) packages, ok"
