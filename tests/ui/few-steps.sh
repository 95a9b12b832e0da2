#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is done in a hurry takes few steps, each by the pointer and once more by the keyboard alone, and real ones
# are counted: presses of a button of the mouse where the thing is on the screen, and of keys (those that are held
# together are one).
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"
command -v xclip >/dev/null || skip "xclip is not installed"
launcher='^Sandglass$'
sandbox='^Sandbox - '
mkdir -p "$T/home/Downloads" "$T/home/mail"
cp /dev/null "$T/home/mail/invoice.pdf"
cat >"$T/run/changes" <<END
{ "cut": false, "files": [ { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000 } ] }
END
begin () { steps=0; : >"$T/run/sandglass.log"; }
# click [-BUTTON] ROLE NAME [FRAME]
click () {
  button=1; case $1 in -*) button=${1#-}; shift ;; esac
  at=$(timeout 60 "$tree" where "$@") || { "$tree" print >&2; fail "not on the screen: $*"; }
  xdotool mousemove $at; sleep 0.3; xdotool click $button
  steps=$((steps + 1)); sleep 0.4
}
stroke () { key "$1"; steps=$((steps + 1)); sleep 0.4; }
# took MOST WHAT
took () { echo "$2: $steps"; [ "$steps" -le "$1" ] || fail "$2 takes $steps steps, not $1"; }
ran () { grep -q -e "$1" "$T/run/sandglass.log"; }

# --- an unknown PDF
app
has frame Sandglass
until_true 10 is_there "$launcher" || fail "no window"
sleep 1
# As a file manager copies; and as it drags.
begin; steps=1; printf 'copy\nfile://%s/home/mail/invoice.pdf' "$T" | xclip -selection clipboard -t x-special/gnome-copied-files -i >/dev/null 2>&1
activate "$launcher"; sleep 0.3; stroke ctrl+v
until_true 5 ran "^open .*$T/home/mail/invoice.pdf" || fail "what was copied is not opened: $(cat "$T/run/sandglass.log")"
took 2 "opening a PDF by the keyboard, copied and pasted"
start "$B/tests/drag-source" "file://$T/home/mail/invoice.pdf" 2>/dev/null
until_true 10 is_there '^A file manager' || fail "no window to drag from"
sleep 0.5; begin
xdotool mousemove --window "$(window '^A file manager')" 50 30; sleep 0.2; xdotool mousedown 1; steps=1; sleep 0.2
for i in 1 2 3 4; do xdotool mousemove_relative -- -20 -20; sleep 0.1; done
xdotool mousemove --window "$(window "$launcher")" 200 200; sleep 0.2; xdotool mousemove_relative 5 5; sleep 0.2
xdotool mouseup 1
until_true 5 ran "^open .*$T/home/mail/invoice.pdf" || fail "what is dropped is not opened"
took 1 "opening a PDF that is dragged"

# --- the network
activate "$launcher"; sleep 0.5; key ctrl+n
has frame 'Sandbox - Desktop'
has 'toggle button' 'Network: Internet'
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5
begin; click 'push button' 'Cut the network off' 'Sandbox - Desktop'
until_true 3 log_has 'Network to off' || fail "the network is not cut off"
took 1 "cutting the network off by the pointer"
has 'toggle button' 'Network: Off'
"$tree" print >"$T/off"
grep -q 'Cut the network off' "$T/off" && fail "what is off can be cut off"
press 'toggle button' 'Network: Off' 'Sandbox - Desktop'
press any Internet
has 'toggle button' 'Network: Internet'
key Escape; sleep 0.5
# From inside, where every key is the sandbox's.
activate "$sandbox"; key Escape; sleep 0.5; key Tab; sleep 0.3
: >"$T/run/ui-session.log"; begin; stroke Control_R+n
until_true 3 log_has 'Network to off' || fail "the network is not cut off by a key"
took 1 "cutting the network off by the keyboard"
"$tree" focus | grep -q 'drawing area\|Screen of the sandbox' || fail "after that the keyboard is not inside: $("$tree" focus)"

# --- full screen
w=$(window "$sandbox")
is_full () { [ "$(xdotool getwindowgeometry --shell "$w" | sed -n 's/^WIDTH=//p')" = 1280 ]; }
is_small () { ! is_full; }
key F11; until_true 5 is_full || fail "no full screen"
begin; stroke F11
until_true 5 is_small || fail "one key does not leave full screen"
took 1 "leaving full screen by the keyboard"
key F11; until_true 5 is_full || fail "no full screen again"
xdotool mousemove 640 450 mousemove 640 1; sleep 1.2
begin; click 'push button' 'Leave full screen' 'Sandbox - Desktop'
until_true 5 is_small || fail "its button does not leave full screen"
took 1 "leaving full screen by the pointer"
sleep 0.5

# --- one file out
is_saved () { [ -e "$T/home/Downloads/report.odt" ]; }
begin; click 'push button' 'Save Files…' 'Sandbox - Desktop'
has frame 'Save Files'; sleep 1
click 'check box' 'report.odt*' 'Save Files'
click 'push button' Save 'Save Files'
until_true 5 is_saved || fail "the file is not saved: $(cat "$T/run/sandglass.log")"
took 3 "saving a file out by the pointer"
rm "$T/home/Downloads/report.odt"
until_true 5 is_gone '^Save Files$' || fail "the window stays"
activate "$sandbox"; sleep 0.5; key Escape; sleep 0.5
begin; stroke Control_R+s
until_true 5 is_there '^Save Files$' || fail "a key does not list the files"
sleep 1; stroke space; stroke alt+s
until_true 5 is_saved || fail "the file is not saved by keys"
took 3 "saving a file out by the keyboard"
until_true 5 is_gone '^Save Files$' || fail "the window stays"

# --- a folder from read-only to writable
gives () { ran '^share --write -- [0-9a-f]* /home/me/invoices /home/sandbox/Desktop/invoices'; }
activate "$sandbox"; sleep 0.5
begin; click 'toggle button' 'Sandbox menu' 'Sandbox - Desktop'
click any 'Folders of This Computer…' 'Sandbox - Desktop'
has frame 'Folders in This Sandbox'; sleep 1
click any 'invoices may be changed from inside'
until_true 5 gives || fail "the folder cannot be changed: $(cat "$T/run/sandglass.log")"
took 3 "letting a folder be changed by the pointer"
key Escape; until_true 5 is_gone '^Folders in' || fail "Escape does not close the folders"
activate "$sandbox"; sleep 0.5; key Escape; sleep 0.5
begin; stroke Control_R+l
until_true 5 is_there '^Folders in' || fail "a key does not show the folders"
sleep 1; stroke Tab; stroke space
until_true 5 gives || fail "the folder cannot be changed by keys: $("$tree" focus)"
took 3 "letting a folder be changed by the keyboard"
stop_app
