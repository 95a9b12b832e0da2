#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine that stopped unexpectedly: its window says so and offers its files, by keyboard alone; what is ticked
# is saved while the sandbox is still there, and only closing the window discards it.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
sandbox='^Sandbox - '
question='^Save files'
home=/home/sandbox
mkdir -p "$T/home/Downloads"
cat >"$T/run/changes" <<END
{ "cut": false, "files": [
 { "path": "$home/Documents/report.odt", "place": "documents", "size": 24000, "program": false, "unfinished": false, "removed": false }
] }
END
new_logs () { : >"$T/run/sandglass.log"; : >"$T/run/ui-session.log"; }
open_one () {
  new_logs; behave "$@"
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
  until_true 10 log_has OpenDisplay || fail "no screen"
  sleep 3.5
  activate "$sandbox"
}

# --- the keyboard is on Save Files; nothing is done until it is pressed
open_one crash
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
log_has Rescue && fail "the files are shown though nobody asked"
log_has Discard && fail "it is discarded by itself"
key Return
until_true 3 log_has Rescue || fail "Save Files is not where the keyboard is"
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
until_true 8 is_there "$question" || fail "no list of files"
sleep 0.7
[ -z "${LOOK3:-}" ] || import -window root "$LOOK3"
key space; sleep 0.3; key alt+s
until_true 5 test -e "$T/home/Downloads/report.odt" || fail "the file is not saved"
until_true 5 is_gone "$question" || fail "the question stays"
log_has Discard && fail "saving discards the sandbox"
is_there "$sandbox" || fail "the window went with the question"

# --- it can be saved again; closing discards
activate "$sandbox"; sleep 0.3; key Return
until_true 8 is_there "$question" || fail "no second list of files"
sleep 0.5; key Escape
until_true 3 is_gone "$question" || fail "Escape does not leave the list"
activate "$sandbox"; sleep 0.3; key alt+c
until_true 5 log_has Discard || fail "closing the window does not discard"
until_true 3 is_gone "$sandbox" || fail "the window stays"
stop_app

# --- files that cannot be shown: that is said, the sandbox stays, and it can be tried again
open_one crash lost
key Return
until_true 3 log_has Rescue || fail "lost: not asked"
sleep 2
is_there "$question" && fail "lost: a list of nothing"
log_has Discard && fail "lost: discarded"
[ -z "${LOOK4:-}" ] || import -window root "$LOOK4"
key Return
again () { [ "$(log_count Rescue)" = 2 ]; }
until_true 3 again || fail "lost: it cannot be tried again"
grep -i critical "$T/app.log" && fail "complaints of GTK"
stop_app
