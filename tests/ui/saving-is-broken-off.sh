#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The window goes while files are saved: the saving is broken off, so that nothing goes on that nobody sees, and
# the sandbox is still there.  The question is put as the keeper puts it, so no screen is needed.
# beside: others
. "$(dirname "$0")/kit.sh"
question='^Save Files'
cat >"$T/run/changes" <<END
{ "cut": false, "files": [
 { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000, "program": false, "unfinished": false, "removed": false }
] }
END
mkdir -p "$T/home/Downloads"
echo slow >"$T/run/disk"
start "$T/bin/sandglass-session" --alone
until_true 10 log_has started || fail "no session"
has_socket () { test -S "$T/run/sandglass/"*/control; }
until_true 10 has_socket || fail "no socket"
id=$(ls "$T/run/sandglass")
said () { grep -q "$1" "$T/run/sandglass.log"; }
ended () { ! kill -0 "$ASKED" 2>/dev/null; }
save () {
  : >"$T/run/sandglass.log"
  "$T/bin/sandglass-viewer" --question=save --session="$id" >"$T/viewer.log" 2>&1 &
  ASKED=$!; PIDS="$ASKED $PIDS"
  until_true 10 is_there "$question" || fail "no list: $(cat "$T/viewer.log")"
  sleep 0.8; key space; sleep 0.3; key alt+s
  until_true 5 said '^saving' || fail "nothing is saved: $(cat "$T/run/sandglass.log")"
}

# --- as the keeper ends it when its viewer is gone
save
kill -TERM "$ASKED"
until_true 5 said save-cancelled || fail "the saving goes on"
until_true 5 ended || fail "the question stays"

# --- by the window's own close: back to the list, where nothing is lost
save
close_window "$question"
until_true 5 said save-cancelled || fail "the saving goes on after its window was closed"
[ "$(ls "$T/home/Downloads" | wc -l)" = 0 ] || fail "something was saved: $(ls "$T/home/Downloads")"
log_has Discard && fail "the sandbox was discarded"
exit 0
