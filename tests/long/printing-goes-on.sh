#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Printing where it is granted goes on after a restart inside (sudo reboot) and after a clean one (sandglass restart):
# there is one gate to the printers again, programs inside print, and what is printed before and after comes out once.
# Jobs from before a clean restart are no longer the sandbox's own. A CUPS with another socket is found with the latter.
set -eu
. "$(dirname "$0")/../e2e/policy-kit.sh"
command -v lp >/dev/null && command -v lpstat >/dev/null || { echo "skipped: lp is not installed"; exit 77; }
[ -x /usr/sbin/cupsd ] || { echo "skipped: cupsd is not installed"; exit 77; }

cups=
start_cups () {
  "$(dirname "$0")/../unit/cups-alone.sh" "$T/cups" & cups=$!
  for _ in $(seq 100); do [ -S "$T/cups/cups.sock" ] && lpstat -r >/dev/null 2>&1 && return; sleep 0.1; done
  fail "no CUPS: $(cat "$T/cups/log/error" 2>/dev/null)"
}
trap '[ -z "$cups" ] || kill $cups 2>/dev/null; kit_clean' EXIT
export CUPS_SERVER="$T/cups/cups.sock"
start_cups

profile print '<PrinterRedirection>Enable</PrinterRedirection><Networking>Disable</Networking>'
id=$("$S" start -q -p "$T/print.wsb" --approve); ids=$id
inside () { "$S" exec "$id" -- sh -c "$1"; }
# gates: the processes that are a gate to the printers of the sandbox's session
gates () {
  all=$(processes_of "$id") || exit 1
  for p in $all; do
    ! ps -o args= -p "$p" | grep -q printgate || echo "$p"
  done
}
listens () { inside 'for i in $(seq 100); do [ -S /run/cups/cups.sock ] && exit; sleep 0.2; done; exit 1' || fail "nothing listens inside, $1"; }
prints () { # prints TEXT: it comes out, once
  before=$(ls "$T/cups/out" | grep -cx '[0-9]*' || true)
  inside "echo '$1' | lp -o raw -t letter" >"$T/said" 2>&1 || fail "'$1' is not printed: $(cat "$T/said")"
  for _ in $(seq 100); do grep -qx "$1" "$T/cups/out/"[0-9]* 2>/dev/null && break; sleep 0.1; done
  [ "$(cat "$T/cups/out/"[0-9]* | grep -cx "$1")" = 1 ] || fail "'$1' came out $(cat "$T/cups/out/"[0-9]* | grep -cx "$1") times"
  [ "$(ls "$T/cups/out" | grep -cx '[0-9]*')" = $((before + 1)) ] || fail "more came out than '$1'"
}
own_jobs () { inside 'lpstat -W all -o' | wc -l; }

listens "at the start"
prints "before the restart"
first=$(gates)
[ "$(echo "$first" | wc -w)" -ge 1 ] || fail "there is no gate"

# --- restarted inside
boot () { inside 'cat /proc/sys/kernel/random/boot_id' 2>/dev/null; }
old=$(boot)
"$S" exec "$id" -- sudo reboot >/dev/null 2>&1 || true
# it takes commands until it goes down
for _ in $(seq 60); do new=$(boot) && [ "$new" != "$old" ] && break; sleep 1; done
[ -n "$new" ] && [ "$new" != "$old" ] || fail "it did not come up again"
listens "after sudo reboot"
prints "after sudo reboot"
[ "$(gates | wc -w)" = "$(echo "$first" | wc -w)" ] || fail "gates after the restart: $(gates), before: $first"
[ "$(own_jobs)" -ge 1 ] || fail "its own job is not seen inside"

# --- this computer's CUPS begins anew, with another socket; and the sandbox, clean
kill $cups; wait $cups 2>/dev/null || true
rm -f "$T/cups/cups.sock"
! inside 'echo lost | lp -o raw' >/dev/null 2>&1 || fail "it prints without a CUPS"
start_cups
"$S" restart "$id" || fail "restart"
listens "after a clean restart"
prints "after a clean restart"
[ "$(own_jobs)" = 1 ] || fail "jobs of the sandbox before the clean restart are seen: $(inside 'lpstat -W all -o')"
[ "$(gates | wc -w)" = "$(echo "$first" | wc -w)" ] || fail "gates after a clean restart: $(gates)"
"$S" discard "$id"; ids=
for p in $first; do [ ! -e "/proc/$p" ] || fail "a gate of before is still there"; done
