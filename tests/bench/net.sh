#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the network gate costs beside passt alone, in network namespaces with no way out of them.
#
# A guest without a machine speaks QEMU's stream framing, so that emulation is not what is measured; once more a
# real one (iperf3 where this computer has it, so that the guest has it too; else a few lines of Python).
set -eu
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
here=$(cd "$(dirname "$0")" && pwd)
for tool in unshare nsenter ip passt; do
  command -v $tool >/dev/null || { echo "bench: $tool is not installed" >&2; exit 1; }
done
if [ "${NETGATE_INSIDE:-}" = "" ]; then
  [ "$(id -u)" = 0 ] && user= || user=-Ur
  exec env NETGATE_INSIDE=1 unshare $user -nm --propagation private --kill-child "$0" "$@"
fi
. "$here/lib.sh"
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
pids=
trap 'kill $pids 2>/dev/null || true; umount -l "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true; rm -rf "$T"' EXIT
. "$here/../net/kit.sh"

"$B/tests/netgate-stream" "$B/sandglass-netgate" 93.184.216.34 ${NET_SECONDS:-0.5} >"$T/figures"
figure () { awk -v want="$1" -v at="$2" '$1 == want { print $at }' "$T/figures"; }
percent () { awk "BEGIN { printf \"%.0f\", $1 * 100 / $2 }"; }
row () { # row WORD TITLE UNIT TARGET
  share=$(figure "$1" 5)
  echo "| $2 (median of 15) | $(printf '%.0f' "$(figure "$1" 3)") $3 | $(printf '%.0f' "$(figure "$1" 2)") $3 | $share % | >= $4 % | $(verdict "$share" '>=' "$4") |"
}
floor () { # floor WORD TITLE: how near a relay comes that decides nothing
  echo "| $2: a relay that decides nothing in the gate's place | $(printf '%.0f' "$(figure "$1" 4)") MB/s | $(printf '%.0f' "$(figure "$1" 2)") MB/s | $(figure "$1" 6) %, $(printf '%.0f' "$(figure "processor-$1" 4)") ms | | |"
}
cost () { # cost WORD TITLE
  echo "| $2: processor time | gate $(printf '%.0f' "$(figure "processor-$1" 3)") ms | passt $(printf '%.0f' "$(figure "processor-$1" 2)") ms | $(percent "$(figure "processor-$1" 3)" "$(figure "processor-$1" 2)") % | | |"
}

# --- a real guest
cat >"$T/rate.py" <<'END'
import socket, sys, time
up = sys.argv[1] == 'up'
s = socket.create_connection((sys.argv[2], 9 if up else 19))
block, done, start = bytes(1 << 20), 0, time.time()
while time.time() < start + 4:
    done += s.send(block) if up else len(s.recv(1 << 20))
print('%.1f' % (done / (time.time() - start) / 1e6))
END
user_of () { "$@"; }
if [ "$(id -u)" = 0 ] && [ "$(awk '{ print $3; exit }' /proc/self/uid_map)" -gt 1 ] && command -v setpriv >/dev/null; then
  mkdir "$T/home" "$T/run"; chmod 0700 "$T/run"; chown -R 65534:65534 "$T"
  user_of () { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CACHE_HOME="$T/home/.cache" "$@"; }
fi
user_of "$S" base build >/dev/null 2>&1 || true
if command -v iperf3 >/dev/null; then
  with=iperf3
  in_ns "$internet" iperf3 -s -B 93.184.216.34 >/dev/null 2>&1 & pids="$pids $!"
  inside='for d in "" -R; do iperf3 -J -t 4 -c 93.184.216.34 $d | sed -n "/sum_received/,/}/s/.*bits_per_second\":[^0-9]*\([0-9.]*\).*/\1/p" | awk "{ printf \"%.1f\n\", \$1 / 8e6 }"; done'
else
  with=Python
  inside='cat >/tmp/rate.py; for d in up down; do python3 /tmp/rate.py $d 93.184.216.34; done'
fi
user_of "$S" run -q -T --network internet -- sh -c "$inside" <"$T/rate.py" >"$T/guest" 2>"$T/err" || { cat "$T/err" >&2; : >"$T/guest"; }

cat <<END
## The network gate

QEMU's side of the stream is driven by a generator; the peer is passt without the gate, both up all the time and taking
turns; the ratio is the median of the rounds' ratios. With two processors the gate shares them with generator, passt and receiver; its own processor time stands below.

| what | gate + passt | passt alone | ratio | target | |
| --- | --- | --- | --- | --- | --- |
$(row upload upload MB/s 85)
$(row download download MB/s 85)
$(floor upload upload)
$(floor download download)
$(row small 'frames of 64 bytes' 'a second' 70)
| round trip (median of 15 x 1000) | $(figure trip 3) us | $(figure trip 2) us | $(awk "BEGIN { printf \"%+.0f\", $(figure trip 3) - $(figure trip 2) }") us | <= +100 us | $(verdict "$(figure trip 3) - $(figure trip 2)" '<=' 100) |
$(cost upload upload)
$(cost download download)
$(cost small 'frames of 64 bytes')

| what | figure | target | |
| --- | --- | --- | --- |
| decision for a frame, 1 flow | $(figure decision 2) ns | | |
| decision for a frame, 10,000 flows in turn (the table is not in the cache) | $(figure decision 3) ns | <= 100 ns more | $(verdict "$(figure decision 3) - $(figure decision 2)" '<=' 100) |
| the gate's memory with 10,000 flows | $(figure memory 3) KiB | <= 8192 KiB | $(verdict "$(figure memory 3)" '<=' 8192) |
$([ "$(wc -l <"$T/guest")" = 2 ] && echo "| in a real guest, up and down ($with) | $(sed -n 1p "$T/guest") MB/s, $(sed -n 2p "$T/guest") MB/s | | |")
END
