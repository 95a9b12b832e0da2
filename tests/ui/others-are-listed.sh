#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The app lists sandboxes that others started: shows and closes them as their windows do, with the
# question and with Undo; and its own again in a window that was opened anew.
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"

behave undo
app
has frame Sandglass
start "$T/bin/sandglass-session" --alone
has label 'Running (1)'
id=$(ls "$T/run/sandglass")
until_true 10 log_has Picture || fail "its screen is not asked for"
until_true 10 log_has Memory || fail "its memory is not asked for"
size="412.0$(printf '\302\240')MiB"; sleep 1
has label "Internet on - $size - just now - no window"

# Without a window, it is closed from here, and taken back here.
press 'push button' 'Close Desktop'
has frame Discarded
log_has Pause || fail "it goes on after it was closed"
log_has Discard && fail "discarded at once"
press 'push button' Undo
until_true 3 log_has Resume || fail "Undo does not let it go on"

# With files in it there is a question.
cat >"$T/run/changes" <<END
{ "cut": false, "files": [ { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000 } ] }
END
press 'push button' 'Close Desktop'
has frame 'Discard this sandbox?'
press 'push button' 'Keep Using'
log_has Discard && fail "it was thrown away against the answer"
rm "$T/run/changes"

# Somebody's window of it: shown, not opened twice; asked to close itself, and Undo stands in its place.
start "$T/bin/sandglass-viewer" --session "$id"
has frame 'Sandbox - Desktop'
has label "Internet on - $size - just now"
press 'push button' 'Show Desktop'
until_true 3 log_has AskWindow || fail "its window is not asked to show itself"
sleep 1
[ "$(log_count BecomeWindow)" = 1 ] || fail "a second window was opened"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2
press 'push button' 'Close Desktop'
is_paused () { [ "$(log_count Pause)" = 2 ]; }
until_true 10 is_paused || fail "its window does not close: $(cat "$T/run/ui-session.log")"
has frame Discarded
key Escape
until_true 5 log_has Discard || fail "it is not thrown away"
until_true 5 test ! -e "$T/run/sandglass/$id" || fail "the session stays"
is_empty () { ! timeout 5 "$tree" print | grep -q 'Running (1)'; }
until_true 5 is_empty || fail "its row stays"

# One of the app's own is listed in a window that was opened anew.
press 'push button' 'Open a Sandbox'
has frame 'Sandbox - Desktop'
activate '^Sandglass$'; key ctrl+w
until_true 5 is_gone '^Sandglass$' || fail "the window does not close"
before=$(log_count Memory)
"$T/bin/sandglass-app" >/dev/null 2>&1
until_true 10 is_there '^Sandglass$' || fail "the window does not open again"
is_measured () { [ "$(log_count Memory)" -gt "$before" ]; }
until_true 10 is_measured || fail "it is not listed in the new window"
stop_app
