#!/usr/bin/env bash
# Finds nginx, the tests' stand-in for the load balancer, or unpacks Debian's into target/: nothing is installed, as an
# installed one would start to serve this machine's port 80. Writes its path to target/load-balancer.env.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

choice=$target/load-balancer.env
unpacked=$target/setup/nginx

# Is it there, with TLS and HTTP/2?
works() { [[ $("$1" -V 2>&1) == *http_ssl_module*http_v2_module* ]]; }

unpack() {
  have apt-get && have dpkg || return 1
  say load-balancer "unpacking Debian's nginx"
  mkdir -p "$unpacked"
  local log=$logs/nginx.log
  (cd "$unpacked" && { apt-get download nginx || { as_root apt-get update && apt-get download nginx; }; } &&
    dpkg -x nginx_*.deb .) >"$log" 2>&1
}

nginx=
for candidate in nginx /usr/sbin/nginx "$unpacked/usr/sbin/nginx"; do
  if works "$candidate"; then nginx=$(command -v "$candidate") && break; fi
done
if [ -z "$nginx" ] && unpack && works "$unpacked/usr/sbin/nginx"; then nginx=$unpacked/usr/sbin/nginx; fi

if [ -n "$nginx" ] && have openssl; then
  say load-balancer "$("$nginx" -v 2>&1), ok"
else
  nginx=
  printf '\n*** NO LOAD BALANCER: nginx or openssl is missing (see %s); the tests of the network path are SKIPPED. ***\n\n' "$logs"
fi
printf 'CAUSEWAY_NGINX=%s\n' "$nginx" >"$choice"
