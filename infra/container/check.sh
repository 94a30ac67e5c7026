#!/usr/bin/env bash
# Proves the image's runtime stage without a container engine: assembles the files that the Dockerfile copies, with the
# libraries of this machine in place of the base image's, and starts them as ECS does: a root nobody can write to, a
# user without rights, no shell, and a network of loopback alone.
#
#   infra/container/check.sh <server binary> <site>
#
# What is started is the binary that is given, in `make test` the debug build: the stage's files, user, settings and
# health check are looked at, not what the build stage makes. Ends with 77 where the machine cannot run it.
set -euo pipefail
script=$(realpath "${BASH_SOURCE[0]}") binary=$(realpath "$1") site=$(realpath "$2")
cd "$(dirname "$script")"

fail() { echo "container: $1" >&2; exit 1; }

# Namespaces of one's own, and another user in them, take root.
if [ "${INSIDE:-}" != 1 ]; then
  namespaces=(unshare --mount --net --pid --fork --mount-proc)
  if "${namespaces[@]}" true 2>/dev/null; then INSIDE=1 exec "${namespaces[@]}" "$script" "$binary" "$site"; fi
  echo "container: NOT CHECKED: it takes root, and a machine that gives namespaces"
  exit 77
fi

root=$(mktemp -d)
mount -t tmpfs tmpfs "$root"
runtime=$(sed -n '/^FROM \${RUNTIME_IMAGE}/,$p' Dockerfile)

# The files that the Dockerfile names, and no others.
copied=0
while read -r _ _ from to; do
  case $from in
    */release/causeway) from=$binary ;;
    */target/site) from=$site ;;
    *) fail "the Dockerfile copies $from, which this check does not know" ;;
  esac
  mkdir -p "$root$(dirname "$to")"
  cp -r "$from" "$root$to"
  copied=$((copied + 1))
done < <(grep '^COPY --from=build ' <<<"$runtime")
[ "$copied" -gt 0 ] || fail "the Dockerfile copies nothing"

# What the base image holds: the dynamic linker, glibc, libgcc, and certificate authorities.
allowed='ld-linux|libc\.|libm\.|libgcc_s|libdl\.|libpthread\.|librt\.|linux-vdso'
while read -r library; do
  [[ $library =~ $allowed ]] || fail "the server needs $library, which the base image does not have"
  [ -e "$library" ] && cp --parents "$(realpath --no-symlinks "$library")" "$root"
done < <(ldd "$binary" | grep -o '/[^ ]*\|linux-vdso[^ ]*')
mkdir -p "$root/etc/ssl/certs" "$root/dev" "$root/proc"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
ip link set lo up

# The image's own settings, and the least that a deployment adds.
settings=(
  CAUSEWAY_PORTAL_ORIGIN=https://portal.corp.example CAUSEWAY_REGION=eu-central-1
  "CAUSEWAY_BUCKETS=[{\"name\":\"files.corp.example\",\"public_host\":\"files.corp.example\"}]"
  "CAUSEWAY_LINK_KEYS=k1:$(head -c 32 /dev/urandom | base64)"
  CAUSEWAY_IDENTITY=header "CAUSEWAY_IDENTITY_SECRET=$(head -c 32 /dev/urandom | base64)" CAUSEWAY_DRAIN_S=0
)
while read -r _ setting; do settings+=("$setting"); done < <(grep '^ENV ' <<<"$runtime")
user=$(sed -n 's/^USER //p' <<<"$runtime")
# `env` and `chroot` are this machine's: in the image there is nothing but the server.
image=(env -i "${settings[@]}" "$(command -v chroot)" "--userspec=$user" --groups= "$root")

log=$(mktemp)
"${image[@]}" /usr/bin/causeway >"$log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null || true' EXIT
healthy() { "${image[@]}" causeway healthcheck; }
for _ in $(seq 100); do
  healthy 2>/dev/null && break
  kill -0 $server 2>/dev/null || { cat "$log" >&2; fail "the server did not start"; }
  sleep 0.1
done
healthy || { cat "$log" >&2; fail "the health check fails"; }

[ "$(stat -c %u "/proc/$server")" != 0 ] || fail "the server runs as root"
[ -z "$(ip -o route show table main)" ] || fail "there is a way out of this network"
if (: >"$root/written") 2>/dev/null; then fail "the root can be written to"; fi
if "${image[@]}" /bin/sh -c true 2>/dev/null; then fail "there is a shell"; fi
find "$root" -type f | grep -v "^$root/\(usr/bin/causeway\|usr/share/causeway/site/\|lib\|usr/lib\|etc/ssl/\)" |
  grep . && fail "the image holds files that it does not need"
grep -q '^{' "$log" || { cat "$log" >&2; fail "the log is not JSON"; }

kill -TERM $server
wait $server || fail "the server did not end well on SIGTERM: $?"
trap - EXIT
echo "container: $(basename "$(dirname "$binary")") build starts, is healthy and ends, as user $user on a root that nobody can write to, ok"
