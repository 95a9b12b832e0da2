#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The app and a sandbox's window, driven as a screen reader would: opened, the network switched off and
# on, full screen and back, closed, and that undone.  Everything that takes keys has a name.
# Asserts on the tree, on pixels, and on what the session was asked.
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"

behave undo
app
has frame Sandglass
sleep 1.5
press 'push button' 'Open a Sandbox'
has frame 'Sandbox - Desktop'
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2
all_named

press 'toggle button' 'Network: Internet'
press any Off
until_true 3 log_has 'Network to off' || fail "the network is not switched off"
has 'toggle button' 'Network: Off'
press any Internet # the menu stays, as one with choices does
until_true 3 log_has 'Network to internet' || fail "the network is not switched on again"
press 'toggle button' 'Network: Internet'

w=$(window '^Sandbox - ')
press 'toggle button' 'Sandbox menu'
press any 'Full Screen (F11)'
is_full () { [ "$(xdotool getwindowgeometry --shell "$w" | sed -n 's/^WIDTH=//p')" = 1280 ]; }
until_true 5 is_full || fail "no full screen"
is_amber () { [ "$(colour "$w" 1 450)" = E5A50A ]; }
until_true 5 is_amber || fail "no amber at the edge of the full screen"
key F11
is_small () { ! is_full; }
until_true 5 is_small || fail "F11 does not leave full screen"

press 'push button' Close 'Sandbox - Desktop'
has frame Discarded
press 'push button' Undo
until_true 3 log_has Resume || fail "Undo does not let it go on"
has frame 'Sandbox - Desktop'
log_has Discard && fail "it was discarded"
stop_app

# Before the desktop is there, keys go nowhere (GTK would complain), and a menu that is opened stays open when it comes.
rm "$T/run/ui-session.log"
behave undo held
app
has frame Sandglass
sleep 1
press 'push button' 'Open a Sandbox'
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 1; activate '^Sandbox - '; key Escape a b; sleep 0.3; key a b
press 'toggle button' 'Network: Internet'
has any Off
touch "$T/run/go"
has any 'Screen of the sandbox'
sleep 1
has any Off
stop_app
