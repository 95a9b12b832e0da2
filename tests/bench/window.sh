#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The sandbox's window: from the click until it is there, from Discard until it is gone (with a made-up
# session without a machine, so that nothing but the windows is measured); frames that are shown while something inside
# changes 60 times a second, and from a key to what it changes (in a real sandbox).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(cd "$(dirname "$S")" && pwd); S=$B/sandglass
ROUNDS=${BENCH_ROUNDS:-10}
for tool in Xvfb openbox xdotool qemu-system-x86_64 "$B/tests/window-times"; do
  command -v "$tool" >/dev/null || { echo "bench: window: $tool is not there" >&2; exit 0; }
done
W=$B/tests/window-times
T=$(mktemp -d)
PIDS=
trap 'for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done; rm -rf "$T"' EXIT
mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS=$!
read -r number <"$T/display"
export DISPLAY=":$number" GDK_BACKEND=x11 NO_AT_BRIDGE=1 LC_ALL=C.UTF-8
unset DBUS_SESSION_BUS_ADDRESS GTK_THEME WAYLAND_DISPLAY XAUTHORITY || :
openbox --sm-disable >/dev/null 2>&1 & PIDS="$! $PIDS"
# until SECONDS COMMAND...
until_true () {
  tries=$(($1 * 10)); shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "bench: window: waited in vain: $*" >&2; exit 1; }
    sleep 0.1
  done
}
to_front () { until_true 10 xdotool search --onlyvisible --name "$1" windowactivate --sync; sleep 0.5; }
most () { sort -n "$1" | tail -n 1; }

# --- windows alone
mkdir -p "$T/bin" "$T/home" "$T/run"; chmod 700 "$T/run"
cp "$B/sandglass-app" "$B/sandglass-viewer" "$T/bin/"
cp "$B/tests/ui-session" "$T/bin/sandglass-session"
cp "$here/../ui/made-up-sandglass" "$T/bin/sandglass"
echo fresh >"$T/run/copy"; echo crash stuck >"$T/run/ui-session"; echo kvm >"$T/run/doctor"
# In the background only: the shell becomes the program, so that $! is its number.
made_up () {
  exec env HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CONFIG_HOME="$T/home/.config" XDG_CACHE_HOME="$T/home/.cache" \
    XDG_DATA_HOME="$T/home/.local/share" MADE_UP="$T/run" "$@"
}
is_gone () { grep -q ended "$T/run/ui-session.log"; }
made_up "$T/bin/sandglass-app" >/dev/null 2>&1 & app=$!; PIDS="$app $PIDS"
to_front '^Sandglass$'; sleep 2
i=0
while [ $i -le "$ROUNDS" ]; do # the first one is warm-up
  to_front '^Sandglass$'
  "$W" appears Return 'Sandbox - ' >"$T/now"; [ $i = 0 ] || cat "$T/now" >>"$T/opens"
  sleep 3.5 # its machine has stopped: that is asked about
  to_front '^Sandbox - '; xdotool key alt+F4
  until_true 20 xdotool search --onlyvisible --name '^Discard this'; sleep 1
  "$W" goes alt+d 'Sandbox - ' 'Discard this' >"$T/now"; [ $i = 0 ] || cat "$T/now" >>"$T/goes"
  until_true 10 is_gone; rm "$T/run/ui-session.log"
  i=$((i + 1))
done
kill $app; wait $app 2>/dev/null || :
awk '{ print $1 }' "$T/opens" >"$T/mapped"; awk '{ print $2 }' "$T/opens" >"$T/drawn"

# --- a sandbox
# inside ARGUMENT SECONDS: runs blink in a sandbox with a window
inside () {
  "$S" run -q --window --network off -- sh -c "cat >/tmp/blink; chmod +x /tmp/blink; exec timeout $2 /tmp/blink $1" \
    <"$B/tests/blink" >/dev/null 2>"$T/inside" &
  run=$!; PIDS="$run $PIDS"
}
# Rows of what could not be measured are left out, and it is told why.
measure_inside () {
  "$S" base build --json >"$T/build" 2>&1 || { cat "$T/build" >&2; return 1; }
  inside 60 40; "$W" frames 15 >"$T/frames" || { cat "$T/inside" >&2; return 1; }; wait $run || :
  inside keys 40; "$W" changes space 60 >"$T/far" || { cat "$T/inside" >&2; return 1; }
  kill $run; wait $run 2>/dev/null || :
  "$B/tests/blink" 60 & pid=$!; PIDS="$pid $PIDS"; "$W" frames 5 >"$T/frames-here"; kill $pid
  "$B/tests/blink" keys & pid=$!; PIDS="$pid $PIDS"; "$W" changes space 30 >"$T/near"; kill $pid
}
measure_inside || { echo "bench: window: nothing was measured in a sandbox" >&2; rm -f "$T/far"; }

cat <<END
## The window

Windows alone ($ROUNDS rounds, a made-up session): keys are pressed as a keyboard does, and the X server is asked what can be seen.
In a sandbox: the colour of a window of 160x160 points inside is looked at where it appears outside.

| what | median | longest | beside it | wanted | |
| --- | --- | --- | --- | --- | --- |
| *Open a Sandbox* to its window | $(median "$T/mapped") ms | $(most "$T/mapped") ms | drawn: $(median "$T/drawn") ms | at most 150 ms | $(verdict "$(median "$T/drawn")" '<=' 150) |
| *Discard* until no window is left | $(median "$T/goes") ms | $(most "$T/goes") ms | | at most 100 ms | $(verdict "$(median "$T/goes")" '<=' 100) |
END
if [ -s "$T/far" ] && [ -s "$T/near" ]; then
  frames=$(cat "$T/frames") tick=33.3
  share=$(awk "BEGIN { printf \"%.0f\", 100 * $frames / $tick }")
  cat <<END
| frames a second of 60 changes | $frames | | QEMU's tick: $tick; the same window outside: $(cat "$T/frames-here") | 90 % of the tick | $share %: $(verdict "$share" '>=' 90) |
| a key to what it changes | $(median "$T/far") ms | $(p95 "$T/far") ms (95 of 100) | the same window outside: $(median "$T/near") ms | | |
END
fi
echo
