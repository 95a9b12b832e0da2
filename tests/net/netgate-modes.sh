#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a sandbox reaches in each network mode, in both IP versions: a little internet of network
# namespaces (a host, its LAN, a router, the internet, a metadata address) with no way out of it, the
# real gate and the real passt, and a guest that sends crafted packets.
# beside: others
set -eu
B=${SG_BUILD:-build}
for tool in unshare nsenter ip passt; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ -x "$B/sandglass-netgate" ] || { echo "skipped: $B/sandglass-netgate is not built"; exit 77; }

# One user namespace, in which an ordinary user may make networks.
if [ "${NETGATE_INSIDE:-}" = "" ]; then
  unshare -Urnm true 2>/dev/null || { echo "skipped: user namespaces are not allowed here"; exit 77; }
  exec env NETGATE_INSIDE=1 unshare -Urnm --kill-child "$0" "$@"
fi

T=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; umount -l "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true; rm -rf "$T"' EXIT
. "$(dirname "$0")/kit.sh"

failed=0
pump () { "$B/tests/net-pump" "$B/sandglass-netgate" "$@" || failed=1; }

# What no mode opens.
never="tcp:192.168.77.5:80=refused tcp:198.96.1.7:80=refused tcp:2a00:1:2::7:80=refused
  tcp:127.0.0.1:80=refused tcp:::1:80=refused tcp:192.0.0.1:80=refused
  tcp:169.254.169.254:80=refused tcp:fd00:ec2::254:80=refused
  udp:169.254.169.254:7=silent udp:fd00:ec2::254:7=silent udp:127.0.0.1:7=silent
  tcp:fe80::77:80=refused udp:224.0.0.251:7=silent udp:255.255.255.255:7=silent udp:ff02::1:7=silent
  tcp:2002:a9fe:a9fe::1:80=refused tcp:64:ff9b::7f00:1:80=refused"

pump internet -- \
  tcp:93.184.216.34:80=open tcp:2606:2800:220:1::1:80=open \
  udp:93.184.216.34:7=answer udp:2606:2800:220:1::1:7=answer ping:93.184.216.34=answer \
  tcp:192.168.77.1:80=refused tcp:192.168.77.9:80=refused udp:192.168.77.9:7=silent \
  ping:192.168.77.9=silent tcp:fd77::1:80=refused udp:fd77::9:7=silent \
  tcp:100.70.0.1:80=refused tcp:131.107.0.1:80=refused udp:131.107.0.1:7=silent \
  tcp:8.8.8.8:53=refused udp:8.8.8.8:53=silent tcp:8.8.8.8:853=refused \
  name:www.example.com=93.184.216.34 name:www.example.com=2606:2800:220:1::1 \
  name:rebind.example.com=refused name:rebind6.example.com=none name:printer.lan=unknown \
  name:use-application-dns.net=unknown \
  recorded:93.184.216.34=passed recorded:192.168.77.1=private recorded:131.107.0.1=host-route \
  recorded:169.254.169.254=absent $never recorded:169.254.169.254=metadata recorded:198.96.1.7=host

pump lan -- \
  tcp:93.184.216.34:80=open tcp:2606:2800:220:1::1:80=open \
  tcp:192.168.77.1:80=open tcp:192.168.77.9:80=open udp:192.168.77.9:7=answer \
  tcp:fd77::9:80=open udp:fd77::9:7=answer tcp:131.107.0.1:80=open \
  name:printer.lan=192.168.77.9 name:rebind.example.com=refused $never

pump allowlist --host www.example.com -- \
  tcp:93.184.216.34:80=refused name:other.example.net=refused name:www.example.com=93.184.216.34 \
  tcp:93.184.216.34:80=open tcp:8.8.8.8:80=refused tcp:192.168.77.1:80=refused \
  name:www.example.com=2606:2800:220:1::1 tcp:2606:2800:220:1::1:80=open $never

pump off -- \
  tcp:93.184.216.34:80=refused udp:93.184.216.34:7=silent ping:93.184.216.34=silent \
  tcp:192.168.77.1:80=refused name:www.example.com=silent

# Live: each switch holds for the next packet; a dead passt is replaced.
pump internet -- tcp:93.184.216.34:80=open mode:off tcp:93.184.216.34:80=refused mode:lan \
  tcp:192.168.77.1:80=open mode:internet tcp:192.168.77.1:80=refused tcp:93.184.216.34:80=open \
  download:93.184.216.34:19=cut tcp:93.184.216.34:80=open \
  large:93.184.216.34:80=same large:2606:2800:220:1::1:80=same \
  passt:restart tcp:93.184.216.34:80=open

# The host's network changes while a sandbox runs: a VPN's route, a new address, no way out, back again.
pump internet -- tcp:93.184.216.34:80=open tcp:2606:2800:220:1::1:80=open \
  'run:ip route add 93.184.0.0/16 via 192.168.77.9' tcp:93.184.216.34:80=refused \
  recorded:93.184.216.34=host-route 'run:ip route del 93.184.0.0/16' tcp:93.184.216.34:80=open \
  'run:ip addr add 93.184.216.34/32 dev lo' tcp:93.184.216.34:80=refused \
  'run:ip addr del 93.184.216.34/32 dev lo' tcp:93.184.216.34:80=open \
  'run:ip route del default' tcp:93.184.216.34:80=refused tcp:2606:2800:220:1::1:80=open \
  'run:ip route add default via 192.168.77.1' tcp:93.184.216.34:80=open


# Nothing of the host's network is told to a guest that asks, only what every sandbox has.
pump internet -- told:192.0.0.2=yes told:fd73:616e:6467:6c61::2=yes told:192.168.77.5=no \
  told:192.168.77.1=no told:fd77::5=no told:2a00:1:2::7=no told:198.96.1.7=no

# A name server on the host's own loopback (systemd-resolved) answers all the same.
"$B/tests/net-serve" 53 www.example.com=93.184.216.34 >"$T/serve.loopback" & pids="$pids $!"
echo 'nameserver 127.0.0.1' >"$T/resolv.conf"
while ! grep -q ready "$T/serve.loopback"; do sleep 0.02; done
pump internet -- name:www.example.com=93.184.216.34 tcp:127.0.0.1:53=refused udp:127.0.0.1:53=silent

[ "$failed" = 0 ] || { echo "FAILED: the table above"; exit 1; }
