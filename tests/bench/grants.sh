#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A profile of 1 MB with 10,000 folders becomes grants in less than 50 ms of processor time, and twice as many take
# twice as long.  No peer: nobody else reads such a file.
set -eu
. "$(dirname "$0")/lib.sh"
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
"$(dirname "$SANDGLASS")/tests/grants-speed" >"$T/said"
set -- $(sed -n 's/.*median \([0-9.]*\) ms$/\1/p' "$T/said")
cat <<END
## Profiles

| what | here | target |
| --- | --- | --- |
| 10,000 folders (1 MB) with two rules of globs -> grants, processor time, median of 21 | $1 ms | < 50 ms: $(verdict "$1" '<' 50) |
| 20,000 folders | $2 ms, $(ratio "$2" "$1") times as long | <= 2.5 times: $(verdict "$(ratio "$2" "$1")" '<=' 2.5) |

END
