#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fifty sessions, five at a time, that fill memory and disk, free them, are given memory and give it back, restart
# and go on, crash and destroy their system: the template is the same afterwards, byte for byte, and still wakes.
# There is no balloon, which would punch its holes into the template: memory comes and goes by virtio-mem, and
# whoever looks for a balloon inside finds none.
set -eu
S=${SANDGLASS:-build/sandglass}
ROUNDS=${ROUNDS:-10} # of five
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

inside () { # SCRIPT NUMBER OPTION...: as root, in a sandbox of its own
  script=$1 n=$2; shift 2
  timeout 300 "$S" run -q -u root "$@" -- sh -c "$script" >"$T/out.$n" 2>&1
}
# More memory than the template has, filled to the last piece, and freed: the pieces that were plugged in go back.
memory='for d in /sys/bus/virtio/devices/*/device; do
  [ "$(cat "$d")" != 0x0005 ] || { echo balloon; exit 1; }; done
  mount -t tmpfs -o size=95% t /mnt; dd if=/dev/urandom of=/mnt/f bs=1M count=100 2>&1; dd if=/dev/zero of=/mnt/g bs=1M count=1400 2>&1
  rm /mnt/f /mnt/g
  echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory; echo done'
disk='dd if=/dev/urandom of=/var/f bs=1M count=100; sync; rm /var/f; sync; fstrim -a; echo done'
ruin='rm -rf /usr/bin /usr/sbin /etc /var 2>/dev/null; :'
crash='echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 30'
# A restart that goes on: the second boot writes, too.
again () {
  id=$("$S" start -q) && "$S" exec "$id" -u root -- reboot -ff 2>/dev/null || :
  timeout 300 "$S" exec "$id" -u root -- sh -c 'dd if=/dev/urandom of=/var/f bs=1M count=50; sync; echo done' >"$T/out.3" 2>&1
  "$S" discard "$id"
}
# Nobody asked for a size: it is given memory as it uses it, frees that, and has it taken back.
total () { "$S" exec "$1" -- awk '/^MemTotal/ { print int ($2 / 1024) }' /proc/meminfo; }
comes_and_goes () {
  id=$("$S" start -q) || return 1
  first=$(total "$id")
  "$S" exec "$id" -u root -- sh -c 'mount -o remount,size=4G /dev/shm; for n in 1 2 3 4 5; do dd if=/dev/zero of=/dev/shm/$n bs=1M count=400 2>&1; sleep 2; done' >"$T/out.6"
  given=$(total "$id")
  "$S" exec "$id" -u root -- sh -c 'rm /dev/shm/?; echo 3 >/proc/sys/vm/drop_caches'
  n=0
  while [ "$(total "$id")" -gt $((first + 64)) ] && [ $n -lt 90 ]; do n=$((n + 1)); sleep 2; done
  echo "$first, $given, $(total "$id") MB" >"$T/out.6"
  "$S" discard "$id"
  [ "$given" -gt $((first + 256)) ] && [ $n -lt 90 ]
}
comes_and_goes & goes=$!
i=0
while [ $i -lt "$ROUNDS" ]; do
  inside "$memory" 1 --memory 2000 & a=$!
  inside "$disk" 2 & b=$!
  again & c=$!
  inside "$crash" 4 & d=$!
  inside "$ruin" 5 & e=$!
  for pid in $a $b $c; do wait "$pid" || fail "round $i: $(tail -n 3 "$T"/out.[123])"; done
  for n in 1 2 3; do grep -q done "$T/out.$n" || fail "round $i did not do its work: $(tail -n 3 "$T/out.$n")"; done
  for pid in $d $e; do wait "$pid" || :; done
  i=$((i + 1))
done
wait "$goes" || fail "memory did not come and go: $(cat "$T/out.6")"
sums >"$T/after"
cmp -s "$T/before" "$T/after" || fail "the template has changed: $(diff "$T/before" "$T/after")"
"$S" run --plan | grep -q '^Start: *woken' || fail "it is no longer used: $("$S" run --plan | sed -n 2p)"
[ "$("$S" run -- echo still)" = still ] || fail "it does not wake any more"
