#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the network gate costs beside passt alone, in network namespaces with no way out of them.
set -eu
B=${SG_BUILD:-build}
for tool in unshare nsenter ip passt; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
if [ "${NETGATE_INSIDE:-}" = "" ]; then
  unshare -Urnm true 2>/dev/null || { echo "skipped: user namespaces are not allowed here"; exit 77; }
  exec env NETGATE_INSIDE=1 unshare -Urnm --kill-child "$0" "$@"
fi
T=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; umount -l "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true; rm -rf "$T"' EXIT
. "$(dirname "$0")/../net/kit.sh"
"$B/tests/netgate-stream" "$B/sandglass-netgate" 93.184.216.34 "$@"
