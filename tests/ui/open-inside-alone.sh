#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What opens a file inside (sandglass-open), without a machine: it gets ready before the file is there, opens it once
# it is told the path, and tells of its windows; "closed" comes three seconds after the last one went.
B=${BUILD:-${SG_BUILD:-build}}
[ -x "$B/guest/sandglass-open" ] || { echo "skipped: $B/guest/sandglass-open is not built"; exit 77; }
S=/bin/true; . "$(dirname "$0")/open-kit.sh"
open () { "$B/guest/sandglass-open" "$@"; }
says () { grep -q "^$1" "$T/said"; }

! open --later $program.desktop </dev/null >"$T/said" || fail "no file, and it is well"
says 'failed The file has not come' || fail "no file: $(cat "$T/said")"
! printf /half | open --later $program.desktop >"$T/said" || fail "half a path, and it is well"
! open --later of-another-world.desktop </dev/null >"$T/said" || fail "no program, and it is well"
says 'failed The program' || fail "no program: $(cat "$T/said")"

mkfifo "$T/path"
"$B/guest/sandglass-open" --later $program.desktop <"$T/path" >"$T/said" & opener=$!; PIDS="$opener $PIDS"
exec 4>"$T/path"
sleep 1
[ ! -s "$T/said" ] || fail "the file is not there, and it says: $(cat "$T/said")"
echo "$T/dot.png" >&4; exec 4>&-
until_true 20 says window || fail "no window: $(cat "$T/said")"
[ "$(head -n 1 "$T/said")" = started ] || fail "first of all: $(cat "$T/said")"
kill "$(pgrep -P $opener)"; closed=$(date +%s%N)
until_true 20 says closed || fail "closed, and nothing is said: $(cat "$T/said")"
msec=$((($(date +%s%N) - closed) / 1000000))
[ $msec -gt 2900 ] && [ $msec -lt 8000 ] || fail "told $msec ms after the window"
wait $opener
echo "open: told $msec ms after the last window"
