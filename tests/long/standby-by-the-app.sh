#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With the real app: one sandbox is kept ready, and its window; Open takes both, others follow; whoever takes the
# machine alone ends its window.  Machines outlive the app's end by their time only, and end at once when the
# runtime directory goes (logout).
set -eu
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
for tool in Xvfb openbox xdotool; do command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }; done
T=$(mktemp -d)
PIDS=
fail () { echo "FAILED: $*" >&2; exit 1; }
clean () {
  "$S" standby 0 >/dev/null 2>&1 || :
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  rm -rf "$T"
}
trap clean EXIT
mkdir -m 700 "$T/run"
XDG_RUNTIME_DIR=$T/run XDG_CONFIG_HOME=$T/config NO_AT_BRIDGE=1 GDK_BACKEND=x11
export XDG_RUNTIME_DIR XDG_CONFIG_HOME NO_AT_BRIDGE GDK_BACKEND
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY || :
"$S" base build --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
"$S" run --plan | grep -q '^Start: *woken' || fail "no template: $("$S" run --plan | sed -n 2p)"
"$S" standby 1 2>"$T/why" || { grep -q 'no machine is kept' "$T/why" && { echo "skipped: $(cat "$T/why")"; exit 77; }; fail "$(cat "$T/why")"; }
waiting () { ls "$T"/run/sandglass/*/standby 2>/dev/null | wc -l; }
await () { # COUNT SECONDS
  i=0
  while [ "$(waiting)" != "$1" ]; do i=$((i + 1)); [ $i -lt $(($2 * 10)) ] || fail "$(waiting) wait, not $1: $(cat "$T/app.log" 2>/dev/null)"; sleep 0.1; done
}
await 1 60
"$S" standby 0
await 0 60

mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS="$!"
read -r number <"$T/display"
DISPLAY=:$number; export DISPLAY
openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"
"$B/sandglass-app" >"$T/app.log" 2>&1 & app=$!; PIDS="$app $PIDS"
# The confined half of the viewer that waits, once it has the picture: it is at rest then.  One that is shown
# has waited, too.
waits () {
  for keeper in $(pgrep -P "$app" -f -- --wait-fd); do
    for pid in $(pgrep -P "$keeper"); do
      grep -q '^Seccomp:.2' "/proc/$pid/status" && [ "$pid" != "${taken:-}" ] && echo "$pid"
    done
  done
}
window_waits () {
  i=0
  while [ -z "$(waits)" ]; do i=$((i + 1)); [ $i -lt 1200 ] || fail "no window waits: $(cat "$T/app.log")"; sleep 0.1; done
  sleep 3
}
await 1 240
window_waits
viewer=$(waits)
id=$(basename "$(dirname "$(ls "$T"/run/sandglass/*/standby)")")
window=$(xdotool search --sync --onlyvisible --name '^Sandglass$' | tail -n 1)
xdotool windowactivate --sync "$window" key ctrl+n
i=0
until "$S" list --json | grep -q "\"$id\""; do i=$((i + 1)); [ $i -lt 300 ] || fail "the ready one was not taken: $("$S" list)"; sleep 0.1; done
[ "$("$S" list --json | grep -c '"id"')" = 1 ] || fail "another one was opened, too: $("$S" list)"
shown=$(xdotool search --sync --onlyvisible --name '^Sandbox' | tail -n 1)
[ "$(xdotool getwindowpid "$shown")" = "$viewer" ] || fail "its window is not the one that waited"
taken=$viewer
"$S" exec "$id" -- sh -c 'ls /sys/class/net; ip -4 route show default 2>/dev/null || cat /proc/net/route' >"$T/net" || fail "no command runs in it"
[ "$(grep -vc '^lo$' "$T/net")" -ge 2 ] || fail "its network was not there: $(cat "$T/net")"
await 1 240 # the next one
window_waits
viewer=$(waits)
# Its network is ready, which a command has none of: no card is left, on the bus neither.
ready=$(basename "$(dirname "$(ls "$T"/run/sandglass/*/standby)")")
[ "$("$S" run -- sh -c 'hostname; ls /sys/class/net; cat /sys/bus/pci/devices/*/class | grep ^0x02' 2>"$T/err")" = "sandbox-$ready
lo" ] || fail "one that has a window cannot be taken without: $(cat "$T/err")"
! grep -q 'did not wake' "$T/err" || fail "its card was not let go: $(cat "$T/err")"
i=0
while [ -e "/proc/$viewer" ]; do i=$((i + 1)); [ $i -lt 50 ] || fail "the window of a machine that others took stays"; sleep 0.1; done
[ "$(xdotool search --onlyvisible --name '^Sandbox' | wc -l)" = 1 ] || fail "a window was shown that nobody opened"
await 1 240

kill "$app"; wait "$app" 2>/dev/null || :
sleep 2
[ "$(waiting)" = 1 ] || fail "it did not stay for its time"

# With settings of one's own: what waits is for them, and is taken, with its window.
"$S" standby 0
await 0 60
mkdir -p "$XDG_CONFIG_HOME/sandglass"
printf '<Configuration><Networking>Disable</Networking></Configuration>' >"$XDG_CONFIG_HOME/sandglass/.usual.wsb"
"$B/sandglass-app" >>"$T/app.log" 2>&1 & app=$!; PIDS="$app $PIDS"
await 1 240
window_waits
viewer=$(waits)
id=$(basename "$(dirname "$(ls "$T"/run/sandglass/*/standby)")")
window=$(xdotool search --sync --onlyvisible --name '^Sandglass$' | tail -n 1)
xdotool windowactivate --sync "$window" key ctrl+n
i=0
until "$S" list --json | grep -q "\"$id\""; do i=$((i + 1)); [ $i -lt 300 ] || fail "the one for own settings was not taken: $("$S" list)"; sleep 0.1; done
shown=$(xdotool search --sync --onlyvisible --name '^Sandbox' | tail -n 1)
[ "$(xdotool getwindowpid "$shown")" = "$viewer" ] || fail "its window is not the one that waited, with own settings"
[ -z "$("$S" exec "$id" -- ls /sys/class/net | grep -v '^lo$')" ] || fail "it has a network"
kill "$app"; wait "$app" 2>/dev/null || :
rm "$XDG_CONFIG_HOME/sandglass/.usual.wsb"
"$S" standby 0
await 0 60
"$S" standby 1
await 1 60
"$S" standby 1 --minutes 1 # what was said last counts
sleep 50
[ "$(waiting)" = 1 ] || fail "it went before its time"
await 0 30

"$S" standby 1
await 1 60
mv "$T/run/sandglass" "$T/gone"
i=0
while pgrep -f "^$B/sandglass-session --standby" >/dev/null; do i=$((i + 1)); [ $i -lt 60 ] || fail "it outlives the login"; sleep 1; done
