#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Closing asks only if a person would lose something; Enter keeps, Escape goes back, nothing is ticked
# beforehand, what is ticked is saved before anything is discarded, and when it cannot be saved the
# sandbox stays.
# beside: others
. "$(dirname "$0")/kit.sh"

question='^Discard this sandbox'
sandbox='^Sandbox - '
home=/home/sandbox
saved_here () {
  cat >"$T/run/changes" <<END
{ "cut": false, "files": [
 { "path": "$home/Desktop/setup.run", "place": "desktop", "size": 81000, "program": true, "unfinished": false, "removed": false },
 { "path": "$home/Documents/report.odt", "place": "documents", "size": 24000, "program": false, "unfinished": false, "removed": false },
 { "path": "$home/Downloads/photo.jpg", "place": "downloads", "size": 2400000, "program": false, "unfinished": false, "removed": false }
] }
END
}
open_one () {
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
  until_true 10 log_has OpenDisplay || fail "no screen"
  sleep 2.5
}
asked () { grep -q '^changes --json' "$T/run/sandglass.log"; }
new_logs () { : >"$T/run/sandglass.log"; : >"$T/run/ui-session.log"; }
alive () { ! log_has Discard && is_there "$sandbox"; }
mkdir -p "$T/home/Downloads"

# Nothing was saved: no question.
new_logs; open_one
close_window "$sandbox"
until_true 5 log_has Discard || fail "nothing was saved, and it is not discarded"
until_true 3 is_gone "$sandbox" || fail "the window stays"
asked || fail "it was discarded without looking"

# Files elsewhere are no reason to ask.
cat >"$T/run/changes" <<END
{ "cut": false, "files": [ { "path": "$home/notes", "place": "home", "size": 1, "program": false, "unfinished": false, "removed": false } ] }
END
stop_app; new_logs; open_one
close_window "$sandbox"
until_true 5 log_has Discard || fail "a question about a file outside of the three folders"

# Files were saved: Enter keeps using.
saved_here
stop_app; new_logs; open_one
close_window "$sandbox"
until_true 5 is_there "$question" || fail "files were saved, and there is no question"
alive || fail "discarded before the answer"
sleep 0.7; key Return
until_true 3 is_gone "$question" || fail "Enter does not answer"
sleep 0.5; alive || fail "Enter does not keep the sandbox"

# Escape on the page of files goes back to the question, another one to the sandbox.
close_window "$sandbox"; until_true 5 is_there "$question" || fail "no second question"
sleep 0.7; key Tab Return; sleep 0.7; key Escape; sleep 0.5
is_there "$question" || fail "Escape on the page of files ends the question"
key Escape; until_true 3 is_gone "$question" || fail "Escape does not go back to the sandbox"
sleep 0.5; alive || fail "Escape discards"

# Nothing is ticked beforehand: Save and Discard does nothing.
close_window "$sandbox"; until_true 5 is_there "$question" || fail "no third question"
sleep 0.7; key Tab Return; sleep 0.7; key alt+s; sleep 1
alive || fail "saved or discarded though nothing is ticked"
grep -q '^save-files' "$T/run/sandglass.log" && fail "files are ticked beforehand"

# The disk is full: what is not saved is told, and the sandbox stays.
echo full >"$T/run/disk"
key space Down space; sleep 0.3; key alt+s
until_true 5 grep -q '^save-files' "$T/run/sandglass.log" || fail "nothing is saved"
sleep 1.5
alive || fail "discarded though a file was not saved"
is_there "$question" || fail "nobody tells that a file was not saved"
[ -e "$T/home/Downloads/report.odt" ] || fail "the second file ticked was not saved"
[ ! -e "$T/home/Downloads/setup.run" ] || fail "the test's disk is not full"

# There is room again: the one that was not saved is still ticked; it alone is saved now.
echo room >"$T/run/disk"; : >"$T/run/sandglass.log"
key alt+s
until_true 5 log_has Discard || fail "saved, and not discarded"
[ -e "$T/home/Downloads/setup.run" ] || fail "discarded before it was saved"
[ ! -e "$T/home/Downloads/photo.jpg" ] || fail "a file was saved that was not ticked"
grep '^save-files' "$T/run/sandglass.log" | grep -q report.odt && fail "a file was saved twice"
until_true 3 is_gone "$sandbox" || fail "the window stays after saving"

# Discard discards.
stop_app; new_logs; open_one
close_window "$sandbox"; until_true 5 is_there "$question" || fail "no question"
sleep 0.7; key alt+d
until_true 3 log_has Discard || fail "Discard does not discard"

stop_app

# Nobody answers: asked all the same, and nothing is lost by waiting.
echo 60 >"$T/run/answers"
new_logs; open_one
close_window "$sandbox"
until_true 12 is_there "$question" || fail "a sandbox that does not answer cannot be closed"
alive || fail "discarded though nothing is known"
sleep 0.7; key alt+d
until_true 3 log_has Discard || fail "Discard does not discard a sandbox that does not answer"
stop_app
