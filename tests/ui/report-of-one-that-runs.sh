#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A report from the app's menu is about this computer, and about a running sandbox where that is chosen;
# what is copied is what was shown.
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"
command -v xclip >/dev/null || skip "xclip is not installed"

behave plain
start "$T/bin/sandglass-session" --alone
is_listed () { ls "$T"/run/sandglass/*/control; }
until_true 10 is_listed || fail "no session"
id=$(ls "$T/run/sandglass")
app
has frame Sandglass
has label 'Running (1)'
activate '^Sandglass$'; key F10; sleep 0.6; key Down Return
has frame 'Report a Problem'
asked () { grep -q "^report$1\$" "$T/run/sandglass.log"; }
until_true 5 asked '' || fail "this computer is not reported on: $(cat "$T/run/sandglass.log")"
press 'combo box' 'What the report is about'
sleep 0.5; key Down Return
until_true 5 asked " $id" || fail "the sandbox is not reported on: $(cat "$T/run/sandglass.log")"
has frame 'Report a Problem'
sleep 0.5; key alt+c; sleep 0.5
timeout 5 xclip -selection clipboard -o >"$T/copied" || fail "nothing was copied"
grep -q '^Sandglass 0' "$T/copied" || fail "copied: $(cat "$T/copied")"
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
key Escape
until_true 5 is_gone '^Report a Problem' || fail "Escape does not close it"
stop_app
