#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The app: from its start until its window is drawn, beside an empty GTK window, taking turns; how long
# its main loop is away at most, with fifty sandboxes, too; and what ten pictures of sandboxes cost.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
B=$(dirname "$SANDGLASS")
ROUNDS=${BENCH_ROUNDS:-15}
for tool in Xvfb openbox xdotool qemu-system-x86_64; do
  command -v $tool >/dev/null || { echo "bench: app: $tool is not installed" >&2; exit 0; }
done
T=$(mktemp -d)
PIDS=
trap 'for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done; rm -rf "$T"' EXIT
mkdir -p "$T/bin" "$T/home" "$T/run"; chmod 700 "$T/run"
export HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CONFIG_HOME="$T/home/.config" XDG_CACHE_HOME="$T/home/.cache" \
  XDG_DATA_HOME="$T/home/.local/share" LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11 MADE_UP="$T/run"
unset DBUS_SESSION_BUS_ADDRESS GTK_THEME WAYLAND_DISPLAY XAUTHORITY || :
# The session is made up: what is measured is the app.
cp "$B/sandglass-app" "$B/sandglass-viewer" "$T/bin/"
cp "$B/tests/ui-session" "$T/bin/sandglass-session"
cp "$here/../ui/made-up-sandglass" "$T/bin/sandglass"
echo fresh >"$T/run/copy"; : >"$T/run/ui-session"; echo kvm >"$T/run/doctor"
mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS=$!
read -r number <"$T/display"
export DISPLAY=":$number"

"$B/tests/window-drawn" 2 "$T/bin/sandglass-app" "$B/tests/empty-window" >/dev/null # warm
"$B/tests/window-drawn" "$ROUNDS" "$T/bin/sandglass-app" "$B/tests/empty-window" >"$T/drawn"
# column N -> its median
median () { awk -v n="$1" '{ print $n }' "$T/drawn" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

openbox --sm-disable >/dev/null 2>&1 & PIDS="$! $PIDS"
sleep 1
# The main loop while the window is open, two sandboxes open in it and files are looked at.
away () {
  rm -f "$T/away"
  LD_PRELOAD="$B/tests/loop-watch.so" LOOP_WATCH="$T/away" LOOP_WATCH_SKIP=1.5 "$1" >/dev/null 2>&1 & pid=$!; PIDS="$pid $PIDS"
  sleep 2; [ -z "${2:-}" ] || { xdotool key ctrl+n; sleep 3; xdotool key ctrl+d; sleep 1; xdotool key Escape; }; sleep 7
  kill $pid; wait $pid 2>/dev/null || :
  cat "$T/away" 2>/dev/null || echo 0
}
app_away=$(away "$T/bin/sandglass-app" busy); empty_away=$(away "$B/tests/empty-window")

"$B/tests/picture-cost" >"$T/cost"

# listed N SECONDS -> the app's share of a processor, and how long its main loop is away at most, while
# it lists N sandboxes with their pictures.
listed () {
  echo plain >"$T/run/ui-session"; all=; rm -f "$T/away"
  for i in $(seq "$1"); do "$T/bin/sandglass-session" --alone & all="$all $!"; done
  PIDS="$all $PIDS"
  sleep 3
  LD_PRELOAD="$B/tests/loop-watch.so" LOOP_WATCH="$T/away" LOOP_WATCH_SKIP=1.5 "$T/bin/sandglass-app" >/dev/null 2>&1 & pid=$!; PIDS="$pid $PIDS"
  sleep 4
  before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat"); sleep "$2"; after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
  kill $pid $all; wait $pid 2>/dev/null || :
  echo "$before $after $2 $(getconf CLK_TCK)" | awk '{ printf "%.1f ", ($2 - $1) / $4 / $3 * 100 }'
  cat "$T/away" 2>/dev/null || echo 0
}
ten=$(listed 10 20); fifty=$(listed 50 20)

frame=$(median 1) done=$(median 2) empty=$(median 3)
ratio=$(echo "$frame $empty" | awk '{ printf "%.2f", $1 / $2 }'); ratio_done=$(echo "$done $empty" | awk '{ printf "%.2f", $1 / $2 }')
cat <<END
## The app

$ROUNDS rounds, taking turns with an empty GTK application window; as the X server sees it.

| | app | empty window | ratio | wanted |
| --- | --- | --- | --- | --- |
| start to the first frame | $frame ms | $empty ms | $ratio | at most 2 |
| start to the whole page | $done ms | $empty ms | $ratio_done | |
| main loop away, longest, from 1.5 s on | $app_away ms | $empty_away ms | | at most 50 ms |

| sandboxes listed | of a processor | main loop away, longest | wanted |
| --- | --- | --- | --- |
| 10 | ${ten% *} % | ${ten#* } ms | less than 2 %, at most 50 ms |
| 50 | ${fifty% *} % | ${fifty#* } ms | at most 50 ms |

Small pictures of ten sandboxes, one each 5 s, made from screens of 1280x800: $(cat "$T/cost") of one processor (wanted: less than 2 %).

END
