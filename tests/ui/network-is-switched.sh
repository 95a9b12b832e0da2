#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The globe says what the sandbox can reach, and switches it in one step, by keyboard too; what the
# administrator denies stands there with the reason and cannot be chosen.
# beside: others
. "$(dirname "$0")/kit.sh"
sandbox='^Sandbox - '
open_one () {
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
  until_true 10 log_has OpenDisplay || fail "no screen"
  sleep 2.5
}
# From the sandbox to the globe: the key that leaves, then along the bar.
to_globe () { activate "$sandbox"; sleep 0.3; key Control_R; sleep 0.3; key Home; key Left Left Left Left; sleep 0.3; key space; sleep 0.7; }

open_one
to_globe
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
key Return
until_true 3 log_has 'Network to off' || fail "Off is not chosen by keyboard"
key Escape; sleep 0.5; to_globe; key Down Down Return
until_true 3 log_has 'Network to lan' || fail "the local network is not chosen"
stop_app

# The widest mode is denied: walking down to it chooses nothing.
behave policy; : >"$T/run/ui-session.log"
open_one
to_globe
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
key Down Down Return; sleep 1
log_has 'Network to lan' && fail "a denied network was asked for"

# The places that were contacted: looked at again and again while the list is open, and only then.
key Escape; sleep 0.3; to_globe; key alt+c
lively () { [ "$(log_count NetworkRecords)" -ge 2 ]; }
until_true 4 lively || fail "the list of places is not kept up to date"
quiet () { before=$(log_count NetworkRecords); sleep 1.5; [ "$(log_count NetworkRecords)" = "$before" ]; }
key Escape
until_true 1 quiet || fail "a list that nobody sees is kept up to date"
stop_app
