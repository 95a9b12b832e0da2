#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A sandbox that nobody gave a size starts small, gets memory when its programs use it, and gives it back to this
# computer when they have ended; it keeps what it started with.
set -eu
S=${SANDGLASS:-build/sandglass}
id=
trap '[ -z "$id" ] || "$S" discard $id 2>/dev/null || true' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
[ "$(awk '/^MemAvailable/ { print int ($2 / 1024) }' /proc/meminfo)" -gt 6000 ] || { echo "skipped: this needs 6 GB of free memory"; exit 77; }

inside () { "$S" exec "$id" -- awk '/^MemTotal/ { print int ($2 / 1024) }' /proc/meminfo; }
outside () { "$S" list --json | awk -v id="\"$id\"" '$1 == "\"id\"" { ours = index ($3, id) } ours && /"private-bytes"/ { print int ($3 / 1048576) }'; }

"$S" base build --json >/dev/null || fail "no base"
id=$("$S" start -q)
sleep 5
first=$(inside)
[ "$first" -lt 1700 ] || { echo "skipped: this sandbox was not woken from a template: $first MB at first"; exit 77; }

# --- nothing was plugged in for nothing: that would make the guest work, in pages of its own
[ -z "$("$S" exec "$id" -- sh -c 'ls /sys/bus/virtio/drivers/virtio_mem' 2>/dev/null | grep virtio)" ] || fail "memory was plugged in before it was used"

# --- a program that takes 2.5 GB (of shared memory: fast also under emulation) finds them, as it goes on
"$S" exec "$id" -u root -- mount -o remount,size=4G /dev/shm
"$S" exec "$id" -- sh -c 'for n in 1 2 3 4 5; do dd if=/dev/zero of=/dev/shm/$n bs=1M count=500 2>/dev/null || exit 1; sleep 2; done' || fail "the program did not get its memory"
grown=$(inside) held=$(outside)
[ "$grown" -gt 2600 ] || fail "there are $grown MB inside"
[ "$held" -gt 2200 ] || fail "the sandbox takes $held MB only"

# --- it has ended, and the memory comes back
"$S" exec "$id" -- sh -c 'rm /dev/shm/?'
for n in $(seq 60); do
  sleep 2
  [ "$(inside)" -gt $((first + 64)) ] || break
done
after=$(outside)
echo "inside: $first, $grown, $(inside) MB; outside: $held, $after MB; back after $((n * 2)) s"
[ "$(inside)" -ge $((first - 64)) ] && [ "$(inside)" -le $((first + 64)) ] || fail "there are $(inside) MB inside, $first at first"
[ "$after" -lt $((held - 800)) ] || fail "the sandbox takes $after MB, of $held"
"$S" exec "$id" -- true || fail "it has not survived"
