#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The real app and a real machine, driven by accessibility, pointer and keys: first run to desktop, words
# typed into a program inside, resized, full screen, the network off and on, closed with a file rescued.
# Asserts on the tree, on pixels and on what is so inside.
KIT=$(dirname "$0")/../ui
. "$(dirname "$0")/../ui/kit.sh"
. "$(dirname "$0")/../ui/tree-kit.sh"
S=${SANDGLASS:-$B/sandglass}
command -v xterm >/dev/null || skip "xterm is not installed"
mkdir -p "$HOME/Downloads"
inside () { "$S" exec "$id" -- sh -c "$1" </dev/null; }
amber () { import -window "$w" -depth 8 "$T/a.png"; convert "$T/a.png" -crop 900x600+20+80 -fill black +opaque '#E5A50A' -fill white -opaque '#E5A50A' -format '%[fx:int(w*h*mean)]' info:; }

# First run: three sentences, one button, and the sandbox opens by itself.
"$B/sandglass-app" >"$T/app.log" 2>&1 & APP=$!; PIDS="$APP $PIDS"
has frame Sandglass
press 'push button' 'Make It Ready'
i=0
until "$tree" has frame 'Sandbox - Desktop' 2>/dev/null; do i=$((i + 1)); [ $i -lt 10 ] || { "$tree" print >&2; fail "no sandbox after the first run"; }; done
w=$(window '^Sandbox - ')
[ -e "$XDG_CACHE_HOME/sandglass/first-picture" ] || fail "the template has no picture"
shows_desktop () { [ "$(amber)" -gt 1500 ]; }
until_true 120 shows_desktop || fail "the desktop is not on the screen: $(amber) amber pixels"
id=$("$S" list --json | sed -n 's/.*"id" *: *"\([0-9a-f]*\)".*/\1/p' | head -n 1)
[ -n "$id" ] || fail "the sandbox is not listed: $("$S" list)"

# Typed into a program inside.
"$S" exec "$id" -- sh -c 'mkdir -p ~/Documents; DISPLAY=:0 setsid xterm -geometry 60x20+50+50 -e sh -c "cat >~/Documents/typed.txt" >/dev/null 2>&1 &' </dev/null
until_true 60 inside 'pgrep -x cat' || fail "no terminal inside"
sleep 4
xdotool windowactivate --sync "$w"; eval "$(xdotool getwindowgeometry --shell "$w")"
xdotool mousemove $((X + 250)) $((Y + 250)); sleep 0.5; xdotool click 1; sleep 1
xdotool type --delay 120 'hello inside'; xdotool key --delay 120 Return ctrl+d
typed () { [ "$(inside 'cat ~/Documents/typed.txt')" = 'hello inside' ]; }
until_true 30 typed || { import -window root /tmp/typed.png; fail "what was typed: $(inside 'cat ~/Documents/typed.txt')"; }

# The screen inside follows the window.
size () { inside 'DISPLAY=:0 xrandr | sed -n "s/.*current \([0-9]*\) x \([0-9]*\).*/\1x\2/p"'; }
before=$(size)
xdotool windowsize "$w" 900 640
follows () { now=$(size); [ -n "$now" ] && [ "$now" != "$before" ] && [ "${now%x*}" -gt 840 ] && [ "${now%x*}" -lt 900 ]; }
until_true 30 follows || fail "the screen inside is $(size) in a window of 900x640"
xdotool windowactivate --sync "$w" key F11
covers () { now=$(size); [ "${now%x*}" -ge 1264 ]; }
until_true 30 covers || fail "the screen inside is $(size) in full screen"
[ "$(colour "$w" 1 450)" = E5A50A ] || fail "no amber at the edge of the full screen"
xdotool key F11
until_true 30 follows || fail "the screen inside is $(size) after full screen"

# The network, by its button.
press 'toggle button' 'Network: Internet' 'Sandbox - Desktop'
press any Off
has 'toggle button' 'Network: Off'
"$S" network "$id" | grep -qi off || fail "the network is on: $("$S" network "$id")"
press any Internet # the menu stays, as one with choices does
has 'toggle button' 'Network: Internet'
press 'toggle button' 'Network: Internet' 'Sandbox - Desktop'

# Closed: the file is listed, ticked, saved, and everything else is gone.
press 'push button' Close 'Sandbox - Desktop'
has frame 'Discard this sandbox?'
press 'push button' 'Save Files…' 'Discard this sandbox?'
press 'check box' 'typed.txt*'
press 'push button' 'Save and Discard'
saved () { [ "$(cat "$HOME/Downloads/typed.txt")" = 'hello inside' ]; }
until_true 30 saved || { "$tree" print >&2; fail "the file was not saved: $(ls "$HOME/Downloads")"; }
until_true 30 is_gone '^Sandbox - ' || fail "the window stays"
gone () { [ ! -e "$XDG_RUNTIME_DIR/sandglass/$id" ]; }
until_true 30 gone || fail "the sandbox stays: $("$S" list)"
kill "$APP"
