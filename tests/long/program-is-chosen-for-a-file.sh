#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open` without a terminal, with a real sandbox, where this computer's program for the file is not there inside: a
# person chooses one in a window; it opens the file, and the sandbox ends some three seconds after its window.  By
# Escape nothing is opened, and nothing stays.
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
mkdir -p "$T/config" "$T/data/applications"
printf '[Desktop Entry]\nType=Application\nName=Only Here\nExec=/bin/true %%f\nMimeType=image/png;\n' >"$T/data/applications/only-here.desktop"
printf '[Default Applications]\nimage/png=only-here.desktop\n' >"$T/config/mimeapps.list"
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\220wS\336\0\0\0\014IDATx\234c\370\317\300\0\0\3\1\1\0\311\376\222\357\0\0\0\0IEND\256B`\202' >"$T/dot.png"
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
answer () { xdotool key Control_R; xdotool windowactivate --sync "$(xdotool search --onlyvisible --name "$1" | tail -n 1)"; sleep 1.5; xdotool key "$2"; }
opened () {
  "$S" open "$T/dot.png" </dev/null >"$T/out" 2>"$T/err" & pid=$!; PIDS="$pid $PIDS"
  until_true 120 there '^Sandglass$' || fail "nothing is asked: $(cat "$T/err")"
  new_id || fail "asked without a sandbox"
  [ -z "${LOOK:-}" ] || { sleep 1; import -window root "$LOOK"; }
}

opened
! there '^Sandbox - ' || fail "an empty desktop is shown meanwhile"
answer '^Sandglass$' Escape
code=0; wait $pid || code=$?
[ $code = 0 ] && [ -z "$(ids)" ] || fail "Escape: code $code, still open: $(ids): $(cat "$T/err")"

opened
answer '^Sandglass$' Return # the first one
until_true 120 has_window || fail "chosen, and no window inside: $(cat "$T/err")"
until_true 30 there '^Sandbox - ' || fail "the sandbox has no window"
"$S" exec "$id" -- killall $program || fail "the first one is not $program"
start=$(date +%s)
code=0; wait $pid || code=$?
took=$(($(date +%s) - start))
[ $code = 0 ] || fail "closed: code $code: $(cat "$T/err")"
[ $took -ge 2 ] && [ $took -le 15 ] || fail "it ended $took s after the file's window"
[ -z "$(ids)" ] || fail "the window is closed, and the sandbox stays"
id=
