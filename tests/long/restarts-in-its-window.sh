#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Restart Clean, from the menu by keyboard: the same window shows the new machine's screen, without a
# complaint about the old one's; a display that ends without a restart is told.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
sandbox='^Sandbox - '
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5
w=$(window "$sandbox")
opened=$(log_count OpenDisplay)
activate "$sandbox"; sleep 0.3; key Control_R; sleep 0.3; key space; sleep 0.7
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
key alt+r
until_true 5 log_has RestartClean || fail "Restart Clean is not in the menu, or has no key"
more () { [ "$(log_count OpenDisplay)" -ge $((opened * 2)) ]; }
until_true 10 more || fail "the new machine's display is not opened"
sleep 2
[ "$(window "$sandbox")" = "$w" ] || fail "it is another window"
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
# The firmware's few lines of grey text on black are there, and no page with words on it.
[ "$(colour "$w" 800 500)" = 000000 ] || fail "the window shows no screen: $(colour "$w" 800 500)"
log_has Discard && fail "it was discarded"
stop_app
