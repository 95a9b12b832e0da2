#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# After this computer has slept, or its clock was set, a sandbox's clock is right again.  The clock is set to what
# it is, which is a jump to the kernel, and takes root.
# run-as: root
set -eu
S=${SANDGLASS:-build/sandglass}
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1; rm -rf "$T"' EXIT
id=$("$S" start -q)

# As if it had slept for a week: the clock inside is that far behind.
"$S" exec "$id" -u root -- date -s '1 week ago' >/dev/null
behind () { echo $(($(date +%s) - $("$S" exec "$id" -- date +%s))); }
[ "$(behind)" -gt 600000 ] || fail "the clock inside cannot be set: $(behind)"
python3 -c 'import time; time.clock_settime (time.CLOCK_REALTIME, time.clock_gettime (time.CLOCK_REALTIME))' 2>"$T/err" ||
  { echo "skipped: the clock cannot be set: $(tail -n 1 "$T/err")"; exit 77; }
for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(behind)" -gt 2 ] || break; sleep 0.5; done
now=$(behind)
[ "$now" -ge -2 ] && [ "$now" -le 2 ] || fail "the clock inside is $now s behind"
