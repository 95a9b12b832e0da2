#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fifty sessions, five at a time, that fill memory and disk, free them, restart, crash and destroy their system:
# the template is the same afterwards, byte for byte, and still wakes.
set -eu
S=${SANDGLASS:-build/sandglass}
ROUNDS=${ROUNDS:-10}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" base build --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
"$S" run --plan | grep -q '^Start: *woken' || fail "no template: $("$S" run --plan | sed -n 2p)"
templates=${XDG_CACHE_HOME:-$HOME/.cache}/sandglass/templates
sums () { (cd "$templates" && find . -type f ! -name verified -exec sha256sum {} + | sort); }
sums >"$T/before"
[ "$(wc -l <"$T/before")" -ge 4 ] || fail "the template has no files"

inside () { timeout 300 "$S" run -q -u root -- sh -c "$1" >"$T/out.$2" 2>&1; }
i=0
while [ $i -lt "$ROUNDS" ]; do
  inside 'mount -t tmpfs -o size=90% t /mnt; dd if=/dev/urandom of=/mnt/f bs=1M count=300; rm /mnt/f; echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory; echo done' 1 & a=$!
  inside 'dd if=/dev/urandom of=/var/f bs=1M count=100; sync; rm /var/f; sync; fstrim -a; echo done' 2 & b=$!
  inside 'echo c >/proc/sysrq-trigger; sleep 30' 3 & c=$!
  inside 'echo b >/proc/sysrq-trigger; sleep 30' 4 & d=$!
  inside 'rm -rf /usr/bin /usr/sbin /etc /var 2>/dev/null; :' 5 & e=$!
  for pid in $a $b; do wait "$pid" || fail "round $i: $(tail -n 3 "$T"/out.[12])"; done
  grep -q done "$T/out.1" && grep -q done "$T/out.2" || fail "round $i did not do its work: $(tail -n 3 "$T"/out.[12])"
  for pid in $c $d $e; do wait "$pid" || :; done
  i=$((i + 1))
done
sums >"$T/after"
cmp -s "$T/before" "$T/after" || fail "the template has changed: $(diff "$T/before" "$T/after")"
"$S" run --plan | grep -q '^Start: *woken' || fail "it is no longer used: $("$S" run --plan | sed -n 2p)"
[ "$("$S" run -- echo still)" = still ] || fail "it does not wake any more"
