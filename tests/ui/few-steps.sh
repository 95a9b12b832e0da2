#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is done in a hurry takes few steps, counted as assistive technology does them: the network is cut
# off by one, whatever the sandbox is doing; full screen is left by one key.
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"
click () { press "$@"; steps=$((steps + 1)); }
begin () { steps=0; }
# took MOST WHAT
took () { echo "$2: $steps"; [ "$steps" -le "$1" ] || fail "$2 takes $steps steps, not $1"; }

behave stuck
app
has frame Sandglass
activate '^Sandglass$'; sleep 0.5; key Return
has frame 'Sandbox - Desktop'
has 'toggle button' 'Network: Internet'

begin; click 'push button' 'Cut the network off' 'Sandbox - Desktop'
until_true 3 log_has 'Network to off' || fail "the network is not cut off"
took 1 "cutting the network off"
has 'toggle button' 'Network: Off'
"$tree" print >"$T/off"
grep -q 'Cut the network off' "$T/off" && fail "what is off can be cut off"

w=$(window '^Sandbox - ')
is_full () { [ "$(xdotool getwindowgeometry --shell "$w" | sed -n 's/^WIDTH=//p')" = 1280 ]; }
is_small () { ! is_full; }
activate '^Sandbox - '; key F11
until_true 5 is_full || fail "no full screen"
key F11
until_true 5 is_small || fail "one key does not leave full screen"
stop_app
