# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of the clipboard, sourced: a display of its own, a real sandbox and its window.  With
# SANDBOX=ID (and its XDG_RUNTIME_DIR) an open sandbox is used.  WAYLAND=sway: on a Wayland
# desktop (wayland-kit.sh); there paste_with has a key alone.
#
#   inside COMMAND...    here     what this computer's clipboard holds      logged WORDS
#   copy_inside TEXT     answer KEY (alt+a, alt+s, alt+d)       paste_with SELECTION xdotool-words...
set -eu
B=${BUILD:-${SG_BUILD:-build}}
case $B in /*) ;; *) B=$PWD/$B ;; esac
S=${SANDGLASS:-$B/sandglass}

fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
for tool in ${WAYLAND:-Xvfb openbox xdotool xclip} qemu-system-x86_64; do
  command -v $tool >/dev/null || skip "$tool is not installed"
done
for program in "$S" "$B/sandglass-viewer"; do [ -x "$program" ] || skip "$program is not built"; done

T=$(mktemp -d); PIDS=; id=${SANDBOX:-}
end () {
  code=$?
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  [ -z "$id" ] || [ -n "${SANDBOX:-}" ] || "$S" discard "$id" >/dev/null 2>&1 || :
  # But what the SPICE library says when an agent inside wants to know how loud a sound is that is not played.
  ! grep -e '-CRITICAL \*\*' "$T/log" 2>/dev/null | grep -v "GObject-CRITICAL .* g_object_\(ref\|get\|unref\): assertion 'G_IS_OBJECT (object)' failed" >&2 || [ $code != 0 ] || { echo "FAILED: complaints of GTK" >&2; code=1; }
  rm -rf "$T"
  exit $code
}
trap end EXIT
trap 'exit 1' INT TERM HUP
if [ -z "$id" ]; then
  mkdir -p "$T/run" "$T/home"; chmod 700 "$T/run"
  export HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CACHE_HOME="${XDG_CACHE_HOME:-$T/cache}" XDG_CONFIG_HOME="$T/home/.config"
fi
export LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY XAUTHORITY || :

until_true () { # until_true SECONDS COMMAND...
  tries=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.2; done
}
# Buttons are found by the keyboard: their mnemonics, once the sandbox has given it back.
if [ -z "${WAYLAND:-}" ]; then
  mkfifo "$T/display"
  Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS="$! $PIDS"
  read -r number <"$T/display"; export DISPLAY=":$number"
  openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"
  window () { xdotool search --onlyvisible --name '^Sandbox' 2>/dev/null | tail -n 1; }
  there () { [ -n "$(window)" ] && xdotool windowactivate --sync "$(window)"; }
  here () { timeout 5 xclip -selection clipboard -o 2>/dev/null || :; }
  answer () { sleep 1; xdotool key Control_R; sleep 0.5; xdotool key "$1"; sleep 1; }
  into () { there; xdotool mousemove --window "$(window)" 500 400; sleep 0.3; xdotool key Escape; sleep 0.3; }
else
  . "${KIT:-$(dirname "$0")}/wayland-kit.sh"
  there () { is_there '^Sandbox' && swaymsg -q '[title="^Sandbox"] focus'; }
  answer () { sleep 1; key Control_R; sleep 0.5; key "$1"; sleep 1; }
  into () { there; sleep 0.3; key Escape; sleep 0.3; }
fi

# PROFILE: a .wsb for it.
[ -n "$id" ] || id=$("$S" start -q ${PROFILE:+--profile "$PROFILE" --approve}) || fail "no sandbox"
"$B/sandglass-viewer" --session "$id" 2>"$T/log" & PIDS="$! $PIDS"
inside () { timeout 60 "$S" exec "$id" -- "$@"; }
until_true 60 there || fail "no window: $(cat "$T/log")"
# The window has the desktop when the agent inside is heard: when what is copied there is asked about.
lines () { grep -c "$1" "$T/log" || :; }
logged () { grep -q "$1" "$T/log"; }
copy_inside () { inside sh -c "printf '%s' '$1' | xclip -selection clipboard -i >/dev/null 2>&1"; }
# What it can see inside, for five seconds; whatever comes first.
watch_inside () { # watch_inside SELECTION
  inside sh -c "for i in \$(seq 40); do t=\$(timeout 2 xclip -o -selection $1 2>/dev/null) && { echo \"\$t\"; break; }; sleep 0.1; done" >"$T/seen" &
  watcher=$!
}
paste_with () { # paste_with SELECTION xdotool-words...
  selection=$1; shift
  watch_inside "$selection"; sleep 1; into
  if [ -z "${WAYLAND:-}" ]; then xdotool "$@"; else key "$@"; fi; wait $watcher || :
}
# What was allowed comes when both programs had their turns.
comes () { until_true 15 is_here "$1"; }
is_here () { [ "$(here)" = "$1" ]; }
empty_inside () { inside sh -c 'for s in clipboard primary; do timeout 2 xclip -o -selection $s 2>/dev/null; done'; }

