#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-as: root
# RequireEncryption with the real swaps of this computer: with a plain one nothing opens, and it is named with the
# command that turns it off; swap in memory (zram) and on a dm-crypt device is no reason.
set -eu
. "$(dirname "$0")/../e2e/policy-kit.sh"
[ "$(wc -l </proc/swaps)" = 1 ] || { echo "skipped: this computer has a swap of its own"; exit 77; }
file=$T/plain zram= loop=
clean () {
  for device in "$file" "${zram:+/dev/$zram}" "${loop:+/dev/mapper/$name}"; do
    [ -z "$device" ] || swapoff "$device" 2>/dev/null || true
  done
  [ -z "$zram" ] || echo 1 >"/sys/block/$zram/reset"
  [ -z "$loop" ] || { cryptsetup close "$name" 2>/dev/null || true; losetup -d "$loop"; }
  kit_clean
}
name=sg-test-$$
trap clean EXIT
rules RequireEncryption=true
# --plan does not start anything, so a start that is refused is looked at: it ends before a machine is there
refused () { ! "$S" start -q "$P" 2>"$T/err" >"$T/out" && grep -q 'is not encrypted' "$T/err"; }

# --- a file on a disk that is not encrypted
dd if=/dev/zero of="$file" bs=1M count=8 status=none; chmod 600 "$file"; mkswap -q "$file" >/dev/null
swapon "$file" 2>"$T/err" || { echo "skipped: no swap can be turned on here: $(cat "$T/err")"; exit 77; }
refused || { ids=$(cat "$T/out"); fail "it opens with a plain swap: $(cat "$T/err")"; }
grep -q "sudo swapoff $file" "$T/err" || fail "the swap and what to do is not named: $(cat "$T/err")"
"$S" doctor --json 2>/dev/null | grep -q "$file is not encrypted" || fail "doctor does not name it"
swapoff "$file"

# --- memory, and what is encrypted: together with nothing else they are no reason
zram=$(ls /sys/block | grep -m 1 '^zram' || true)
if [ -n "$zram" ] && [ "$(cat "/sys/block/$zram/disksize")" = 0 ]; then
  echo 16M >"/sys/block/$zram/disksize"; mkswap -q "/dev/$zram" >/dev/null; swapon "/dev/$zram"
else
  echo "no zram here" >&2; zram=
fi
if command -v cryptsetup >/dev/null && dd if=/dev/zero of="$T/disk" bs=1M count=16 status=none &&
    loop=$(losetup -f --show "$T/disk" 2>/dev/null) &&
    cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 512 --key-file /dev/urandom --batch-mode "$loop" "$name" 2>"$T/err"; then
  mkswap -q "/dev/mapper/$name" >/dev/null; swapon "/dev/mapper/$name"
else
  echo "no dm-crypt here: $(cat "$T/err")" >&2
  [ -z "$loop" ] || losetup -d "$loop"
  loop=
fi
[ -n "$zram$loop" ] || { echo "skipped: neither zram nor dm-crypt here; a plain swap was refused"; exit 77; }
id=$("$S" start -q "$P" 2>"$T/err") || fail "it does not open with $(cat /proc/swaps): $(cat "$T/err")"
ids=$id
"$S" exec "$id" -- true
