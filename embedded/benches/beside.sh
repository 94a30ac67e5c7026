#!/usr/bin/env bash
# The embedded S3 beside an independent one, in one run on one disk: builds ours as production has it, starts the other
# with its objects on disk, runs beside.rs, stops what it started.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-$PWD/target}
home=$target/bench-s3
rm -rf "$home"
mkdir -p "$home"

echo "bench-embedded: building, optimised" >&2
cargo build --quiet --release --package embedded --example serve
program=$(cargo bench --quiet --package embedded --bench beside --no-run --message-format json |
  sed -n 's/.*"name":"beside".*"executable":"\([^"]*\)".*/\1/p')

peer=()
if command -v radosgw >/dev/null; then
  # A home of its own: the tests' peer keeps its objects in memory.
  export S3_PEER_STORE=bluestore
  trap 'CARGO_TARGET_DIR=$home end2end/s3-peer/s3-peer stop; rm -rf "$home"' EXIT
  peer+=("$(CARGO_TARGET_DIR=$home end2end/s3-peer/s3-peer start)")
  for daemon in monitor store gateway; do peer+=("$(cat "$home/s3-peer/$daemon.pid")"); done
  echo "radosgw: $(radosgw --version | cut -d ' ' -f 3), $(grep objectstore "$home/s3-peer/ceph.conf"), one copy; a write is in its log on the disk before the answer"
else
  trap 'rm -rf "$home"' EXIT
  printf '\n*** NO INDEPENDENT S3 SERVER: xtask/setup/s3-peer.sh could not install radosgw; ours is measured ALONE. ***\n\n'
fi
echo "embedded: bytes, folder and index (WAL, synchronous=FULL) are synced before the answer"
echo "disk: $(df --output=source,fstype "$home" | tail -1), processors: $(nproc), load: $(cut -d ' ' -f 1 /proc/loadavg)"
"$program" "$target/release/examples/serve" "$home" "${peer[@]}"
