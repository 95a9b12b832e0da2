#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal to `sandglass run` reaches the command, and its reaction comes back as the exit code.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" run -- sh -c 'trap "echo caught; exit 9" TERM; echo up; while :; do sleep 0.1; done' >"$T/out" &
pid=$!
for i in $(seq 1200); do
  if grep -q up "$T/out"; then break; fi
  kill -0 $pid 2>/dev/null || fail "it ended before the command was up"
  sleep 0.1
done
kill -TERM $pid
code=0
wait $pid || code=$?
[ "$code" = 9 ] || fail "code $code instead of 9"
grep -q caught "$T/out" || fail "the command did not get the signal"
