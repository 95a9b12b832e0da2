#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are pasted or dropped onto a sandbox's window are copied in only after the person has seen
# their full paths, in a window that is not the viewer's, and said yes; a link is shown as what it leads to;
# what the sandbox is not granted is not asked for.
# beside: others
. "$(dirname "$0")/kit.sh"
command -v xclip >/dev/null || skip "xclip is not installed"
question='^Copy into Sandbox'
sandbox='^Sandbox - '
mkdir -p "$T/home/a folder"
echo one >"$T/home/one two.txt"; ln -s "one two.txt" "$T/home/link.txt"
asked () { grep -c '^put-files --look' "$T/run/sandglass.log" 2>/dev/null || :; }
asked_times () { [ "$(asked)" = "$1" ]; }
put () { grep -c '^put-files --json' "$T/run/sandglass.log" 2>/dev/null || :; }
put_times () { [ "$(put)" = "$1" ]; }
copied () { printf "$1" | xclip -selection clipboard -t "${2:-text/uri-list}" -i >/dev/null 2>&1; }
paste () {
  activate "$sandbox"; xdotool mousemove --window "$(window "$sandbox")" 300 300; sleep 0.3
  key Escape; sleep 0.2; key ctrl+v
}
look () { [ -z "${LOOK:-}" ] || import -window root "$LOOK-$1.png"; }
open_one () {
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
  until_true 10 log_has OpenDisplay || fail "no screen"
  sleep 2.5
}

behave clips
open_one
# Nothing is asked before a paste; Escape copies nothing.
copied "file://$T/home/one%%20two.txt\r\nfile://$T/home/link.txt\r\nfile://$T/home/a%%20folder\r\n"
sleep 0.5; asked_times 0 || fail "asked before anybody pasted"
paste
until_true 5 is_there "$question" || fail "pasted files, and nothing is asked: $(cat "$T/app.log")"
key Return; sleep 0.2; put_times 0 || fail "a key that was meant for the sandbox copies"
until_true 5 asked_times 1 || fail "not looked at"
tail -n 1 "$T/run/sandglass.log" | grep -qF -- "--as-shown -- " || fail "links may be followed: $(cat "$T/run/sandglass.log")"
tail -n 1 "$T/run/sandglass.log" | grep -qF "$T/home/one two.txt $T/home/a folder" || fail "the link is not what it leads to: $(cat "$T/run/sandglass.log")"
look ask
sleep 0.7; key Escape
until_true 5 is_gone "$question" || fail "Escape does not answer"
put_times 0 || fail "Escape copies"

# Yes copies what was shown.
paste; until_true 5 is_there "$question" || fail "no second question"
sleep 1.2; key Return
until_true 5 put_times 1 || fail "yes does not copy"
until_true 5 is_gone "$question" || fail "it is over, and the window stays"
grep '^put-files --json' "$T/run/sandglass.log" | grep -qF "$T/home/one two.txt $T/home/a folder" || fail "not what was shown"

# What other file managers offer; it is slow, and cancelled; closing meanwhile asks.
echo slow >"$T/run/disk"
copied "cut\nfile://$T/home/one%%20two.txt" x-special/gnome-copied-files
paste; until_true 5 is_there "$question" || fail "no question about a cut file"
sleep 1.2; key Return; until_true 5 put_times 2 || fail "not copied"
sleep 0.5; look progress
close_window "$sandbox"
until_true 5 is_there '^Discard this sandbox' || fail "closing while files are copied does not ask"
look close
key Return; until_true 3 is_gone '^Discard this sandbox' || fail "Enter does not keep"
# The same from the app's list, which has started none of it: Change, a file, its row, Show, Close.
sleep 0.5; key Control_R; sleep 0.3; activate '^Sandglass$'; sleep 0.5
for _ in 1 2 3 4 5; do key Tab; sleep 0.4; done; look list; key space
until_true 5 is_there '^Discard this sandbox' || fail "closing from the list while files are copied does not ask"
sleep 0.7; key Return; until_true 3 is_gone '^Discard this sandbox' || fail "Enter does not keep it in the list"
! log_has Discard || fail "discarded while files are copied"
activate "$sandbox"
sleep 0.5; key Control_R; sleep 0.3; activate "$question"; sleep 0.3; key Escape
until_true 5 grep -q put-cancelled "$T/run/sandglass.log" || fail "Escape does not stop the copying"
until_true 5 is_gone "$question" || fail "stopped, and the window stays"
# The disk inside is full: told, and it stays until it is read.
echo full >"$T/run/disk"
paste; until_true 5 is_there "$question" || fail "no question"
sleep 1.2; key Return; sleep 1; look full
is_there "$question" || fail "nobody tells that it was not copied"
key Return; until_true 3 is_gone "$question" || fail "Close does not close"

# No file of this computer; a flood of addresses.
n=$(asked)
copied 'smb://server/file\r\n'; paste; sleep 1
is_gone "$question" || fail "asked about a file of another computer"
copied "$(seq 1500 | sed 's|.*|file:///tmp/&\\r\\n|' | tr -d '\n')"; paste; sleep 1
is_gone "$question" || fail "asked about 1500 files"
asked_times "$n" || fail "looked at what is not asked about"

# --- dropped
echo room >"$T/run/disk"; before=$(put)
start "$B/tests/drag-source" "file://$T/home/one%20two.txt" 2>/dev/null
until_true 10 is_there '^A file manager' || fail "no window to drag from"
sleep 0.5
xdotool mousemove --window "$(window '^A file manager')" 50 30; sleep 0.2; xdotool mousedown 1; sleep 0.2
for i in 1 2 3 4; do xdotool mousemove_relative -- -20 -20; sleep 0.1; done
xdotool mousemove --window "$(window "$sandbox")" 300 300; sleep 0.2; xdotool mousemove_relative 5 5; sleep 0.2
xdotool mouseup 1
until_true 5 is_there "$question" || fail "dropped, and nothing is asked"
sleep 1; activate "$question"; key Return
until_true 5 put_times $((before + 1)) || fail "a drop is not copied"
stop_app
