#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# While this computer's screen is locked, a sandbox's window shows nothing of it; afterwards it does.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
command -v dbus-daemon >/dev/null || skip "dbus-daemon is not installed"
dbus-daemon --session --nofork --nopidfile --address="unix:path=$T/run/bus" 2>"$T/bus.log" &
PIDS="$! $PIDS"
until_true 5 test -S "$T/run/bus" || fail "no bus: $(cat "$T/bus.log")"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$T/run/bus"
behave lock
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 10 is_there '^Sandbox - ' || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2
w=$(window '^Sandbox - ')
# The firmware's grey words on the screen.
words () { import -window "$w" -depth 8 "$T/w.png"; [ "$(convert "$T/w.png" -crop 600x250+10+110 -format '%k' info:)" -gt 2 ]; }
no_words () { ! words; }
until_true 3 words || fail "there is nothing to hide"
until_true 8 log_has " locked" || fail "the test locks nothing"
until_true 3 no_words || fail "the sandbox is shown while the screen is locked"
until_true 6 words || fail "the sandbox stays hidden"
stop_app
