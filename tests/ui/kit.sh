# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of the windows, sourced.  Makes a display of its own with a window manager, a home
# and a runtime directory that nobody else uses, and a folder of programs in which a made-up session
# (tests/ui/ui-session.c) and a made-up `sandglass` stand beside the real app and viewer.
#
#   B                the build folder          T     everything of this test; removed at the end
#   copy WORD        what `base status` says   behave WORDS   how the next session behaves
#   app, stop_app    start and end the app     key KEYS       as typed
#
# A complaint of GTK's or GLib's (CRITICAL) in what the windows wrote fails a test that passed.
set -eu
B=${BUILD:-${SG_BUILD:-build}}
case $B in /*) ;; *) B=$PWD/$B ;; esac

fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }

for tool in Xvfb openbox xdotool import qemu-system-x86_64; do
  command -v $tool >/dev/null || skip "$tool is not installed"
done
for program in sandglass-app sandglass-viewer tests/ui-session; do
  [ -x "$B/$program" ] || skip "$B/$program is not built"
done

T=$(mktemp -d)
PIDS=
end () {
  code=$?
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  sleep 0.2
  for pid in $PIDS; do kill -9 "$pid" 2>/dev/null || :; done
  # What assistive technology still holds of a window that has gone, GTK 3 answers for with nothing; its file
  # chooser completes names that are typed while it still looks for them.
  ! grep -e '-CRITICAL \*\*' "$T/app.log" 2>/dev/null |
    grep -v "atk_state_set_contains_state\|gtk_container_forall\|gtk_tree_model_get_iter_first: assertion 'GTK_IS_TREE_MODEL\|g_object_unref: assertion 'G_IS_OBJECT" >&2 || [ $code != 0 ] ||
    { echo "FAILED: complaints of GTK" >&2; code=1; }
  rm -rf "$T"
  exit $code
}
trap end EXIT
trap 'exit 1' INT TERM HUP
start () { "$@" & PIDS="$! $PIDS"; }

mkdir -p "$T/bin" "$T/home" "$T/run"
chmod 700 "$T/run"
export HOME="$T/home" XDG_RUNTIME_DIR="$T/run" LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export XDG_CONFIG_HOME="$T/home/.config" XDG_CACHE_HOME="$T/home/.cache" XDG_DATA_HOME="$T/home/.local/share"
unset DBUS_SESSION_BUS_ADDRESS GTK_THEME WAYLAND_DISPLAY XAUTHORITY || :
export GDK_BACKEND=x11

# A program finds its siblings beside its own file, so these are links to nothing: copies.
cp "$B/sandglass-app" "$B/sandglass-viewer" "$T/bin/"
cp "$B/tests/ui-session" "$T/bin/sandglass-session"
cp "${KIT:-$(dirname "$0")}/made-up-sandglass" "$T/bin/sandglass"
export MADE_UP="$T/run"

mkfifo "$T/display"
Xvfb -displayfd 3 -screen 0 "${SCREEN:-1280x900x24}" -nolisten tcp -noreset 3>"$T/display" 2>"$T/xvfb.log" &
PIDS="$! $PIDS"
read -r number <"$T/display"
export DISPLAY=":$number"
start openbox --sm-disable 2>/dev/null

copy () { echo "$1" >"$T/run/copy"; }
behave () { echo "$*" >"$T/run/ui-session"; }
copy fresh
behave

# Waits until a command succeeds: until SECONDS COMMAND...; a busy computer has three times as many.
until_true () {
  tries=$(($1 * 30)); shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}
window () { xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1; }
is_there () { [ -n "$(window "$1")" ]; }
is_gone () { [ -z "$(window "$1")" ]; }
# The window manager has to be there before a window is.
until_true 20 xdotool get_num_desktops || fail "openbox does not start"
app () { "$T/bin/sandglass-app" >>"$T/app.log" 2>&1 & APP=$!; PIDS="$APP $PIDS"; }
viewers () { pgrep -P "$APP" -f sandglass-viewer || :; }
# Ends the app and the windows it opened.
stop_app () {
  shown=$(viewers)
  for pid in $APP $shown; do kill "$pid" 2>/dev/null || :; done
  until_true 5 test ! -e "/proc/$APP" || fail "the app does not end"
  until_true 5 is_gone 'Sand' || fail "a window stays after the app was ended"
}
key () { xdotool key --clearmodifiers "$@"; }
# Asked while no window is active, xdotool gives up; so it is asked again.
try_to_activate () { xdotool windowactivate --sync "$(window "$1")"; }
activate () { until_true 5 try_to_activate "$1" || fail "$1 cannot be brought to the front"; }
# As the window manager's own button does; a sandbox that has the keyboard gives it back first.
close_window () {
  activate "$1"; sleep 0.3
  key Control_R; sleep 0.3; key alt+F4
}
log_has () { grep -q "$1" "$T/run/ui-session.log" 2>/dev/null; }
log_count () { grep -c "$1" "$T/run/ui-session.log" 2>/dev/null || :; }
# The colour of one pixel of a window: colour WINDOW X Y -> "#RRGGBB"
colour () {
  import -window "$1" -depth 8 "$T/colour.png"
  convert "$T/colour.png" -format "%[hex:u.p{$2,$3}]" info: | cut -c1-6
}
