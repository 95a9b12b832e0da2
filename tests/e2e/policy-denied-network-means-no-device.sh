#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# AllowNetworking=false: a profile that asks for a network gets none; `policy show` names file and line; in the
# running sandbox there is no network card, and no process of it has a network of its own to go through.
set -eu
. "$(dirname "$0")/policy-kit.sh"

rules '# a comment' 'AllowNetworking=false'
profile net '<Networking>Enable</Networking><NetworkMode>lan</NetworkMode>'

# --- told: file, line, rule, and what was asked
"$S" policy show "$P" "$T/net.wsb" >"$T/shown"
grep -q "^networking: none .*20-test.conf:3, AllowNetworking=false; asked: lan" "$T/shown" || fail "policy show: $(cat "$T/shown")"
"$S" run "$P" -p "$T/net.wsb" --plan -- true >"$T/plan"
grep -q '^Network: *off .*policy: .*20-test.conf:3, AllowNetworking=false; asked: lan' "$T/plan" || fail "the plan: $(grep ^Network "$T/plan")"
# without the rule it would be allowed: this test can fail
"$S" run -p "$T/net.wsb" --plan -- true | grep -q '^Network: *lan' || fail "lan is not granted without the rule"
# the command line is no way around it
"$S" run "$P" --network=internet --plan -- true | grep -q '^Network: *off .*20-test.conf:3' || fail "--network is a way around the rule"

# --- so: no card inside, none in the machine's command line, none in its namespace
id=$("$S" start -q "$P" -p "$T/net.wsb" --approve); ids=$id
[ "$("$S" exec "$id" -- ls /sys/class/net)" = lo ] || fail "network cards inside: $("$S" exec "$id" -- ls /sys/class/net)"
"$S" exec "$id" -- sh -c 'cat /sys/bus/pci/devices/*/class' | grep -q '^0x02' && fail "a network device on the bus inside"
# nor is a switch while it runs
"$S" network "$id" internet 2>"$T/err" && fail "it can be switched on"
grep -q '20-test.conf, line 3' "$T/err" || fail "not told who: $(cat "$T/err")"
[ "$("$S" exec "$id" -- ls /sys/class/net)" = lo ] || fail "network cards after the refused switch"
qemu=$(qemu_of "$id")
[ -n "$qemu" ] || fail "the machine's process is not found"
tr '\0' '\n' <"/proc/$qemu/cmdline" >"$T/line"
grep -qx -e '-nic' "$T/line" && grep -qx none "$T/line" || fail "no '-nic none'"
! grep -qiE 'virtio-net|netdev|e1000|rtl8139|vhost|passt|tap' "$T/line" || fail "a network in: $(cat "$T/line")"
processes=$(processes_of "$id")
for p in $processes; do
  case $(readlink "/proc/$p/exe" 2>/dev/null) in */passt*|*netgate*) fail "$(readlink "/proc/$p/exe") runs" ;; esac
done
