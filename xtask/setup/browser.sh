#!/usr/bin/env bash
# Finds or installs Chromium and Firefox for the browser tests and writes their paths to target/browser.env.
# Chromium is Playwright's own where it can be downloaded, else Debian's; Firefox is always a stock one.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

choice=$target/browser.env
try_for_s=180
chromium='' firefox=''

starts() { [ -n "$1" ] && [ -x "$1" ] && timeout 60 "$1" --version >/dev/null 2>&1; }
# Playwright drives Firefox by commands that releases before 143 do not know.
drivable() { starts "$1" && [ "$("$1" --version | grep -oE '[0-9]+' | head -1)" -ge 143 ]; }
first_of() { local name; for name; do command -v "$name" && return 0; done; return 1; }
playwrights_own() { (cd "$root/end2end" && node -p 'require("@playwright/test").chromium.executablePath()'); }

if [ -f "$choice" ]; then
  # shellcheck source=/dev/null
  . "$choice"
  chromium=$CAUSEWAY_CHROMIUM firefox=$CAUSEWAY_FIREFOX
fi
if ! starts "$chromium"; then
  chromium=$(playwrights_own)
  if ! starts "$chromium"; then
    say browser "playwright install chromium"
    (cd "$root/end2end" && timeout "$try_for_s" node_modules/.bin/playwright install chromium) >"$logs/playwright.log" 2>&1 || true
  fi
  if ! starts "$chromium"; then
    say browser "Playwright's Chromium could not be downloaded: taking the system's"
    first_of chromium google-chrome >/dev/null || apt_install browser chromium || true
    chromium=$(first_of chromium google-chrome) ||
      stop browser "no Chromium: neither Playwright nor apt-get could install one (see $logs); install one and run this again."
  fi
fi
if ! drivable "$firefox"; then firefox=$(first_of firefox-esr firefox) || firefox=''; fi
if ! drivable "$firefox" && have apt-get; then
  # What is there may be too old, and so may be the machine's list of what there is.
  say browser "apt-get install firefox-esr"
  { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends firefox-esr; } \
    >"$logs/apt-firefox.log" 2>&1 || true
  firefox=$(first_of firefox-esr firefox) || firefox=''
fi
drivable "$firefox" || firefox=''

printf '%s\n' "CAUSEWAY_CHROMIUM=$chromium" "CAUSEWAY_FIREFOX=$firefox" >"$choice"
say browser "$chromium, ok"
if [ -n "$firefox" ]; then
  say browser "$firefox, ok"
else
  printf '\n*** NO FIREFOX: none of release 143 or later could be installed (see %s); the tests in Firefox are SKIPPED. ***\n\n' "$logs"
fi
