#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A clock that was set, as after sleep, is noticed: tried inside a sandbox, where the clock may jump as it likes.
# What comes of it outside: tests/long/clock-follows-the-host.sh.
set -eu
S=${SANDGLASS:-build/sandglass} B=${SG_BUILD:-build}
fail () { echo "FAILED: $*" >&2; exit 1; }
for program in "$S" "$B/tests/test-clock-watch"; do
  [ -x "$program" ] || { echo "skipped: $program is not built"; exit 77; }
done
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
"$S" run -q -u root -- sh -c 'cat >/tmp/test && chmod +x /tmp/test && SG_CLOCK_IS_OURS=yes CK_DEFAULT_TIMEOUT=60 /tmp/test' \
  <"$B/tests/test-clock-watch" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
grep -q '^100%: Checks: [1-9]' "$T/out" || fail "nothing was tried: $(cat "$T/out")"
! grep -q '^skipped' "$T/out" || fail "nothing was tried: $(cat "$T/out")"
