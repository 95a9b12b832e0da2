#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open --edit` without a terminal, with a real sandbox: when the file's window is closed the person is asked in
# a window, and gets what was answered; what else was saved inside is asked about, and the sandbox stays if the
# person keeps it.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d); PIDS=; id=
end () {
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  [ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || :
  rm -rf "$T"
}
trap end EXIT
trap 'exit 1' INT TERM HUP
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
for tool in Xvfb openbox xdotool killall xwininfo; do command -v $tool >/dev/null || skip "$tool is not installed"; done
program=
for p in display-im6.q16 display-im6.q32; do [ ! -e "/usr/share/applications/$p.desktop" ] || program=$p; done
[ -n "$program" ] || skip "ImageMagick's display is not installed"
export LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11 XDG_CONFIG_HOME="$T/config" XDG_DATA_HOME="$T/data"
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY XAUTHORITY || :
mkdir "$T/config" "$T/data"
printf '[Default Applications]\nimage/png=%s.desktop\n' $program >"$T/config/mimeapps.list"
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\220wS\336\0\0\0\014IDATx\234c\370\317\300\0\0\3\1\1\0\311\376\222\357\0\0\0\0IEND\256B`\202' >"$T/dot.png"
before=$(cksum <"$T/dot.png")
mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS="$! $PIDS"
read -r number <"$T/display"; export DISPLAY=":$number"
openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"
until_true () { # until_true SECONDS COMMAND...
  tries=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.2; done
}
ids () { "$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p'; }
there () { [ -n "$(xdotool search --onlyvisible --name "$1")" ]; }
new_id () { id=$(ids | head -n 1); [ -n "$id" ]; }
has_window () { "$S" exec "$id" -- sh -c 'xwininfo -root -tree | grep -q dot.png'; }
opened () {
  "$S" open --edit "$T/dot.png" </dev/null >"$T/out" 2>"$T/err" & pid=$!; PIDS="$pid $PIDS"
  until_true 120 new_id || fail "no sandbox: $(cat "$T/err")"
  until_true 120 has_window || fail "no window inside: $(cat "$T/err")"
}
# In a window that the sandbox's own has not the keyboard of.
answer () { xdotool key Control_R; xdotool windowactivate --sync "$(xdotool search --onlyvisible --name "$1" | tail -n 1)"; sleep 1.2; xdotool key "$2"; }

opened
"$S" exec "$id" -- sh -c 'echo more >>Desktop/dot.png'
"$S" exec "$id" -- killall $program
until_true 30 there '^Sandglass$' || fail "changed, and nothing is asked: $(cat "$T/err")"
[ "$(cksum <"$T/dot.png")" = "$before" ] || fail "replaced before the answer"
answer '^Sandglass$' Return
code=0; wait $pid || code=$?; id=
[ $code = 0 ] && [ "$(tail -c 5 "$T/dot.png")" = more ] || fail "replaced? code $code: $(cat "$T/err")"

opened
"$S" exec "$id" -- sh -c 'echo again >>Desktop/dot.png; echo note >Documents/note.txt'
"$S" exec "$id" -- killall $program
until_true 30 there '^Sandglass$' || fail "nothing is asked the second time: $(cat "$T/err")"
answer '^Sandglass$' Escape
until_true 30 there '^Discard this sandbox' || fail "another file was saved, and nothing is asked: $(cat "$T/err")"
[ "$(tail -c 6 "$T/dot (edited in sandbox).png")" = again ] || fail "Escape does not keep both: $(ls "$T")"
answer '^Discard this sandbox' Return
code=0; wait $pid || code=$?
[ "$(ids)" = "$id" ] || fail "it was to be kept, and is gone"
until_true 20 there '^Sandbox - ' || fail "it stays, and has no window"
"$S" exec "$id" -- cat Documents/note.txt >/dev/null || fail "the file is gone"
