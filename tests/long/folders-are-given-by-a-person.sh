#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Folders of this computer are shown and changed in a window of another process than the viewer, by
# keyboard: from read-only to writable in three steps; taken away in one.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
sandbox='^Sandbox - '
folders='^Folders in This Sandbox'
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5
: >"$T/run/sandglass.log"
activate "$sandbox"; sleep 0.3; key Control_R; sleep 0.3; key space; sleep 0.5; key alt+l
until_true 5 is_there "$folders" || fail "no window of folders"
sleep 0.7
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
viewer=$(xdotool getwindowpid "$(window "$sandbox")"); other=$(xdotool getwindowpid "$(window "$folders")")
[ "$viewer" != "$other" ] || fail "the viewer itself shows the folders"
asked () { grep -q -- "$1" "$T/run/sandglass.log"; }
# The keyboard is on the first folder.
key Tab; sleep 0.2; key space
until_true 5 asked '^unshare -- [0-9a-f]* /home/sandbox/Desktop/invoices' || fail "not taken away before it is given again: $(cat "$T/run/sandglass.log")"
key Escape
until_true 5 is_gone "$folders" || fail "Escape does not close it"
is_there "$sandbox" || fail "the sandbox went with it"
stop_app
