#!/usr/bin/env bash
# Installs what the Rust tests run beside the S3 of our own: an independent one, Ceph's radosgw, and strace, which
# sees what is on the disk before an answer leaves. From Debian's packages.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

# Every other package of a Ceph cluster (the manager above all) is left out: one monitor, one store, one gateway.
if apt_install s3-peer ceph-mon ceph-osd radosgw ceph-common ceph-mgr- curl && have radosgw && have curl; then
  say s3-peer "$(radosgw --version 2>/dev/null | cut -d ' ' -f 1-3), ok"
else
  printf '\n*** NO INDEPENDENT S3 SERVER: radosgw could not be installed (see %s); the tests against it are SKIPPED. ***\n\n' "$logs"
fi

if have strace || apt_install strace strace; then
  say strace "$(strace --version | head -n 1), ok"
else
  printf '\n*** NO STRACE: it could not be installed (see %s); the test of what is on the disk is SKIPPED. ***\n\n' "$logs"
fi
