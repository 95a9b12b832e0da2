#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Making the copy is cancelled by *Cancel* and by closing the window; the app then ends only when the
# work has. What goes wrong while making it is told, and the app goes on.
# beside: others
. "$(dirname "$0")/kit.sh"
cancelled () { [ "$(grep -c cancelled "$T/run/sandglass.log")" = "$1" ]; }

copy missing; echo 600 >"$T/run/steps"
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return
until_true 5 grep -q 'base build' "$T/run/sandglass.log" || fail "Make It Ready did nothing"
sleep 1; key Return # the keyboard is on Cancel
until_true 5 cancelled 1 || fail "Cancel did not stop the work"
sleep 1
is_gone '^Sandbox' || fail "a sandbox opened after Cancel"

# Once more, from the page that explains itself; this time the window is closed.
key Return
builds () { [ "$(grep -c 'base build' "$T/run/sandglass.log")" = "$1" ]; }
until_true 5 builds 2 || fail "after Cancel, Make It Ready does nothing"
sleep 0.5; close_window '^Sandglass$'
until_true 5 cancelled 2 || fail "closing the window did not stop the work"
until_true 5 test ! -e "/proc/$APP" || fail "the app stays without a window"

echo error >"$T/run/build"
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return
until_true 5 builds 3 || fail "Make It Ready did nothing"
sleep 2
is_gone '^Sandbox' || fail "a sandbox opened without a copy"
rm "$T/run/build"; echo 5 >"$T/run/steps"
key Escape; sleep 0.5; key Return # back, and try again
until_true 10 is_there '^Sandbox - Desktop$' || fail "after an error it cannot be tried again"
stop_app
