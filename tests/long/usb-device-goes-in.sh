#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate of a USB device with a real device and its real driver: in a sandbox whose kernel plays a USB stick
# (dummy_hcd, a gadget). What QEMU would be told of it, a control transfer, and that its driver has it back
# afterwards; in walls as the session builds them, without /sys and /dev/bus/usb.
# timeout: 600
set -eu
S=${SANDGLASS:-build/sandglass} B=${SG_BUILD:-build}
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$B/tests/usb-peer" ] || { echo "skipped: $B/tests/usb-peer is not built"; exit 77; }
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1; rm -rf "$T"' EXIT
id=$("$S" start -q)
inside () { "$S" exec "$id" -- "$@"; }
inside sudo sh -c 'modprobe dummy_hcd && modprobe libcomposite && modprobe usb_f_mass_storage' ||
  { echo "skipped: this kernel cannot play a USB device"; exit 77; }
# Not in the home folder, which is closed to root without its powers.
tar c -C "$B" sandglass-usbgate tests/usb-peer | inside sh -c 'mkdir -m 755 /tmp/gate && tar x -C /tmp/gate'
inside sudo sh -s <<'END' || fail "no device is made"
set -e
truncate -s 8M /tmp/stick
cd /sys/kernel/config/usb_gadget
mkdir g; cd g
echo 0x0781 >idVendor; echo 0x5581 >idProduct
mkdir strings/0x409 configs/c.1 functions/mass_storage.0
echo SanDisk >strings/0x409/manufacturer; echo Ultra >strings/0x409/product; echo 123456 >strings/0x409/serialnumber
echo /tmp/stick >functions/mass_storage.0/lun.0/file
ln -s functions/mass_storage.0 configs/c.1/
ls /sys/class/udc | head -n 1 >UDC
END
driver () { inside sh -c 'basename "$(readlink /sys/bus/usb/devices/1-1:1.0/driver)"' 2>/dev/null; }
for _ in $(seq 30); do [ "$(driver)" = usb-storage ] && break; sleep 1; done
[ "$(driver)" = usb-storage ] || fail "its driver does not have it: $(driver)"
# What the guest's restart hid below /proc would keep bubblewrap from making its own.
inside sudo sh -c 'umount /proc/sys/kernel/random/boot_id 2>/dev/null || true'
inside sudo sh -s >"$T/out" 2>&1 <<'END' || fail "$(cat "$T/out")"
cat >/tmp/walls <<'GATE'
#!/bin/sh
exec bwrap --unshare-all --cap-drop ALL --clearenv --as-pid-1 --dev /dev --ro-bind-try /usr/lib /usr/lib --ro-bind-try /lib /lib \
  --ro-bind-try /usr/lib64 /usr/lib64 --ro-bind-try /lib64 /lib64 --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache \
  --ro-bind /tmp/gate/sandglass-usbgate /gate --remount-ro / -- /gate "$@"
GATE
chmod +x /tmp/walls
node=$(printf '/dev/bus/usb/%03d/%03d' "$(cat /sys/bus/usb/devices/1-1/busnum)" "$(cat /sys/bus/usb/devices/1-1/devnum)")
exec /tmp/gate/tests/usb-peer /tmp/walls "$node"
END
for words in 'device 0781:5581' 'interface class 08' 'descriptor of 18 bytes, 0781:5581, status 0' 'gate ended with 0'; do
  grep -q "$words" "$T/out" || fail "not said: $words: $(cat "$T/out")"
done
for _ in $(seq 30); do [ "$(driver)" = usb-storage ] && break; sleep 1; done
[ "$(driver)" = usb-storage ] || fail "its driver does not have it back"
