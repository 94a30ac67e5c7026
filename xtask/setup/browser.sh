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
if ! starts "$firefox"; then
  first_of firefox-esr firefox >/dev/null || apt_install firefox firefox-esr || true
  firefox=$(first_of firefox-esr firefox) || firefox=''
fi

printf '%s\n' "CAUSEWAY_CHROMIUM=$chromium" "CAUSEWAY_FIREFOX=$firefox" >"$choice"
say browser "$chromium, ok"
if [ -n "$firefox" ]; then
  say browser "$firefox, ok"
else
  printf '\n*** NO FIREFOX: it could not be installed (see %s); the tests in Firefox are SKIPPED. ***\n\n' "$logs"
fi
