#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where nothing would be lost, a closed sandbox can be taken back for some seconds: it stands still
# meanwhile, Enter brings its window again and lets it go on, with its clipboard; Escape lets it go for good.
# beside: others
. "$(dirname "$0")/kit.sh"
command -v xclip >/dev/null || skip "xclip is not installed"
sandbox='^Sandbox - '
undo='^Discarded$'
behave undo clips
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key Return
until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5

close_window "$sandbox"
until_true 5 is_there "$undo" || fail "nothing is offered"
[ -z "${LOOK:-}" ] || { sleep 0.5; import -window root "$LOOK"; }
is_gone "$sandbox" || fail "the window is still there"
log_has Pause || fail "the machine goes on behind the closed window"
log_has Discard && fail "discarded at once"
sleep 0.5; key Return
until_true 3 is_there "$sandbox" || fail "Undo does not bring the window back"
until_true 3 log_has Resume || fail "the machine does not go on"
is_gone "$undo" || fail "Undo is still offered"

echo file >"$T/home/file"; printf 'file://%s/home/file\r\n' "$T" | xclip -selection clipboard -t text/uri-list -i >/dev/null 2>&1
pasted () { activate "$sandbox"; key Escape; sleep 0.2; key ctrl+v; until_true 3 is_there '^Copy into Sandbox'; }
until_true 5 pasted || fail "after Undo, nothing can be pasted any more: $(cat "$T/app.log")"
sleep 0.7; key Escape
until_true 3 is_gone '^Copy into Sandbox' || fail "Escape does not answer"

close_window "$sandbox"
until_true 5 is_there "$undo" || fail "nothing is offered the second time"
sleep 0.5; key Escape
until_true 3 log_has Discard || fail "Escape does not let it go"
until_true 3 is_gone "$undo" || fail "the offer stays"
is_gone "$sandbox" || fail "the window is back"
stop_app
