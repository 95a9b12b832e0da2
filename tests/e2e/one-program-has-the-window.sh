#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `run --window -- PROGRAM`: the program fills the window, without panel or frame of its own; the window has its
# name; its exit code is run's.  A window that crashes is told of, can be had again, and what runs goes on.  And a
# sandbox whose profile has a `Program` ends with that.
set -eu
. "$(dirname "$0")/policy-kit.sh"
for program in Xvfb openbox xdotool import convert xterm; do
  command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
Xvfb -displayfd 3 -screen 0 1100x800x24 -noreset 3>"$T/display" 2>"$T/x.log" &
x=$!
trap 'kill $x 2>/dev/null || :; kit_clean' EXIT
for _ in $(seq 50); do [ -s "$T/display" ] && break; sleep 0.1; done
[ -s "$T/display" ] || { echo "Xvfb does not start: $(cat "$T/x.log")"; exit 77; }
export DISPLAY=:"$(cat "$T/display")" GDK_BACKEND=x11
openbox --sm-disable 2>/dev/null &

("$S" run -q --window -- xterm -bg '#204060' -e sh -c 'while [ ! -e /tmp/end ]; do sleep 0.3; done; exit 0' >"$T/out" 2>&1 </dev/null
  echo $? >"$T/code") &
window () { xdotool search --onlyvisible --name "^Sandbox - $1" 2>/dev/null | tail -n 1; }
for _ in $(seq 300); do [ -n "$(window xterm)" ] && break; sleep 0.2; done
w=$(window xterm)
[ -n "$w" ] || fail "no window of that name: $(cat "$T/out")"
# Three points of the screen inside: above, left, and low where the panel was.
colours () {
  import -window "$w" -depth 8 "$T/w.png"
  for at in 300,120 40,400 700,770; do
    convert "$T/w.png" -format "%[hex:p{$at}] " info:
  done
}
for _ in $(seq 100); do
  [ "$(colours)" = '204060 204060 204060 ' ] && break
  sleep 0.3
done
[ "$(colours)" = '204060 204060 204060 ' ] || fail "it does not fill the window: $(colours)"
id=$("$S" list --json | grep -o '"id" *: *"[0-9a-f]*"' | grep -o '[0-9a-f]\{8\}' | head -n 1)
# The confined half of the viewer, as by pictures that were made for it.
kill -SEGV "$(xdotool getwindowpid "$w")"
for _ in $(seq 60); do grep -q 'window ended unexpectedly; what runs in it goes on' "$T/out" && break; sleep 0.3; done
grep -q "sandglass connect $id" "$T/out" || fail "nobody tells of a window that crashed: $(cat "$T/out")"
[ ! -s "$T/code" ] || fail "the program ended with its window: $(cat "$T/code" "$T/out")"
timeout 60 "$S" connect "$id" >"$T/again" 2>&1 </dev/null & again=$!
for _ in $(seq 100); do [ -n "$(window xterm)" ] && break; sleep 0.2; done
[ -n "$(window xterm)" ] || fail "the window cannot be had again: $(cat "$T/again")"
"$S" exec "$id" -- touch /tmp/end </dev/null
for _ in $(seq 60); do [ -s "$T/code" ] && break; sleep 0.3; done
[ "$(cat "$T/code" 2>/dev/null)" = 0 ] || fail "its exit code: $(cat "$T/code" "$T/out")"
wait $again || :

profile program '<Program>sleep 2</Program>'
id=$("$S" start -q -p "$T/program.wsb" --approve); ids=$id
for _ in $(seq 100); do "$S" list | grep -q "$id" || exit 0; sleep 0.3; done
fail "the program has ended, and its sandbox has not: $("$S" steps "$id")"
