#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With a ready sandbox waits its window: started, confined, and seen by nobody, neither on the display nor by the
# window manager.  Opening takes both; one that died, or that does not fit, is replaced.  The rest is in
# tests/long/window-waits-in-vain.sh, which is this script with MORE.
# beside: others
. "${KIT:-$(dirname "$0")}/kit.sh"

# The confined half of a viewer that waits: a child of its keeper, with a filter of system calls.
waiting () {
  for keeper in $(viewers); do
    tr '\0' ' ' <"/proc/$keeper/cmdline" | grep -q -e --wait-fd || continue
    for pid in $(pgrep -P "$keeper"); do
      grep -q '^Seccomp:.2' "/proc/$pid/status" && echo "$pid"
    done
  done
}
one_waits () { [ "$(waiting | wc -l)" = 1 ] && [ "$(log_count OpenDisplay)" -ge "${1:-3}" ]; }
listed () { xprop -root _NET_CLIENT_LIST | sed 's/.*# *//' | tr ',' '\n' | grep -c 0x || :; }

command -v xprop >/dev/null || skip "xprop is not installed"
echo yes >"$T/run/waits"
behave
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
until_true 60 one_waits || fail "no window waits: $(cat "$T/app.log" "$T/run/ui-session.log")"
sleep 1
[ "$(listed)" = 1 ] || fail "the window manager knows of it: $(xprop -root _NET_CLIENT_LIST)"
[ "$(xdotool search --onlyvisible --class Sandglass | wc -l)" -le 1 ] || fail "it can be seen"
viewer=$(waiting); keeper=$(ps -o ppid= -p "$viewer" | tr -d ' ')
for thread in /proc/$viewer/task/*; do
  grep -qx "NoNewPrivs:	1" "$thread/status" && grep -qx "Seccomp:	2" "$thread/status" || fail "a thread is not confined"
done
grep -q ' Used$\| Network$\| Discard$' "$T/run/ui-session.log" && fail "it asks for more than the picture: $(cat "$T/run/ui-session.log")"

# The click.
activate '^Sandglass$'; key ctrl+n
until_true 5 is_there '^Sandbox' || fail "no sandbox: $(cat "$T/app.log" "$T/run/ui-session.log")"
log_has 'taken with its window$' || fail "it was not taken: $(cat "$T/run/ui-session.log")"
[ "$(xdotool getwindowpid "$(window '^Sandbox')")" = "$viewer" ] || fail "it is another window"
kill -0 "$keeper" || fail "its keeper is gone"
[ "$(listed)" = 2 ] || fail "not one window more: $(xprop -root _NET_CLIENT_LIST)"
stop_app

# It died before: another one.
: >"$T/run/ui-session.log"; behave
app
until_true 10 is_there '^Sandglass$' || fail "no window the second time"
until_true 60 one_waits || fail "no window waits the second time: $(cat "$T/app.log" "$T/run/ui-session.log")"
viewer=$(waiting)
kill -STOP "$APP"; kill -9 "$viewer"; sleep 0.3; kill -CONT "$APP"
activate '^Sandglass$'; key ctrl+n
until_true 10 is_there '^Sandbox' || fail "one that died spoils the next: $(cat "$T/app.log" "$T/run/ui-session.log")"
stop_app

[ -n "${MORE:-}" ] || exit 0

# Its machine is taken by others, or as something else: it goes, and Open works.
: >"$T/run/ui-session.log"; behave others
app
until_true 10 is_there '^Sandglass$' || fail "no window the third time"
until_true 60 one_waits || fail "no window waits the third time: $(cat "$T/app.log" "$T/run/ui-session.log")"
viewer=$(waiting)
activate '^Sandglass$'; key ctrl+n
until_true 10 is_there '^Sandbox' || fail "a window that is not kept spoils the next: $(cat "$T/app.log" "$T/run/ui-session.log")"
log_has ' taken$' || fail "it was taken with its window"
until_true 5 test ! -e "/proc/$viewer" || fail "it looks on"
stop_app

# The app ends.
: >"$T/run/ui-session.log"; behave
app
until_true 10 is_there '^Sandglass$' || fail "no window the fourth time"
until_true 60 one_waits || fail "no window waits the fourth time: $(cat "$T/app.log" "$T/run/ui-session.log")"
viewer=$(waiting)
kill "$APP"
until_true 5 test ! -e "/proc/$viewer" || fail "it outlives the app"
