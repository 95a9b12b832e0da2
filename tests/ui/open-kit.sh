# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of `sandglass open` with a real sandbox and no terminal, sourced: a display of its own, with a window
# manager; a picture, $T/dot.png, and a program that shows it in a window of its name: $program.
#
#   until_true SECONDS COMMAND...   there TITLE   new_id (in $id)   has_window: the file's, inside
#   answer TITLE KEY: in a question's window   close_file   closed_msec
set -eu
S=${S:-${SANDGLASS:-build/sandglass}}
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
# usual ID: what this computer opens pictures with.
usual () { printf '[Default Applications]\nimage/png=%s.desktop\n' "$1" >"$T/config/mimeapps.list"; }
usual $program
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\220wS\336\0\0\0\014IDATx\234c\370\317\300\0\0\3\1\1\0\311\376\222\357\0\0\0\0IEND\256B`\202' >"$T/dot.png"
mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS="$! $PIDS"
read -r number <"$T/display"; export DISPLAY=":$number"
openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"
until_true () {
  tries=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.2; done
}
ids () { "$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p'; }
there () { [ -n "$(xdotool search --onlyvisible --name "$1")" ]; }
new_id () { id=$(ids | head -n 1); [ -n "$id" ]; }
has_window () { "$S" exec "$id" -- sh -c 'xwininfo -root -tree | grep -q dot.png'; }
# The sandbox's own window has the keyboard; a question is not answered in its first moment.
answer () {
  xdotool key Control_R; xdotool windowactivate --sync "$(xdotool search --onlyvisible --name "$1" | tail -n 1)"
  sleep 1.5; xdotool key "$2"
}
# close_file: closes the file's window inside.  closed_msec: how long ago that was.
close_file () { "$S" exec "$id" -- killall $program && closed=$(date +%s%N); }
closed_msec () { echo $((($(date +%s%N) - closed) / 1000000)); }
