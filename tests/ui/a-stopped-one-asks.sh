#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine stopped, and its files can still be saved: closing its window asks, Escape and Enter go back
# to it, Save Files from the question lists and saves them, and only then, or by Discard, are they gone.
# beside: others
. "$(dirname "$0")/kit.sh"
question='^Discard this sandbox'
sandbox='^Sandbox - '
cat >"$T/run/changes" <<END
{ "cut": false, "files": [ { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000 } ] }
END
mkdir -p "$T/home/Downloads"
alive () { ! log_has Discard && is_there "$sandbox"; }
open_one () {
  behave crash stuck; rm -f "$T/run/ui-session.log"; : >"$T/run/sandglass.log"
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox"
  sleep 3.5 # it has stopped
}

open_one
activate "$sandbox"; key alt+F4
until_true 5 is_there "$question" || fail "closed without a question"
[ -z "${LOOK:-}" ] || { sleep 0.5; import -window root "$LOOK"; }
grep -q '^changes' "$T/run/sandglass.log" && fail "its machine is started again before anybody wants its files"
sleep 0.7; key Return
until_true 3 is_gone "$question" || fail "Enter does not go back"
sleep 0.5; alive || fail "Enter discards"
activate "$sandbox"; key alt+F4
until_true 5 is_there "$question" || fail "no second question"
sleep 0.7; key Tab Return # Save Files
until_true 3 grep -q '^changes' "$T/run/sandglass.log" || fail "the files are not listed"
sleep 1; key space; sleep 0.3; key alt+s
until_true 5 log_has Discard || fail "not discarded after saving"
[ -e "$T/home/Downloads/report.odt" ] || fail "discarded before it was saved"
until_true 3 is_gone "$sandbox" || fail "the window stays"
stop_app

# From the launcher's list it is asked, too.
open_one
activate '^Sandglass$'; sleep 0.5
key Tab Tab Tab Tab; sleep 0.3; key Tab; sleep 0.3; key space # ... Show, Close
until_true 5 is_there "$question" || fail "closed from the list without a question"
sleep 0.7; key alt+d
until_true 5 log_has Discard || fail "Discard does not discard"
stop_app
