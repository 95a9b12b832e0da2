#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sandboxes woken from one template at the same time differ in everything that must not be shared, from
# the first byte that a person's command can read; and the template is the same file afterwards.
#   CLONES=20 tests/e2e/clones-are-unique.sh      (4 unless said otherwise)
set -eu
S=${SANDGLASS:-build/sandglass}
N=${CLONES:-4}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" base build --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
"$S" run --plan >"$T/plan" || fail "no plan"
templates=${XDG_CACHE_HOME:-$HOME/.cache}/sandglass/templates
sums () { (cd "$templates" && find . -type f -exec b2sum {} + | sort); }
set -- "$templates"/*/ram
[ -e "$1" ] || fail "base build prepared no sandbox"
sums >"$T/before"

# The first thing each does is to draw numbers.
ask='head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid /proc/sys/kernel/random/boot_id
     cat /etc/machine-id; hostname; date +%s'
i=0
while [ $i -lt "$N" ]; do
  "$S" run -- sh -c "$ask" >"$T/out.$i" 2>"$T/err.$i" &
  i=$((i + 1))
done
wait
i=0
while [ $i -lt "$N" ]; do
  [ "$(wc -l <"$T/out.$i")" = 6 ] || fail "clone $i said: $(cat "$T/out.$i" "$T/err.$i")"
  [ ! -s "$T/err.$i" ] || fail "clone $i complained: $(cat "$T/err.$i")"
  i=$((i + 1))
done
for line in 1 2 3 4 5; do
  twice=$(for f in "$T"/out.*; do sed -n "${line}p" "$f"; done | sort | uniq -d)
  [ -z "$twice" ] || fail "line $line is the same in two: $twice"
done
now=$(date +%s)
for f in "$T"/out.*; do
  clock=$(sed -n 6p "$f")
  [ $((now - clock)) -lt 120 ] && [ $((now - clock)) -gt -5 ] || fail "a clock is $((now - clock)) s behind"
done
sums >"$T/after"
cmp -s "$T/before" "$T/after" || fail "the template changed"
