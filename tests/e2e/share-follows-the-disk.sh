#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that the host unmounts (a stick that is ejected) is not kept in use by a shared folder of it: the
# folder goes, with what was open of it, and the sandbox lives on.  A disk of the host's that fills while
# the guest writes is an error inside, and nothing hangs.  Of this, and of a folder that is renamed or
# deleted, the person is told.
# run-as: root (to mount a disk)
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a disk needs root"; exit 77; }
if [ "${1:-}" != inside ]; then exec unshare -m --propagation shared "$0" inside; fi
. "$(dirname "$0")/share-kit.sh"
mkdir "$T/stick"
# One whose notices are heard: `run` tells them.
"$S" run -- sh -c 'echo up; exec sleep 500' >"$T.up" 2>"$T.told" &
listener=$!
trap cleanup EXIT
for _ in $(seq 600); do if grep -q up "$T.up"; then break; fi; sleep 0.2; done
id=$("$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p')
ids=$id
[ -n "$id" ] || fail "no sandbox: $(cat "$T.told")"
told () { # told WORDS: within some seconds
  for _ in $(seq 60); do if grep -q "$1" "$T.told"; then return; fi; sleep 0.1; done
  fail "not told: $1: $(cat "$T.told")"
}
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
told "The disk with the folder '$T/stick/photos' was removed"
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
told "There is no room left on this computer's disk that has the folder '$T/small'"
timeout 60 "$S" exec "$id" -- sh -c 'rm ~/Desktop/small/big && echo fits >~/Desktop/small/new' && [ "$(cat "$T/small/new")" = fits ] || fail "after the full disk"
"$S" unshare "$id" "$T/small"

# --- a folder that is renamed, then deleted
mkdir "$T/named"
"$S" share "$id" "$T/named" --write >/dev/null
sleep 2.5
[ "$(grep -c named "$T.told")" = 0 ] || fail "told of nothing: $(cat "$T.told")"
mv "$T/named" "$T/renamed"
told "The folder '$T/named' was moved or renamed"
inside 'echo 1 >~/Desktop/named/one' && [ -e "$T/renamed/one" ] || fail "a renamed folder"
rm -r "$T/renamed"
told "The folder '$T/named' was deleted"
[ "$(grep -c "'$T/named'" "$T.told")" = 2 ] || fail "told more than once: $(cat "$T.told")"
"$S" discard "$id"
ids=
