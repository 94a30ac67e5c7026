#!/usr/bin/env bash
# Installs the independent S3 server that the tests run against: Ceph's radosgw, from Debian's packages.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

# Every other package of a Ceph cluster (the manager above all) is left out: one monitor, one store, one gateway.
if apt_install s3-peer ceph-mon ceph-osd radosgw ceph-common ceph-mgr- && have radosgw; then
  say s3-peer "$(radosgw --version 2>/dev/null | cut -d ' ' -f 1-3), ok"
else
  printf '\n*** NO INDEPENDENT S3 SERVER: radosgw could not be installed (see %s); the tests against it are SKIPPED. ***\n\n' "$logs"
fi
