#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-as: root
# What a sandbox reaches, from inside a real one, in each mode and both IP versions, and as its root
# with packets of its own making: a little internet of network namespaces with no way out of it
# (which root makes), and Sandglass in the midst of it as an ordinary user.  The network is switched
# while the sandbox runs; passt and the gate are killed; QEMU sees no card at any time.  Then two
# sandboxes in a network of their own, whose switch is killed, too.
set -eu
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
for tool in unshare nsenter ip passt setpriv; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ -x "$S" ] && [ -x "$B/tests/net-inside" ] && [ -x "$B/tests/net-serve" ] || { echo "skipped: $S is not built"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: only root can make networks around an ordinary user"; exit 77; }
if [ "${NETGATE_INSIDE:-}" = "" ]; then
  unshare -nm true 2>/dev/null || { echo "skipped: network namespaces are not allowed here"; exit 77; }
  exec env NETGATE_INSIDE=1 unshare -nm --propagation private --kill-child "$0" "$@"
fi

T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-net-XXXXXX")
pids=
id=
user=65534
as_user () { setpriv --reuid=$user --regid=$user --clear-groups env HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CACHE_HOME="$CACHE" XDG_CONFIG_HOME="$T/home/.config" XDG_DATA_HOME="$T/home/.local/share" "$@"; }
sg () { as_user "$S" "$@"; }
end () {
  [ -z "$id" ] || sg discard "$id" 2>/dev/null || true
  kill $pids 2>/dev/null || true
  umount -l "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true
  rm -rf "$T"
}
trap end EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
mkdir "$T/home" "$T/run" "$T/cache"
chmod 0700 "$T/run"
chown -R $user:$user "$T"
# A copy that is there already saves a minute.
CACHE=${NETGATE_CACHE:-$T/cache}
. "$(dirname "$0")/../net/kit.sh"
# On many systems anybody may ping; here too.
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
sg base build >/dev/null 2>"$T/base" || fail "no base: $(cat "$T/base")"

# --- run: with a network, in one go
sg run -q -T --network internet --pcap "$T/home/frames" -- sh -c 'getent hosts www.example.com; cat /etc/resolv.conf' >"$T/out" </dev/null
grep -q 'example.com' "$T/out" || fail "no name was looked up: $(cat "$T/out")"
grep -qx 'nameserver 192.0.0.3' "$T/out" || fail "resolv.conf: $(cat "$T/out")"
[ "$(od -An -tx4 -N4 "$T/home/frames" | tr -d ' ')" = a1b2c3d4 ] || [ "$(od -An -tx4 -N4 "$T/home/frames" | tr -d ' ')" = a1b23c4d ] \
  || fail "no recording: $(od -An -tx1 -N16 "$T/home/frames")"
[ "$(stat -c %s "$T/home/frames")" -gt 200 ] || fail "the recording is empty"

# --- the desktop's proxy: named inside, and its one port is open
http_proxy=http://user:secret@printer.lan:80 sg run -q -T --network internet -- python3 -c '
import os, socket
print("proxy", os.environ.get("http_proxy"))
for port in 80, 7:
    try:
        socket.create_connection(("printer.lan", port), 5)
        print(port, "open")
    except OSError as e:
        print(port, "shut")' >"$T/out" </dev/null
cat "$T/out"
grep -qx 'proxy http://printer.lan:80' "$T/out" || fail "the proxy is not named inside"
grep -qx '80 open' "$T/out" && grep -qx '7 shut' "$T/out" || fail "what the proxy opens is not its one port"

# --- the desktop's settings say another; a profile opens one computer of the company's, and its names
if command -v gsettings >/dev/null && gsettings list-schemas | grep -qx org.gnome.system.proxy; then
  desktop () { as_user env GSETTINGS_BACKEND=keyfile XDG_CURRENT_DESKTOP=GNOME "$@"; }
  for word in 'mode manual' '.http host printer.lan' '.http port 80'; do
    set -- $word
    case $1 in .*) desktop gsettings set "org.gnome.system.proxy$1" "$2" "$3" ;; *) desktop gsettings set org.gnome.system.proxy "$1" "$2" ;; esac
  done
  # Where GLib has no module for it, nothing is found, and the rest of this is the same.
  [ "$(desktop "$B/sandglass-proxy" | head -n 1)" = 'http printer.lan 80 192.168.77.9' ] && wanted='proxy http://printer.lan:80' || wanted='proxy None'
else
  desktop () { as_user "$@"; }
  wanted='proxy None'
fi
echo '<Configuration><NetworkMode>internet</NetworkMode><CompanyNetworks><Network>131.107.0.0/24</Network><Domain>lan</Domain></CompanyNetworks></Configuration>' >"$T/home/company.wsb"
desktop "$S" run -q -T --profile "$T/home/company.wsb" --approve -- python3 -c '
import os, socket
print("proxy", os.environ.get("http_proxy"))
for place in ("131.107.0.1", 80), ("192.168.77.9", 7), ("192.168.77.1", 80), ("169.254.169.254", 80), ("93.184.216.34", 80):
    try:
        socket.create_connection(place, 5)
        print(place[0], "open")
    except OSError as e:
        print(place[0], "shut")' >"$T/out" </dev/null
cat "$T/out"
printf '%s\n' "$wanted" '131.107.0.1 open' '192.168.77.9 shut' '192.168.77.1 shut' '169.254.169.254 shut' '93.184.216.34 open' | cmp - "$T/out" \
  || fail "what the profile opens of the company is not that"

supervisor () { # of this sandbox: the parent of the walls around the machine that carries its id
  ps -eo pid=,ppid=,args= | awk -v id="sandglass-$id" '$3 ~ /bwrap$/ && index ($0, id) { print $2; exit }'
}
processes () { # processes NAME: of this sandbox
  ps -eo pid=,ppid= | awk -v root="$session" '
    { parent[$1] = $2 }
    END { for (p in parent) { q = parent[p]; while (q != "" && q != root && q > 1) q = parent[q]
            if (q == root) print p } }' | while read -r p; do
    # passt has left its own program behind, in the root that it left.
    [ "$(awk '$1 == "State:" { print $2 }' "/proc/$p/status" 2>/dev/null)" != Z ] || continue
    case $(readlink "/proc/$p/exe" 2>/dev/null)/$(cat "/proc/$p/comm" 2>/dev/null) in
      */"$1"/* | */"$1" | */"$1".avx2) echo "$p" ;;
    esac
  done
}

# --- one that begins without
id=$(sg start -q)
session=$(supervisor)
[ -n "$session" ] || fail "no supervisor"
inside () { sg exec "$id" -T "$@"; }
[ -z "$(processes sandglass-netgate)$(processes passt)" ] || fail "a gate or passt, though no network was asked for"
[ "$(inside -- ls /sys/class/net </dev/null)" = lo ] || fail "there is a card though no network was asked for"
inside -u root -- sh -c 'cat >/usr/bin/net-inside; chmod 0755 /usr/bin/net-inside; echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range' <"$B/tests/net-inside"
probe () { # probe NAME <PROBES
  inside -u root -- net-inside - >"$T/$1"
  cat "$T/$1"
  ! grep -q '^FAILED' "$T/$1" || fail "the table above ($1)"
  grep -q '^ok' "$T/$1" || fail "nothing was probed ($1)"
}
no_card () { # no_card NAME
  for p in $(processes "$1"); do
    [ "$(awk 'NR > 2 { sub (":", "", $1); print $1 }' "/proc/$p/net/dev")" = lo ] || fail "$1 sees a network card"
    echo "$1 sees no card"
  done
}

# What no mode opens.
never='tcp 192.168.77.5 80 refused
tcp 198.96.1.7 80 refused
tcp 2a00:1:2::7 80 refused
tcp 169.254.169.254 80 refused
tcp fd00:ec2::254 80 refused
tcp 192.0.0.1 80 refused
udp 169.254.169.254 7 silent'
raw=
for kind in plain source mac everybody vlan route ipip 6in4 fragment; do
  raw="$raw
raw $kind 192.168.77.9 7"
done

lan_before=$(wc -l <"$T/serve.$lan")
sg network "$id" internet
probe internet <<END
tcp 93.184.216.34 80 open
tcp 2606:2800:220:1::1 80 open
udp 93.184.216.34 7 answer
udp 2606:2800:220:1::1 7 answer
ping 93.184.216.34 answer
download 93.184.216.34 19 got
tcp 192.168.77.1 80 refused
tcp 192.168.77.9 80 refused
tcp fd77::9 80 refused
udp 192.168.77.9 7 silent
tcp 100.70.0.1 80 refused
tcp 131.107.0.1 80 refused
tcp 8.8.8.8 53 refused
tcp 2a00:64::c0a8:4d09 80 refused
name www.example.com 93.184.216.34
name www.example.com 2606:2800:220:1::1
tcp 93.184.216.34 80 open
name rebind.example.com refused
name printer.lan unknown
$never$raw
END
no_card qemu-system-x86_64 | grep -q 'sees no card' || fail "QEMU was not found"
no_card sandglass-netgate | grep -q 'sees no card' || fail "the gate was not found"
passt=$(processes passt)
[ -n "$passt" ] && [ "$(readlink "/proc/$passt/ns/net")" = "$(readlink /proc/self/ns/net)" ] || fail "passt is not where the network is: '$passt'"
[ "$(wc -l <"$T/serve.$lan")" = "$lan_before" ] || fail "this arrived at the LAN: $(tail -3 "$T/serve.$lan")"
[ "$(sg ip "$id" | head -n 1)" = 192.0.0.2 ] || fail "sandglass ip: $(sg ip "$id")"
sg network "$id" --json >"$T/records"
for word in '"mode" : "internet"' '"reason" : "private"' '"reason" : "metadata"' '"name" : "www.example.com"'; do
  grep -q "$word" "$T/records" || fail "the record lacks $word: $(cat "$T/records")"
done
# By the translator that the network's name server tells of it is 192.168.77.9.
grep -A 12 '"address" : "2a00:64::c0a8:4d09"' "$T/records" | grep -q '"reason" : "private"' || fail "a translator was not seen through: $(cat "$T/records")"

# --- another name server of this computer's is asked at once
in_ns "$lan" "$B/tests/net-serve" 53 second.example.com=93.184.216.34 >"$T/second" & pids="$pids $!"
while ! grep -q ready "$T/second"; do sleep 0.05; done
echo 'nameserver 192.168.77.9' >"$T/resolv.conf"
sleep 1
probe other-server <<END
name second.example.com 93.184.216.34
END
echo 'nameserver 192.168.77.1' >"$T/resolv.conf"
sleep 1

sg network "$id" allowlist --allow www.example.com
probe allowlist <<END
name other.example.net refused
name www.example.com 93.184.216.34
tcp 93.184.216.34 80 open
name www.example.com 2606:2800:220:1::1
tcp 2606:2800:220:1::1 80 open
tcp 8.8.8.8 80 refused
tcp 192.168.77.9 80 refused
$never
END

sg network "$id" lan
probe lan <<END
tcp 93.184.216.34 80 open
tcp 192.168.77.9 80 open
tcp fd77::9 80 open
udp 192.168.77.9 7 answer
name printer.lan 192.168.77.9
$never
END

# --- cut in the middle of a download; a new one succeeds
sg network "$id" internet
echo 'flow 93.184.216.34 19 stopped' | inside -- net-inside - >"$T/flow" &
flow=$!
for i in $(seq 200); do grep -q flowing "$T/flow" && break; sleep 0.1; done
grep -q flowing "$T/flow" || fail "nothing was downloaded"
kill -0 $flow || fail "the download ended by itself: $(cat "$T/flow")"
sg network "$id" off
off=$(($(date +%s%N) / 1000000))
wait $flow
grep -q '^ok' "$T/flow" || fail "the download was not stopped: $(cat "$T/flow")"
late=$(($(awk '$1 == "last" { print $2 }' "$T/flow") - off))
echo "the last byte arrived inside $late ms after \"off\" was answered"
[ $late -lt 300 ] || fail "the download went on"
[ "$(inside -- cat /sys/class/net/eth0/carrier </dev/null)" = 0 ] || fail "the sandbox's cable is still in"
if sg ip "$id" >"$T/out" 2>/dev/null; then fail "an address without a network: $(cat "$T/out")"; fi
probe off <<END
udp 93.184.216.34 7 silent
udp 192.168.77.9 7 silent
END
sg network "$id" on
probe on <<END
download 93.184.216.34 19 got
tcp 192.168.77.9 80 refused
END

# --- a port of this computer's loopback leads inside, of no other address
sg forward "$id" 18081:81
sg forward "$id" 18080:80
inside -u root -- sh -c 'exec python3 -m http.server 80 --bind 192.0.0.2' </dev/null >/dev/null 2>&1 &
pids="$pids $!"
for i in $(seq 100); do
  code=$(curl -s -o "$T/page" -w '%{http_code}' -m 5 http://127.0.0.1:18080/ || true)
  [ "$code" != 200 ] || break
  sleep 0.3
done
[ "$code" = 200 ] || fail "the forwarded port does not answer: $code"
! curl -s -m 2 http://192.168.77.5:18080/ >/dev/null || fail "the forwarded port is open to the LAN"
# Where nobody listens inside, who connects hears so at once.
began=$(date +%s%N)
if curl -s -m 10 http://127.0.0.1:18081/ >/dev/null; then fail "somebody listens at port 81"; fi
took=$((($(date +%s%N) - began) / 1000000))
echo "a forwarded port that nobody listens at refused after $took ms"
[ $took -lt 3000 ] || fail "a forwarded port that nobody listens at keeps one waiting"
if sg forward "$id" 18080:81 2>"$T/err"; then fail "a port was forwarded twice"; fi
grep -q 'in use' "$T/err" || fail "no reason: $(cat "$T/err")"

[ "$(processes passt | wc -l)" = 1 ] || fail "more than one passt: $(processes passt)"
# --- a passt that dies is replaced; a gate that dies leaves nothing open, and comes back with another card
kill -9 $(processes passt)
sleep 2
probe passt-again <<END
tcp 93.184.216.34 80 open
END
gate=$(processes sandglass-netgate)
kill -9 $gate
began=$(date +%s%N)
for i in $(seq 600); do
  [ -n "$(processes sandglass-netgate)" ] && sg network "$id" | grep -q '^Network: *internet' && break
  sleep 0.1
done
sg network "$id" | grep -q '^Network: *internet' || fail "the network does not come back: $(sg network "$id")"
echo "the network was back $((($(date +%s%N) - began) / 1000000)) ms after the gate died"
[ "$(processes sandglass-netgate)" != "$gate" ] || fail "it is the same gate"
for i in $(seq 100); do inside -- test -e /sys/class/net/eth0 </dev/null && break; sleep 0.1; done
probe gate-again <<END
tcp 93.184.216.34 80 open
name www.example.com 93.184.216.34
$never
END
for i in $(seq 50); do
  code=$(curl -s -o "$T/page" -w '%{http_code}' -m 5 http://127.0.0.1:18080/ || true)
  [ "$code" != 200 ] || break
  sleep 0.3
done
[ "$code" = 200 ] || fail "the forwarded port does not come back: $code"

# --- between sandboxes only: they reach each other, and nothing else
first=$id
sg network "$first" private
id=$(sg start -q --network private)
inside -u root -- sh -c 'cat >/usr/bin/net-inside; chmod 0755 /usr/bin/net-inside' <"$B/tests/net-inside"
six () { sg ip "$1" | sed -n 2p; }
a=$(sg ip "$first" | head -n 1) b=$(sg ip "$id" | head -n 1)
echo "two sandboxes: $a ($(six "$first")) and $b ($(six "$id"))"
case $a/$b in 198.18.0.*/198.18.0.*) ;; *) fail "no addresses between sandboxes" ;; esac
[ "$a" != "$b" ] || fail "both have the same address"
case $(six "$first")/$(six "$id") in fd73:616e:6467:6c62::*/fd73:616e:6467:6c62::*) ;; *) fail "no IPv6 addresses between sandboxes" ;; esac
sg exec "$first" -T -u root -- sh -c 'fuser -k 80/tcp 2>/dev/null; exec python3 -m http.server 80 --bind ::' </dev/null >/dev/null 2>&1 &
pids="$pids $!"
reaches () { # reaches [WHERE]: from $id, the first one's web server
  for i in $(seq 60); do
    inside -- python3 -c "import socket; s = socket.create_connection(('${1:-$a}', 80), 2); s.send(b'GET / HTTP/1.0\\r\\n\\r\\n'); assert s.recv(4) == b'HTTP'" \
      </dev/null 2>/dev/null && return 0
    sleep 0.5
  done
  return 1
}
reaches || fail "one sandbox does not reach the other"
reaches "$(six "$first")" || fail "one sandbox does not reach the other by IPv6"
link=$(sg exec "$first" -T -- sh -c 'for w in $(cat /proc/net/if_inet6 | grep "^fe80.*eth0$"); do echo $w; break; done' </dev/null)
reaches "$(printf %s "$link" | sed 's/..../&:/g; s/:$//')%eth0" || fail "one sandbox does not reach the other by its link-local address $link"
# By name: what each calls itself, and what the other finds under it.
[ "$(sg exec "$first" -T -- hostname </dev/null)" = "sandbox-$first" ] || fail "the first calls itself otherwise"
inside -- getent ahosts "sandbox-$first" >"$T/names" </dev/null || fail "the other's name is not found"
grep -q "^$a " "$T/names" && grep -q "^$(six "$first") " "$T/names" || fail "under its name is: $(cat "$T/names")"
reaches "sandbox-$first" || fail "one sandbox does not reach the other by its name"
if inside -- getent ahosts www.example.com </dev/null; then fail "a name of the internet is known"; fi
probe private <<END
tcp 2606:2800:220:1::1 80 refused
tcp fd77::9 80 refused
tcp fd00:ec2::254 80 refused
udp fd73:616e:6467:6c61::3 53 silent
tcp 93.184.216.34 80 refused
tcp 192.168.77.9 80 refused
tcp 192.0.0.1 80 refused
udp 169.254.169.254 7 silent
END
[ -z "$(processes passt)" ] || fail "a passt in mode private"
# The switch is a process of one of them; when it ends, another takes over and addresses stay.
switches () { pgrep -f 'netgate --switch-fd' -u $user || true; }
was=$(switches)
[ -n "$was" ] || fail "there is no switch"
kill -9 $was
reaches || fail "nobody took the switch over"
# A gate that ends is replaced, and the address stays the same; the switch, which may be of the same
# session, does not end with it.
was=$(switches)
session=$(supervisor)
gates () { processes sandglass-netgate | grep -vx "$was" || true; }
gate=$(gates)
kill -9 $gate
for i in $(seq 600); do
  [ -n "$(gates)" ] && [ "$(gates)" != "$gate" ] && sg network "$id" | grep -q '^Network: *private' && break
  sleep 0.1
done
sg network "$id" | grep -q '^Network: *private' || fail "the network between sandboxes does not come back: $(sg network "$id")"
[ "$(sg ip "$id" | head -n 1)" = "$b" ] || fail "the address became another one: $(sg ip "$id")"
[ "$(switches)" = "$was" ] || fail "the switch ended with a gate"
reaches "sandbox-$first" || fail "one sandbox does not reach the other after a gate ended"
[ -n "$(switches)" ] || fail "they reach each other without a switch"
sg discard "$first"
session=$(supervisor)
id2=$(sg start -q --network private)
sg exec "$id2" -T -- true </dev/null
[ "$(sg ip "$id" | head -n 1)" = "$b" ] || fail "the address became another one: $(sg ip "$id")"
sg exec "$id2" -T -u root -- sh -c 'exec python3 -m http.server 80' </dev/null >/dev/null 2>&1 &
pids="$pids $!"
a=$(sg ip "$id2" | head -n 1)
reaches || fail "the switch ended with the session that had it"
sg discard "$id2"

sg discard "$id"
id=
[ -z "$(processes passt)$(processes sandglass-netgate)$(processes qemu-system-x86_64)" ] || fail "something is left"
