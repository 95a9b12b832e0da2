#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Printing: where it is granted, programs inside see this computer's printers, without any network, and print on
# them; jobs of others and administration do not exist there.  Without the grant there is nothing of it.
set -eu
. "$(dirname "$0")/policy-kit.sh"
command -v lp >/dev/null && command -v lpstat >/dev/null || { echo "skipped: lp is not installed"; exit 77; }
[ -x /usr/sbin/cupsd ] || { echo "skipped: cupsd is not installed"; exit 77; }

profile print '<PrinterRedirection>Enable</PrinterRedirection><Networking>Disable</Networking>'
# no CUPS: said, and no reason not to open
CUPS_SERVER="$T/none" "$S" profile check "$T/print.wsb" | grep -q 'printers: off  (.*asked: on; not possible here: ' ||
  fail "without CUPS: $(CUPS_SERVER="$T/none" "$S" profile check "$T/print.wsb" | grep printers)"

"$(dirname "$0")/../unit/cups-alone.sh" "$T/cups" & cups=$!
trap 'kill $cups; kit_clean' EXIT
for _ in $(seq 100); do [ -S "$T/cups/cups.sock" ] && break; sleep 0.1; done
export CUPS_SERVER="$T/cups/cups.sock"
echo secret | lp -o raw -t private >/dev/null

# gates ID: how many gates to the printers its session has
gates () {
  all=$(processes_of "$1") || exit 1
  for p in $all; do ps -o args= -p "$p"; done | grep -c printgate || true
}

id=$("$S" start -q -p "$T/print.wsb" --approve); ids=$id
[ "$(gates "$id")" -ge 1 ] || fail "there is no gate to the printers"
inside () { "$S" exec "$id" -- sh -c "$1"; }
inside 'for i in $(seq 50); do [ -S /run/cups/cups.sock ] && exit; sleep 0.2; done; exit 1' || fail "nothing listens inside"
inside 'lpstat -p' | grep -q 'printer paper is idle' || fail "printers inside: $(inside 'lpstat -p' 2>&1)"
[ -z "$(inside 'lpstat -W all -o')" ] || fail "jobs of others are seen inside"
! inside 'cancel paper-1' 2>/dev/null || fail "a job of others can be cancelled from inside"
inside 'echo "from the sandbox" | lp -o raw -t letter' >/dev/null || fail "printing"
for _ in $(seq 50); do [ -e "$T/cups/out/2" ] && break; sleep 0.1; done
[ "$(cat "$T/cups/out/2")" = "from the sandbox" ] || fail "what was printed: $(ls "$T/cups/out")"
inside 'ls /sys/class/net' | grep -vq '^lo$' && fail "a network, for printing"
! inside 'sudo lpadmin -p evil -v file:///etc/passwd -E' 2>/dev/null || fail "administration from inside"
"$S" discard "$id"; ids=

# --- not granted, or closed by a rule: neither a gate nor a listener
rules AllowPrinterRedirection=false
"$S" run "$P" --plan -p "$T/print.wsb" -- true >"$T/plan"
! grep -qE 'printgate|cups\.sock' "$T/plan" || fail "in the plan, against the rule: $(grep -E 'printgate|cups' "$T/plan")"
id=$("$S" start -q "$P" -p "$T/print.wsb" --approve); ids=$id
[ "$(gates "$id")" = 0 ] || fail "a gate to the printers, against the rule"
! inside 'ls /run/cups/cups.sock' 2>/dev/null || fail "a listener inside, against the rule"
! inside 'lpstat -p' 2>/dev/null | grep -q paper || fail "printers, against the rule"
