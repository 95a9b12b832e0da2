#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The desktop inside says what it is: an amber mark on the panel, in pixels and for a screen reader.
# The menu opens by the keyboard and starts what was searched for; a file on the desktop is shown; a
# smaller screen keeps the mark; and when nothing happens, nothing runs.
set -eu
B=$(dirname "${SANDGLASS:-build/sandglass}")
SHELL_PROGRAM=$B/guest/sandglass-shell
NAMES=$B/tests/shell-names
HERE=$(cd "$(dirname "$0")/../.." && pwd)
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
[ -x "$SHELL_PROGRAM" ] || skip "$SHELL_PROGRAM is not built"
for tool in Xvfb openbox xdotool import dbus-run-session; do
  command -v $tool >/dev/null || skip "$tool is not installed"
done
if [ -z "${SHELL_TEST_BUS:-}" ]; then
  SHELL_TEST_BUS=1 exec dbus-run-session -- "$0" "$@"
fi

T=$(mktemp -d)
pids=
clean () {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$T"
}
trap clean EXIT
mkdir -p "$T/home/Desktop" "$T/data/applications" "$T/run"
chmod 700 "$T/run"
echo hello >"$T/home/Desktop/letter.txt"
printf '[Desktop Entry]\nType=Application\nName=Marker Maker\nExec=touch %s/started\nCategories=Office;\n' "$T" \
  >"$T/data/applications/maker.desktop"
printf '[Desktop Entry]\nType=Application\nName=Other\nExec=false\n' >"$T/data/applications/other.desktop"

Xvfb -displayfd 5 -screen 0 1280x800x24 -nolisten tcp 5>"$T/display" >/dev/null 2>&1 & pids="$pids $!"
until_true () { # SECONDS COMMAND...
  limit=$(($1 * 10)); shift
  while ! "$@"; do limit=$((limit - 1)); [ $limit -gt 0 ] || return 1; sleep 0.1; done
}
until_true 10 test -s "$T/display" || fail "Xvfb does not start"
DISPLAY=:$(cat "$T/display"); export DISPLAY
export HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_DATA_DIRS="$T/data:/usr/share" LC_ALL=C.UTF-8
unset NO_AT_BRIDGE XDG_DATA_HOME XDG_CONFIG_HOME || true
openbox --config-file "$HERE/baseimage/guest/desktop/openbox-rc.xml" >/dev/null 2>&1 & pids="$pids $!"

# --- the first frame is announced
mkfifo "$T/ready"
cat "$T/ready" >"$T/said" & pids="$pids $!"
SANDGLASS_DESKTOP_FD=3 "$SHELL_PROGRAM" 3>"$T/ready" 2>"$T/shell.err" & shell=$!; pids="$pids $shell"
until_true 60 grep -q R "$T/said" || fail "the shell never says that it is ready: $(cat "$T/shell.err")"

# --- in pixels
colours () { # GEOMETRY: how many pixels of it are amber
  import -window root -crop "$1" -depth 8 txt:- 2>/dev/null | grep -ci '#E5A50A' || true
}
[ "$(colours 500x40+780+760)" -gt 2000 ] || fail "there is no amber mark on the panel"
[ "$(colours 500x300+390+300)" -gt 1000 ] || fail "the background does not say what this is"

# --- for a screen reader
if [ -x "$NAMES" ] && "$NAMES" sandglass-shell >"$T/names" 2>/dev/null; then
  for name in 'Disposable: everything here disappears' 'Programs' 'Close this sandbox' 'letter.txt'; do
    grep -q "	$name\$" "$T/names" || fail "a screen reader is not told \"$name\""
  done
  button=$(grep -c '^\(push button\|toggle button\|button\)	$' "$T/names" || true)
  [ "$button" = 0 ] || fail "$button buttons have no name for a screen reader"
else
  echo "note: no accessibility bus here; names were not looked at"
fi

# --- by the keyboard alone
xdotool key super
sleep 0.7
xdotool type --delay 20 'mark'
sleep 0.3
xdotool key Return
until_true 10 test -e "$T/started" || fail "the menu did not start what was searched for"
xdotool key alt+F1
sleep 0.5
xdotool key Escape

# --- nothing wakes up (the clock may, once)
switches () {
  total=0
  for status in /proc/$shell/task/*/status; do
    n=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "$status"); total=$((total + n))
  done
  echo $total
}
xdotool mousemove 600 600
sleep 2
quiet=
for window in 1 2 3 4; do # one of them may hold the clock's minute, or the end of what was before
  before=$(switches); sleep 4; after=$(switches)
  [ $((after - before)) -gt 1 ] || { quiet=yes; break; }
done
[ "$quiet" ] || fail "the shell wakes up though nothing happens ($((after - before)) times in 4 s)"

kill -0 $shell || fail "the shell has ended: $(cat "$T/shell.err")"
kill $shell
code=0; wait $shell || code=$?
[ $code = 0 ] || fail "the shell ended with $code when it was asked to end"
[ ! -s "$T/shell.err" ] || fail "the shell complains: $(cat "$T/shell.err")"
