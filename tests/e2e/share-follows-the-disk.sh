#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that the host unmounts (a stick that is ejected) is not kept in use by a shared folder of it: the
# folder goes, with what was open of it, and the sandbox lives on.  A disk of the host's that fills while
# the guest writes is an error inside, and nothing hangs.
# run-as: root (to mount a disk)
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a disk needs root"; exit 77; }
if [ "${1:-}" != inside ]; then exec unshare -m --propagation shared "$0" inside; fi
. "$(dirname "$0")/share-kit.sh"
mkdir "$T/stick"
open_one
# Plugged in after the sandbox was opened.
truncate -s 8M "$T/image"
mkfs.ext4 -q "$T/image" 2>/dev/null && mount -o loop "$T/image" "$T/stick" 2>/dev/null \
  || mount -t tmpfs tmpfs "$T/stick" || { echo "skipped: nothing can be mounted here"; exit 77; }
trap 'umount -l "$T/stick" 2>/dev/null || true; cleanup' EXIT
mkdir "$T/stick/photos"
echo 1 >"$T/stick/photos/1"
"$S" share "$id" "$T/stick/photos" --write >/dev/null || fail "a disk that came later cannot be shared"
[ "$(inside 'cat ~/Desktop/photos/1')" = 1 ] || fail "not there"
"$S" exec "$id" -d /home/sandbox/Desktop/photos -- sh -c 'exec 3<1; echo up; sleep 60; :' >"$T.busy" 2>/dev/null &
for _ in $(seq 100); do if grep -q up "$T.busy"; then break; fi; sleep 0.1; done
umount "$T/stick" || fail "the shared folder keeps the disk mounted"
for _ in $(seq 100); do
  gone=yes
  if qemu_mounts | grep -q 'shares/rw/'; then gone=; fi
  [ -z "$gone" ] || break
  sleep 0.1
done
[ -n "$gone" ] || fail "the folder stays in the sandbox"
inside 'cat ~/Desktop/photos/1' 2>/dev/null && fail "it can still be read"
[ "$("$S" exec "$id" -- echo alive)" = alive ] || fail "the sandbox hangs"
if [ -n "$(losetup -j "$T/image" 2>/dev/null)" ]; then fail "the disk is still in use: $(losetup -j "$T/image")"; fi
mount -o loop "$T/image" "$T/stick" 2>/dev/null || mount -t tmpfs tmpfs "$T/stick"
mkdir -p "$T/stick/photos"
"$S" share "$id" "$T/stick/photos" >/dev/null || fail "it cannot be shared again"
umount "$T/stick" || fail "the shared folder keeps the disk mounted the second time"

# --- a disk of the host's fills while the guest writes
mkdir "$T/small"
mount -t tmpfs -o size=4m tmpfs "$T/small"
trap 'umount -l "$T/stick" "$T/small" 2>/dev/null || true; cleanup' EXIT
"$S" share "$id" "$T/small" --write >/dev/null
timeout 60 "$S" exec "$id" -- sh -c 'cd ~/Desktop/small; dd if=/dev/zero of=big bs=1M count=16' >"$T.said" 2>&1 && fail "a full disk takes everything"
grep -qi 'no space' "$T.said" || fail "a full disk: $(cat "$T.said")"
timeout 60 "$S" exec "$id" -- sh -c 'rm ~/Desktop/small/big && echo fits >~/Desktop/small/new' && [ "$(cat "$T/small/new")" = fits ] || fail "after the full disk"
"$S" unshare "$id" "$T/small"
"$S" discard "$id"
ids=
