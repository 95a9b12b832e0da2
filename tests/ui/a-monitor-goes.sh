#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A monitor is unplugged, and one comes: the window, in full screen or not, can still be reached and closed, and
# keeps its amber frame.  No session: the window is there before it.
# beside: others
. "$(dirname "$0")/kit.sh"
command -v xrandr >/dev/null || skip "xrandr is not installed"
mkfifo "$T/id"
exec 7<>"$T/id"
"$T/bin/sandglass-viewer" --session-fd=3 3<"$T/id" >"$T/viewer.log" 2>&1 &
VIEWER=$!; PIDS="$VIEWER $PIDS"
until_true 10 is_there '^Sandbox' || fail "no window: $(cat "$T/viewer.log")"
sleep 0.7; W=$(window '^Sandbox')
alive () { kill -0 "$VIEWER" && is_there '^Sandbox'; }
size () { xdotool getwindowgeometry --shell "$W" | sed -n 's/^WIDTH=//p; s/^HEIGHT=//p' | tr '\n' ' '; }
screen () { xrandr --dpi 96 --output screen --mode "$1" >/dev/null 2>&1; }
is_size () { [ "$(size)" = "$1" ]; }

xrandr --newmode 800x600 38.25 800 832 912 1024 600 603 607 624 && xrandr --addmode screen 800x600
screen 800x600 || skip "this X server's screen has one size"
sleep 0.7
alive || fail "the window went with the monitor: $(cat "$T/viewer.log")"
screen 1280x900; sleep 0.7

activate '^Sandbox'; sleep 0.3; key F11
until_true 5 is_size '1280 900 ' || fail "no full screen: $(size)"
screen 800x600
until_true 5 is_size '800 600 ' || fail "full screen on a smaller monitor is $(size)"
[ "$(colour "$W" 1 300)" = E5A50A ] || fail "no amber at the edge: $(colour "$W" 1 300)"
[ "$(colour "$W" 798 300)" = E5A50A ] || fail "no amber at the right edge: $(colour "$W" 798 300)"
screen 1280x900
until_true 5 is_size '1280 900 ' || fail "full screen on a larger monitor is $(size)"
alive || fail "the window went: $(cat "$T/viewer.log")"
key F11; sleep 0.7
key alt+F4
until_true 5 is_gone '^Sandbox' || fail "it cannot be closed"
grep -i critical "$T/viewer.log" && fail "complaints of GTK"
exit 0
