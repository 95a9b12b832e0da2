#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A paste of 1 MB of text: from the paste key until a program inside has the text.  Beside it the bare path, in
# the same sandbox and in turn: a SPICE client that announces what is copied at once, to whoever is inside, and
# lets the key pass (clip-bare.c).  The broker looks at the clipboard only when the key comes, and holds the key
# until the clip is known inside: that is what the difference pays for.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(cd "$(dirname "$S")" && pwd)
BYTES=${CLIPBOARD_BYTES:-1000000}
TURNS=${CLIPBOARD_TURNS:-3} KEYS=${CLIPBOARD_KEYS:-6}
for tool in Xvfb openbox xdotool xclip; do command -v $tool >/dev/null || { echo "bench: clipboard: $tool is not installed" >&2; exit 1; }; done
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
PIDS='' id=''
end () {
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  [ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || :
  rm -rf "$T"
}
trap end EXIT
fail () { echo "bench: clipboard: $*" >&2; exit 1; }
export NO_AT_BRIDGE=1 GDK_BACKEND=x11 LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS || :
mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS=$!
read -r number <"$T/display"; export DISPLAY=":$number"
openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"

id=$("$S" start -q) || fail "no sandbox"
"$S" exec "$id" -- python3 -c 'import gi; gi.require_version("Gtk", "3.0")' 2>/dev/null || fail "inside there is no python3 with GTK to paste into"
"$S" exec "$id" -- sh -c 'cat >/tmp/paste.py' <"$here/clip-inside.py"
tr -dc 'a-z ' </dev/urandom 2>/dev/null | head -c "$BYTES" >"$T/text" || :
[ "$(wc -c <"$T/text")" = "$BYTES" ] || fail "no text"
coproc INSIDE { exec "$S" exec "$id" -- python3 -u /tmp/paste.py 2>/dev/null; }
read -r -t 60 _ <&"${INSIDE[0]}" || fail "nothing inside can be pasted into"

# arrives FILE: waits for the text; milliseconds since $start are appended
arrives () {
  while read -r -t 30 word n <&"${INSIDE[0]}"; do
    [ "$word" = got ] || continue
    end_at=${EPOCHREALTIME/./}
    [ "$n" = "$BYTES" ] || fail "$n characters came, not $BYTES ($1)"
    echo $(((end_at - start) / 1000)) >>"$T/$1"
    return
  done
  fail "nothing came ($1)"
}
bare () {
  coproc CLIENT { exec "$B/tests/clip-bare" "$id" "$T/text" 2>/dev/null; }
  read -r -t 60 _ <&"${CLIENT[0]}" || fail "the bare client does not start"
  sleep 3
  for _ in $(seq "$KEYS"); do
    start=${EPOCHREALTIME/./}; echo key >&"${CLIENT[1]}"; arrives bare; sleep 1.5
  done
  kill "$CLIENT_PID"; wait "$CLIENT_PID" 2>/dev/null || :
}
there () { [ -n "$(xdotool search --onlyvisible --name '^Sandbox' 2>/dev/null)" ]; }
broker () {
  "$B/sandglass-viewer" --keep --session "$id" 2>"$T/log" & viewer=$!; PIDS="$viewer $PIDS"
  for _ in $(seq 300); do ! there || break; sleep 0.2; done
  sleep 3
  window=$(xdotool search --onlyvisible --name '^Sandbox' | tail -n 1); xdotool windowactivate --sync "$window" mousemove --window "$window" 400 400
  xclip -selection clipboard -i "$T/text" >/dev/null 2>&1
  sleep 1
  for _ in $(seq "$KEYS"); do
    start=${EPOCHREALTIME/./}; xdotool key --delay 0 ctrl+v; arrives broker; sleep 1.5
  done
  kill "$viewer"; wait "$viewer" 2>/dev/null || :
}
for _ in $(seq "$TURNS"); do bare; broker; done

bare=$(median "$T/bare") broker=$(median "$T/broker")
more=$(awk "BEGIN { printf \"%.0f\", $broker - $bare }")
cat <<END
## The clipboard

$(awk "BEGIN { printf \"%.0f MB\", $BYTES / 1e6 }") of text pasted into a program inside, from the paste key until it has it; in turn with a SPICE client that announces all that is copied; $((TURNS * KEYS)) each, median.

| | through the broker | bare | more | wanted | |
| --- | --- | --- | --- | --- | --- |
| text pasted | $broker ms | $bare ms | $more ms | < 200 ms | $(verdict "$more" '<' 200) |

END
