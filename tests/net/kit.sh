# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced inside a fresh user, network and mount namespace: makes a little internet around it.
#
#   this namespace ("host")  192.168.77.5, fd77::5, 2a00:1:2::7 and 198.96.1.7 of its own
#   lan      192.168.77.9, fd77::9; behind it a network of the host's own with public addresses
#            (131.107.0.1): what a VPN or a company network looks like
#   router   192.168.77.1, fd77::1; also 169.254.169.254 and fd00:ec2::254; the host's name server
#   internet 93.184.216.34, 2606:2800:220:1::1, 8.8.8.8, 100.70.0.1
#
# Uses $B (build folder), $T (temporary folder), adds to $pids.  Nothing leads out of it.

# A namespace of its own that lives as long as the shell; its process id is left in $made.
make_ns () {
  unshare -n sleep 1000 & made=$!
  pids="$pids $made"
  while [ "$(readlink /proc/$made/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
}
in_ns () { _pid=$1; shift; nsenter -t "$_pid" -n "$@"; }

make_ns; router=$made
make_ns; lan=$made
make_ns; internet=$made

# Addresses are there at once, without a search for duplicates; pings need no privilege.
prepare='ip link set lo up
  for c in all default; do echo 0 >/proc/sys/net/ipv6/conf/$c/accept_dad; done
  echo "0 0" >/proc/sys/net/ipv4/ping_group_range'
sh -c "$prepare"
for n in $router $lan $internet; do in_ns "$n" sh -c "$prepare"; done

ip link add eth0 type veth peer name host netns "$router"
in_ns "$lan" ip link add eth0 type veth peer name lan netns "$router"
in_ns "$router" ip link add wan type veth peer name wan netns "$internet"
in_ns "$router" sh -c '
  ip link add br0 type bridge
  for port in host lan; do ip link set $port master br0; ip link set $port up; done
  ip link set br0 up; ip link set wan up
  ip addr add 192.168.77.1/24 dev br0; ip addr add fd77::1/64 dev br0 nodad
  ip addr add 2a00:1:2::1/64 dev br0 nodad; ip addr add fe80::77 dev br0 nodad scope link
  ip addr add 198.97.0.1/30 dev wan; ip addr add 2a00:9::1/64 dev wan nodad
  ip addr add 169.254.169.254/32 dev lo; ip addr add fd00:ec2::254/128 dev lo nodad
  ip route add default via 198.97.0.2; ip -6 route add default via 2a00:9::2
  ip route add 131.107.0.0/16 via 192.168.77.9
  echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
in_ns "$lan" sh -c '
  ip link set eth0 up
  ip addr add 192.168.77.9/24 dev eth0; ip addr add fd77::9/64 dev eth0 nodad
  ip addr add 131.107.0.1/32 dev lo
  ip route add default via 192.168.77.1'
in_ns "$internet" sh -c '
  ip link set wan up
  ip addr add 198.97.0.2/30 dev wan; ip addr add 2a00:9::2/64 dev wan nodad
  for a in 93.184.216.34/32 8.8.8.8/32 100.70.0.1/32; do ip addr add $a dev lo; done
  ip addr add 2606:2800:220:1::1/128 dev lo nodad
  ip route add default via 198.97.0.1 src 93.184.216.34
  ip -6 route add default via 2a00:9::1 src 2606:2800:220:1::1'
ip link set eth0 up
ip addr add 192.168.77.5/24 dev eth0
ip addr add fd77::5/64 dev eth0 nodad
ip addr add 2a00:1:2::7/64 dev eth0 nodad
ip addr add 198.96.1.7/32 dev lo
ip route add default via 192.168.77.1
ip -6 route add default via 2a00:1:2::1 dev eth0
ip route add 131.107.0.0/16 via 192.168.77.9

echo 'nameserver 192.168.77.1' >"$T/resolv.conf"
mount --bind "$T/resolv.conf" "$(readlink -f /etc/resolv.conf)"

serve () { # NAMESPACE-PID ARGUMENTS…
  _ns=$1; shift
  in_ns "$_ns" "$B/tests/net-serve" "$@" >"$T/serve.$_ns" & pids="$pids $!"
  while ! grep -q ready "$T/serve.$_ns" 2>/dev/null; do sleep 0.02; done
}
serve "$router" 80 7 53 www.example.com=93.184.216.34 www.example.com=2606:2800:220:1::1 \
  other.example.net=8.8.8.8 rebind.example.com=192.168.77.1 rebind6.example.com=fd77::1 \
  printer.lan=192.168.77.9 ipv4only.arpa=2a00:64::c000:aa
serve "$lan" 80 7
serve "$internet" 80 7 53 853 9 19
"$B/tests/net-serve" 80 7 8080 >"$T/serve.host" & pids="$pids $!"
