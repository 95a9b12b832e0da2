#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With text twice as large no window is wider than the screen, so that every button can be reached.
# beside: others
. "$(dirname "$0")/kit.sh"
export GDK_DPI_SCALE=2
# right_edge TITLE: of the window, in pixels of the screen
right_edge () { eval "$(xdotool getwindowgeometry --shell "$(window "$1")")"; echo $((X + WIDTH)); }
fits () {
  until_true 10 is_there "$1" || fail "$1 does not open: $(cat "$T/app.log")"
  sleep 0.5
  [ "$(right_edge "$1")" -le 1280 ] || fail "$1 reaches to $(right_edge "$1") of 1280"
}
app
fits '^Sandglass$'
activate '^Sandglass$'; sleep 0.5; key ctrl+question
fits '^Keyboard Shortcuts$'
key Escape; until_true 5 is_gone '^Keyboard Shortcuts' || fail "Escape does not close the shortcuts"
activate '^Sandglass$'; sleep 0.5; key alt+c
fits '^What a Sandbox Is Given$'
key Escape; until_true 5 is_gone '^What a Sandbox' || fail "Escape does not close the editor"
activate '^Sandglass$'; key ctrl+comma
fits '^Preferences$'
key Escape; until_true 5 is_gone '^Preferences$'
activate '^Sandglass$'; key F1
fits '^Help$'
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
key Escape; until_true 5 is_gone '^Help$' || fail "Escape does not close the help"
activate '^Sandglass$'; key F10; sleep 0.5; key Return
fits '^Check This Computer$'
stop_app
