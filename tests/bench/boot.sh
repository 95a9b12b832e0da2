#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A cold boot, and what it does with each second.
set -eu
. "$(dirname "$0")/lib.sh"
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
trap 'rm -rf "$T"' EXIT

"$S" base build --json >/dev/null
for _ in 1 2 3; do seconds "$S" run --cold -q -- true >>"$T/first"; done
"$S" run --cold -q -u root -- sh -c '
  for i in $(seq 600); do [ ! -e /run/sandglass/desktop/ready ] || break; sleep 0.1; done
  awk "{ print \$1 }" /proc/uptime
  systemd-analyze time | head -n 1
  echo ---
  systemd-analyze blame --no-pager | head -n 12' >"$T/inside"

cat <<END
## A cold boot

| what | figure |
| --- | --- |
| \`run --cold -- true\`, whole process (median of 3) | $(median "$T/first") s |
| kernel's start to desktop ready, inside | $(head -n 1 "$T/inside") s |

systemd inside says: $(sed -n 2p "$T/inside"). Its longest units:

\`\`\`
$(sed '1,/^---$/d' "$T/inside")
\`\`\`

The units that run are listed with a reason each in \`baseimage/guest/units.list\`; a test compares the list with what runs.

END
