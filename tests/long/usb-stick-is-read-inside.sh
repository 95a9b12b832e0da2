#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A USB stick goes into a real sandbox: this computer's list, the session, QEMU's controller and usb-redir, the kernel
# inside are what they are. Only the stick is made up, as no computer that runs tests has one: a program in the place of
# sandglass-usbgate plays it (tests/usb/made-up-stick.c), and a file is its device node (made-up-node.c, which is
# preloaded into the session). The programs are a copy with that one replaced; no option, variable or file of Sandglass
# says which gate is used. The real gate with a real device of the kernel's: usb-device-goes-in.sh.
# Inside its bytes are read and written; taken back it is gone; one that was given as a stick and comes back as a
# keyboard is refused; one that is not granted does not go in.
set -eu
. "$(dirname "$0")/../e2e/policy-kit.sh"
B=${SG_BUILD:-build}
[ -x "$B/tests/made-up-stick" ] || { echo "skipped: $B/tests/made-up-stick is not built"; exit 77; }
command -v mke2fs >/dev/null || { echo "skipped: mke2fs is not installed"; exit 77; }

mkdir "$T/programs" "$T/content"
tar c -C "$B" --exclude=./obj --exclude=./tests --exclude=./test-logs --exclude='*.a' . | tar x -C "$T/programs"
cp "$B/tests/made-up-stick" "$T/programs/sandglass-usbgate"
S=$T/programs/sandglass

# --- the stick, and the computer that it is plugged into
head -c 3000000 /dev/urandom >"$T/content/data"; echo "from the stick" >"$T/content/hello"
truncate -s 8M "$T/image"; mke2fs -q -t ext2 -d "$T/content" -L STICK "$T/image"
"$B/tests/made-up-stick" make "$T/stick" "$T/image" || fail "no stick"
port=$T/usb/devices/1-1
mkdir -p "$port"
head -c 65536 "$T/stick" >"$port/descriptors"
echo 1 >"$port/busnum"; echo 2 >"$port/devnum"; echo 0781 >"$port/idVendor"; echo 5581 >"$port/idProduct"
echo SanDisk >"$port/manufacturer"; echo Ultra >"$port/product"
# at_computer COMMAND...: where the kernel lists the stick
at_computer () {
  bwrap --bind / / --dev /dev --tmpfs /sys --ro-bind "$T/usb" /sys/bus/usb --bind "$T/stick" /dev/bus/usb/001/002 -- "$@"
}
usb () { at_computer "$S" usb "$id" "$@"; }
begin () { # begin PROFILE: $id is a sandbox of it
  id=$(MADE_UP_NODE=$T/stick LD_PRELOAD=$(realpath "$B/tests/made-up-node.so") "$S" start -q -p "$T/$1.wsb" --approve)
  ids="$ids $id"
}
inside () { "$S" exec "$id" -- "$@"; }
disk () { inside lsblk -nro NAME,TRAN 2>/dev/null | awk '$2 == "usb" { print $1 }'; }
until_there () { for _ in $(seq 60); do [ -z "$(disk)" ] || return 0; sleep 1; done; return 1; }
until_gone () { for _ in $(seq 60); do [ -n "$(disk)" ] || return 0; sleep 1; done; return 1; }

# --- it goes in, and is a disk like any other
profile usb '<UsbRedirection>Enable</UsbRedirection><Networking>Disable</Networking>'
begin usb
usb >"$T/list"; grep -q '^1-1  *Storage  *SanDisk Ultra$' "$T/list" || fail "the list: $(cat "$T/list")"
[ -z "$(disk)" ] || fail "a USB disk before one was given: $(disk)"
usb give 1-1 || fail "the stick does not go in"
usb | grep -q '^1-1 .*\[in the sandbox\]' || fail "the list does not say that it is in: $(usb)"
until_there || fail "no disk inside: $(inside lsblk; inside sudo dmesg | tail -n 20)"
one=$(disk)
inside lsblk -ndro SIZE,VENDOR,MODEL "/dev/$one" >"$T/disk"
grep -q '8M.*SanDisk.*Ultra' "$T/disk" || fail "it is another disk: $(cat "$T/disk")"
inside sudo cat "/dev/$one" | cmp - "$T/image" || fail "its bytes are others inside"
inside sudo sh -c "mount /dev/$one /mnt && cat /mnt/hello && echo written >/mnt/new && umount /mnt" >"$T/read" ||
  fail "it cannot be mounted: $(cat "$T/read")"
[ "$(cat "$T/read")" = "from the stick" ] || fail "its text: $(cat "$T/read")"
tail -c +65537 "$T/stick" >"$T/after"
[ "$(debugfs -R 'cat new' "$T/after" 2>/dev/null)" = written ] || fail "what was written inside is not on it"
! usb give 1-1 2>"$T/twice" || fail "it goes in twice"

# --- taken back, it is gone; and can go in again
usb take 1-1 || fail "the stick does not come out"
until_gone || fail "taken back, and still inside: $(inside lsblk)"
! usb | grep -q 'in the sandbox' || fail "the list says that it is still in"
usb give 1-1 || fail "it does not go in again"
until_there || fail "the second time there is no disk inside"

# --- who uses it makes it a keyboard: it was given as a stick, and as nothing else
inside sudo sh -c "printf keyboard >/tmp/word; dd if=/tmp/word of=/dev/$(disk) conv=notrunc,fsync" 2>/dev/null || true
for _ in $(seq 60); do usb | grep -q 'in the sandbox' || break; sleep 1; done
! usb | grep -q 'in the sandbox' || fail "a stick became a keyboard: $(inside sh -c 'cat /sys/bus/usb/devices/*/bInterfaceClass')"
until_gone || fail "it went, and its disk is still inside"
! inside sh -c 'cat /sys/bus/usb/devices/*/bInterfaceClass' | grep -q 03 || fail "there is a keyboard inside"
tail -c +65537 "$T/stick" | head -c 8 | grep -q keyboard || fail "it was not told to become one"
"$S" discard "$id"

# --- only cameras are granted
profile camera '<VideoInput>Enable</VideoInput><Networking>Disable</Networking>'
begin camera
! usb give 1-1 2>"$T/no" || fail "a stick goes in where only cameras may"
grep -q 'only cameras are granted' "$T/no" || fail "why not is not said: $(cat "$T/no")"
[ -z "$(disk)" ] || fail "it is inside all the same"
