#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of netgate-modes.sh from inside a real guest: a Linux kernel with a virtio card, ordinary
# sockets, and packets that its root crafts.  One boot; the mode is switched while it runs.
set -eu
B=${SG_BUILD:-build}
for tool in unshare nsenter ip passt qemu-system-x86_64 busybox cpio; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ -x "$B/tests/net-inside" ] || { echo "skipped: $B/tests/net-inside is not built"; exit 77; }
for kernel in /boot/vmlinuz-*; do
  V=${kernel#/boot/vmlinuz-}
  M=/usr/lib/modules/$V/kernel
  [ -r "$kernel" ] && [ -e "$M/drivers/net/virtio_net.ko" ] && break
  kernel=
done
[ -n "$kernel" ] || { echo "skipped: no readable kernel with its modules (not compressed)"; exit 77; }
if [ "${NETGATE_INSIDE:-}" = "" ]; then
  unshare -Urnm true 2>/dev/null || { echo "skipped: user namespaces are not allowed here"; exit 77; }
  exec env NETGATE_INSIDE=1 unshare -Urnm --kill-child "$0" "$@"
fi

T=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; umount -l "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true; rm -rf "$T"' EXIT
. "$(dirname "$0")/kit.sh"

mkdir -p "$T/root/bin" "$T/root/proc" "$T/root/sys" "$T/root/dev" "$T/root/etc"
cp "$B/tests/net-inside" "$T/root/init"
cp "$(command -v busybox)" "$T/root/bin/busybox"
ln -s busybox "$T/root/bin/sh"
# Those that are built in are not there, and need not be.
for m in drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_modern_dev \
  drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci net/core/failover drivers/net/net_failover \
  drivers/net/virtio_net; do
  [ -e "$M/$m.ko" ] || continue
  cp "$M/$m.ko" "$T/root/"
  echo "${m##*/}" >>"$T/root/modules"
done
echo 'nameserver 192.0.0.3' >"$T/root/etc/resolv.conf"

never='tcp 192.168.77.5 80 refused
tcp 198.96.1.7 80 refused
tcp 2a00:1:2::7 80 refused
tcp 169.254.169.254 80 refused
tcp fd00:ec2::254 80 refused
tcp 192.0.0.1 80 refused
udp 169.254.169.254 7 silent
tcp 2002:a9fe:a9fe::1 80 refused'
# By hand, to the LAN's host: with a stranger's source address or MAC, to everybody's MAC, tagged, by a
# source route, in tunnels, in pieces.
raw=
for kind in source mac everybody vlan route ipip 6in4 fragment; do
  raw="$raw
raw $kind 192.168.77.9 7"
done
cat >"$T/root/probes" <<END
tcp 93.184.216.34 80 silent
udp 93.184.216.34 7 silent
host mode internet
tcp 93.184.216.34 80 open
tcp 2606:2800:220:1::1 80 open
udp 93.184.216.34 7 answer
udp 2606:2800:220:1::1 7 answer
ping 93.184.216.34 answer
tcp 192.168.77.1 80 refused
tcp 192.168.77.9 80 refused
tcp fd77::9 80 refused
udp 192.168.77.9 7 silent
udp fd77::9 7 silent
ping 192.168.77.9 silent
tcp 100.70.0.1 80 refused
tcp 131.107.0.1 80 refused
tcp 8.8.8.8 53 refused
udp 8.8.8.8 53 silent
name www.example.com 93.184.216.34
name www.example.com 2606:2800:220:1::1
name rebind.example.com refused
name printer.lan unknown
name use-application-dns.net unknown
$never
raw plain 192.168.77.9 7$raw
host host other.example.net
tcp 93.184.216.34 80 refused
name www.example.com refused
host host www.example.com
name other.example.net refused
name www.example.com 93.184.216.34
tcp 93.184.216.34 80 open
tcp 8.8.8.8 80 refused
$never
host mode off
tcp 93.184.216.34 80 refused
udp 93.184.216.34 7 silent
host run cp $T/serve.$lan $T/lan.mark
host mode lan
tcp 93.184.216.34 80 open
tcp 192.168.77.9 80 open
tcp fd77::9 80 open
udp 192.168.77.9 7 answer
tcp 131.107.0.1 80 open
name printer.lan 192.168.77.9
$never$raw
raw proof 192.168.77.9 7
host passt
tcp 93.184.216.34 80 open
END
(cd "$T/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$T/initrd"

lan_before=$(wc -l <"$T/serve.$lan")
"$B/tests/net-machine" "$B/sandglass-netgate" qemu-system-x86_64 -accel tcg -cpu max -m 192 -nodefaults \
  -no-user-config -display none -no-reboot -serial stdio -kernel "$kernel" -initrd "$T/initrd" \
  -append 'console=ttyS1 quiet no_timer_check panic=-1' -netdev stream,id=net0,addr.type=fd,addr.str=FD \
  -device virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc,romfile= >"$T/out" || true
cat "$T/out"
grep -q '^guest is done' "$T/out" || { echo "FAILED: the guest did not come to its end"; exit 1; }
grep -q '^QEMU has lo$' "$T/out" || { echo "FAILED: QEMU's network namespace is not empty"; exit 1; }
grep -q '^the gate has lo$' "$T/out" || { echo "FAILED: the gate's network namespace is not empty"; exit 1; }
# Until the mode was lan, nothing at all may have arrived at the LAN's host.
[ "$(wc -l <"$T/lan.mark")" = "$lan_before" ] || { echo "FAILED: this arrived at the LAN:"; cat "$T/lan.mark"; exit 1; }
grep -q '^udp 7 hello' "$T/serve.$lan" && grep -q raw-proof "$T/serve.$lan" || { echo "FAILED: the LAN's host notes nothing, so it proves nothing"; exit 1; }
crafted=$(grep -h raw- "$T"/serve.* | grep -v raw-proof || true)
[ -z "$crafted" ] || { echo "FAILED: a crafted packet arrived: $crafted"; exit 1; }
! grep -q '^FAILED' "$T/out" || { echo "FAILED: the table above"; exit 1; }
