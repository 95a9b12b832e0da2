#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The window does not wait for the session: it stands there with the template's desktop, dimmed, and
# after two seconds says what it waits for; closed before there is a session, it takes that one with it.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
mkdir -p "$XDG_CACHE_HOME/sandglass"
convert -size 640x400 'xc:rgb(200,120,40)' -depth 8 "ppm:$XDG_CACHE_HOME/sandglass/first-picture"
behave slow later
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 3 is_there '^Sandbox' || fail "no window while the session says nothing: $(cat "$T/app.log")"
log_has OpenDisplay && fail "the test's session was too fast"
w=$(window '^Sandbox')
is_dimmed () { [ "$(colour "$w" 300 300)" = 5A3612 ]; }
until_true 2 is_dimmed || fail "the picture's colour is $(colour "$w" 300 300)"
# The line at the lower edge, after two seconds.
line () { import -window "$w" -depth 8 "$T/line.png"; convert "$T/line.png" -crop 300x180+400+600 -format '%k' info:; }
before=$(line)
says_it () { [ "$(line)" -gt "$((before + 10))" ]; }
until_true 4 says_it || fail "nothing is said after two seconds"
until_true 15 log_has OpenDisplay || fail "no screen"
is_gone_picture () { ! is_dimmed; }
until_true 10 is_gone_picture || fail "the first picture stays"
stop_app

: >"$T/run/ui-session.log"
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 3 is_there '^Sandbox' || fail "no second window"
log_has OpenDisplay && fail "the test's session was too fast"
xdotool windowactivate --sync "$(window '^Sandbox')" key alt+F4
until_true 2 is_gone '^Sandbox' || fail "the window cannot be closed"
until_true 10 log_has Discard || fail "the session goes on without a window"
stop_app
