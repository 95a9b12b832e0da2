#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A sandbox has no network card, and the plan and the help say so.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" run -- ls /sys/class/net >"$T/out"
[ "$(cat "$T/out")" = lo ] || fail "network cards inside: $(cat "$T/out")"
"$S" run --plan -- true >"$T/plan"
grep -qi 'network' "$T/plan" || fail "the plan does not tell about the network"
"$S" run --help | grep -qi 'no network' || fail "the help does not tell about the network"
