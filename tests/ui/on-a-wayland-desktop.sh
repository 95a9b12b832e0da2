#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# On a Wayland desktop, without X: the app and a sandbox's window open, confined; a paste key in it reads the
# clipboard (files: the person is asked before one is copied), nothing reads it before; closing closes.
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/wayland-kit.sh"
asked_times () { [ "$(grep -c '^put-files --look' "$T/run/sandglass.log" 2>/dev/null)" = "$1" ]; }
sandbox='^Sandbox - ' question='^Copy into Sandbox'
echo one >"$T/home/one two.txt"

behave clips
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return
until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5; picture open
for process in $(pgrep -P "$(viewers)"); do ! grep -q "^Seccomp:.2" "/proc/$process/status" || viewer=$process; done
[ -n "${viewer:-}" ] || fail "the viewer is not confined"

printf 'file://%s/home/one%%20two.txt\r\n' "$T" | copied text/uri-list
activate "$sandbox"
sleep 0.5; is_gone "$question" || fail "asked before anybody pasted"
key ctrl+v
until_true 5 is_there "$question" || fail "pasted files, and nothing is asked: $(cat "$T/app.log")"
until_true 5 asked_times 1 || fail "not looked at"
grep -qF -- "-- " "$T/run/sandglass.log" && grep -qF "$T/home/one two.txt" "$T/run/sandglass.log" || fail "not the file that was copied: $(cat "$T/run/sandglass.log")"
sleep 1; picture ask
activate "$question"; key Escape
until_true 5 is_gone "$question" || fail "Escape does not answer"
! grep -q '^put-files --json' "$T/run/sandglass.log" || fail "Escape copies"

swaymsg -q "[title=\"$sandbox\"] kill"
until_true 5 log_has Discard || fail "closed, and not discarded"
until_true 5 is_gone "$sandbox" || fail "the window stays"
[ -e "/proc/$APP" ] || fail "the app is gone: $(cat "$T/app.log")"
stop_app
