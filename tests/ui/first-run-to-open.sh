#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a copy of this computer the app explains itself, makes one on Enter, and opens a sandbox by
# itself; closing its window throws the sandbox away, and nothing of it is left.
# beside: others
. "$(dirname "$0")/kit.sh"

copy missing
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1
grep -q 'base build' "$T/run/sandglass.log" && fail "the copy was made without being asked for"
key Return
until_true 5 grep -q 'base build --json' "$T/run/sandglass.log" || fail "Make It Ready did nothing"
until_true 15 is_there '^Sandbox - Desktop$' || fail "no sandbox opened by itself: $(cat "$T/app.log")"
[ "$(log_count started)" = 1 ] || fail "$(log_count started) sessions were started"
until_true 10 log_has OpenDisplay || fail "the screen was not asked for"
sleep 2

id=$(sed -n 's/ started//p' "$T/run/ui-session.log")
[ -S "$T/run/sandglass/$id/control" ] || fail "no control socket"
shown=$(viewers)
close_window '^Sandbox'
until_true 1 is_gone '^Sandbox' || fail "the window is still there a second after it was closed"
until_true 5 log_has ended || fail "the session was not ended"
log_has Discard || fail "the sandbox was not discarded"
[ ! -e "$T/run/sandglass/$id" ] || fail "the runtime directory is still there"
for pid in $shown; do
  until_true 3 test ! -e "/proc/$pid" || fail "a process of the window is still there"
done
is_there '^Sandglass$' || fail "the launcher went too"
