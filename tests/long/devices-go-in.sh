#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# USB devices and 3D, from the computer to its machine: a sandbox plays the computer (its kernel a USB stick, a microphone
# and a camera; its graphics device the card), and in it Sandglass starts another one. Of what is not granted the machine
# has nothing, and that is said; where it is granted, Mesa and virgl run in its walls, with the card.
# Emulation in emulation: the second machine boots, but does not come up in time to be looked at inside. What is seen
# there: usb-stick-is-read-inside.sh; the gate with a device of the kernel's: usb-device-goes-in.sh.
# timeout: 600
set -eu
S=${SANDGLASS:-build/sandglass} B=${SG_BUILD:-build}
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
command -v python3 >/dev/null || skip "python3 is not installed"
kernel=$(ls /boot/vmlinuz-* 2>/dev/null | sort -V | tail -n 1)
[ -n "$kernel" ] && [ -r "$kernel" ] || skip "the kernel in /boot cannot be read"
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1; rm -rf "$T"' EXIT

# --- the computer
id=$("$S" start -q --cold --memory 6000 --cpus 2)
inside () { "$S" exec "$id" -- "$@"; }
inside sudo sh -c 'modprobe dummy_hcd num=3 && modprobe -a libcomposite usb_f_mass_storage usb_f_fs' ||
  skip "this kernel cannot play USB devices"
inside sh -c 'for i in $(seq 60); do ls /dev/dri/renderD* >/dev/null 2>&1 && exit; sleep 1; done; exit 1' || skip "there is no render node inside"
tar c -C / "${kernel#/}" | inside sudo tar x -C /
tar c -C "$B" --exclude=obj --exclude=./tests --exclude=test-logs --exclude='*.a' . |
  inside sh -c 'mkdir sandglass && tar x -C sandglass'
inside sudo tee /tmp/interface.py >/dev/null <<'END'
# python3 interface.py DIR CLASS: a USB device with one interface of CLASS (FunctionFS, mounted at DIR)
import os, struct, sys
interface = struct.pack('<BBBBBBBBB', 9, 4, 0, 0, 1, int(sys.argv[2], 0), 1, 0, 0)
endpoint = lambda size: struct.pack('<BBBBHB', 7, 5, 0x81, 2, size, 0)
body = interface + endpoint(64) + interface + endpoint(512)  # full speed, high speed
ep0 = os.open(sys.argv[1] + '/ep0', os.O_RDWR)
os.write(ep0, struct.pack('<IIIII', 3, 20 + len(body), 3, 2, 2) + body)
os.write(ep0, struct.pack('<IIII', 2, 16, 0, 0))
print('plays', flush=True)
while True:
    os.read(ep0, 12)
END
inside sudo sh -s >"$T/devices" 2>&1 <<'END' || fail "no devices are made: $(tail -n 3 "$T/devices")"
set -e
mkdir /tmp/content; head -c 300000 /dev/urandom >/tmp/content/data; echo "from the stick" >/tmp/content/hello
truncate -s 8M /tmp/stick; mke2fs -q -t ext2 -d /tmp/content -L STICK /tmp/stick
cd /sys/kernel/config/usb_gadget
gadget () { # NAME VENDOR PRODUCT MAKER MODEL FUNCTION
  mkdir "$1"; echo "$2" >"$1/idVendor"; echo "$3" >"$1/idProduct"
  mkdir "$1/strings/0x409" "$1/configs/c.1" "$1/functions/$6"
  echo "$4" >"$1/strings/0x409/manufacturer"; echo "$5" >"$1/strings/0x409/product"; echo 1 >"$1/strings/0x409/serialnumber"
  ln -s "$1/functions/$6" "$1/configs/c.1/"
}
gadget stick 0x0781 0x5581 SanDisk Ultra mass_storage.0
echo 1 >stick/functions/mass_storage.0/lun.0/removable
echo /tmp/stick >stick/functions/mass_storage.0/lun.0/file
echo dummy_udc.0 >stick/UDC
gadget sound 0x046d 0x0a44 Logitech Headset ffs.sound
gadget camera 0x046d 0x082d Logitech Webcam ffs.camera
n=1
for one in sound:0x01 camera:0x0e; do
  name=${one%:*}
  mkdir "/tmp/$name"; (cd / && mount -t functionfs "$name" "/tmp/$name")
  python3 /tmp/interface.py "/tmp/$name" "${one#*:}" >"/tmp/$name.out" 2>&1 &
  for _ in $(seq 20); do grep -q plays "/tmp/$name.out" && break; sleep 1; done
  echo "dummy_udc.$n" >"$name/UDC"
  n=$((n + 1))
done
for _ in $(seq 30); do [ -e /sys/bus/usb/devices/3-1/product ] && break; sleep 1; done
chmod 666 /dev/bus/usb/*/*
END
inside sh -c 'cd sandglass && ./sandglass base build --no-template >/dev/null' || fail "the copy of the sandbox"

# --- the sandbox in it: nothing granted
inside sh -s >"$T/none" 2>&1 <<'END' || fail "nothing granted: $(tail -n 5 "$T/none")"
cd sandglass
cat >machine <<'M'
# the process of the machine of the sandbox $1
for _ in $(seq 60); do
  q=$(ps -eo pid=,args= | awk -v n="sandglass-$1" '$2 ~ /\/qemu-system/ && $0 ~ n { print $1 }' | tail -n 1)
  [ -z "$q" ] || break
  sleep 1
done
echo "$q"
M
echo '<Configuration><Networking>Disable</Networking></Configuration>' >none.wsb
setsid ./sandglass run --cold -p none.wsb --approve -- sleep 100000 >none.out 2>&1 </dev/null &
for _ in $(seq 60); do i=$(./sandglass list | awk '$2 == "booting" { print $1 }'); [ -z "$i" ] || break; sleep 1; done
q=$(sh machine "$i"); sleep 10
echo "machine $q of $i"
ls -l "/proc/$q/fd" | grep /dev/dri && exit 1
tr '\0' '\n' <"/proc/$q/cmdline" | grep -E 'egl-headless|virtio-vga-gl|usb-redir|qemu-xhci' && exit 1
grep -q 'libvirglrenderer' "/proc/$q/maps" && exit 1
./sandglass usb "$i" give 1-1 && exit 1
./sandglass usb "$i" | grep -A 1 '^1-1 ' | tail -n 1
./sandglass discard "$i"
END
grep -q 'not granted' "$T/none" || fail "why not is not said: $(cat "$T/none")"

# --- USB and 3D granted: the machine has the card, by virgl
inside sh -s >"$T/some" 2>&1 <<'END' || fail "granted: $(tail -n 5 "$T/some")"
set -e
cd sandglass
echo '<Configuration><VGpu>Enable</VGpu><UsbRedirection>Enable</UsbRedirection><Networking>Disable</Networking></Configuration>' >some.wsb
setsid ./sandglass run -p some.wsb --approve -- sh -c 'echo it is up; sleep 100000' >some.out 2>&1 </dev/null &
for _ in $(seq 60); do i=$(./sandglass list | awk '$2 == "booting" { print $1 }'); [ -z "$i" ] || break; sleep 1; done
echo "$i" >id
q=$(sh machine "$i")
for _ in $(seq 60); do ls -l "/proc/$q/fd" | grep -q /dev/dri/renderD && break; sleep 1; done
ls -l "/proc/$q/fd" | grep /dev/dri/renderD
grep -q libvirglrenderer "/proc/$q/maps"
tr '\0' '\n' <"/proc/$q/cmdline" | grep -E '^(egl-headless,rendernode=|virtio-vga-gl,|qemu-xhci,)'
./sandglass usb "$i"
END
[ "$(grep -c 'is not granted' "$T/some")" = 2 ] || fail "a microphone and a camera may go in: $(cat "$T/some")"
