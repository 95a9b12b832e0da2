#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Size of text, dark style, pointer, keyboard and input method of the desktop outside are those of programs inside,
# asked by the same program there, also what changes while it runs; and nothing of it is said to a command without a window.
set -eu
. "$(dirname "$0")/../e2e/policy-kit.sh"
for program in Xvfb setxkbmap; do
  command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
LOOK=$(dirname "$S")/sandglass-look
mkdir -p "$T/config/glib-2.0/settings"
cat >"$T/config/glib-2.0/settings/keyfile" <<'END'
[org/gnome/desktop/interface]
color-scheme='prefer-dark'
text-scaling-factor=1.25
cursor-theme='Adwaita'
cursor-size=48
[org/gnome/desktop/input-sources]
sources=[('xkb','de+nodeadkeys'),('ibus','libpinyin'),('xkb','us')]
END
Xvfb -displayfd 3 -screen 0 1024x768x24 -noreset 3>"$T/display" 2>"$T/x.log" &
x=$!
trap 'kill $x 2>/dev/null; kit_clean' EXIT
for _ in $(seq 50); do [ -s "$T/display" ] && break; sleep 0.1; done
[ -s "$T/display" ] || { echo "Xvfb does not start: $(cat "$T/x.log")"; exit 77; }
outside () { env DISPLAY=:"$(cat "$T/display")" XDG_CONFIG_HOME="$T/config" GSETTINGS_BACKEND=keyfile "$@"; }

# seen: what programs inside see
inside () { "$S" exec "$id" -- "$@" </dev/null; }
seen () { inside sh -c 'env -u WAYLAND_DISPLAY /tmp/look' 2>/dev/null; }
bring () {
  "$S" exec "$id" -- sh -c 'cat >/tmp/look && chmod +x /tmp/look' <"$LOOK"
  inside sh -c 'for i in $(seq 300); do [ -e /run/sandglass/desktop/ready ] && exit; sleep 0.2; done; exit 1' || fail "no desktop inside"
}
is_seen () {
  for _ in $(seq 40); do
    seen >"$T/seen" || true
    grep -qx "$1" "$T/seen" && return
    sleep 0.3
  done
  fail "no '$1' inside, but: $(cat "$T/seen") file: $(inside cat /run/sandglass/look || true)"
}

outside "$LOOK" >"$T/outside"
for line in dark=true text-percent=125 pointer-size=48 keyboard=de,us input-method=ibus; do
  grep -qx "$line" "$T/outside" || fail "no '$line' is found outside: $(cat "$T/outside")"
done
id=$(outside "$S" start -q); ids=$id
bring
is_seen dark=true
inside grep -qx gtk-application-prefer-dark-theme=true /etc/gtk-3.0/settings.ini || fail "GTK is not told of the dark style"
is_seen text-percent=125
is_seen pointer-size=48
is_seen keyboard=de,us
is_seen keyboard-variants=nodeadkeys,
is_seen keyboard-options=grp:win_space_toggle
if inside test -x /usr/bin/ibus-daemon; then
  inside sh -c 'for i in $(seq 60); do pgrep -x ibus-daemon >/dev/null && exit; sleep 0.5; done; exit 1' || fail "no input method inside"
  [ "$(inside sh -c 'echo $GTK_IM_MODULE $QT_IM_MODULE $XMODIFIERS')" = 'ibus ibus @im=ibus' ] || fail "programs are not told of the input method"
fi

# What changes outside while it runs is the same inside, and so is what goes back to as it usually is.
outside_is () { printf '[org/gnome/desktop/interface]\n%s\n' "$1" >"$T/config/glib-2.0/settings/keyfile"; }
outside_is "color-scheme='default'
text-scaling-factor=1.5"
is_seen dark=false
is_seen text-percent=150
inside grep -qx gtk-application-prefer-dark-theme=true /etc/gtk-3.0/settings.ini && fail "GTK is still told of the dark style"
outside_is "color-scheme='prefer-dark'"
is_seen dark=true
is_seen text-percent=100
inside test -s /usr/share/themes/Adwaita-dark/gtk-3.0/gtk.css || fail "a GTK program that runs cannot become dark"
"$S" discard "$id"
! pgrep -u "$(id -u)" -f "$LOOK --watc[h]" >/dev/null || fail "who looks at the desktop stays behind"

# A command without a window is told nothing of the desktop.
outside "$S" run -q -- sh -c '! test -e /run/sandglass/look' || fail "a command without a window has the desktop's look"
