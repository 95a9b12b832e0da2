# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of the windows on a Wayland desktop: sourced after kit.sh, or by clipboard-kit.sh.  Starts sway without
# a screen, a keyboard that stays, and says the kits' words anew:
#
#   is_there TITLE   is_gone TITLE   activate TITLE   key KEYS (as typed)   picture FILE (where grim is)
#   copied TYPE (of standard input)   here      this computer's clipboard
for tool in sway swaymsg wl-copy wl-paste; do command -v $tool >/dev/null || skip "$tool is not installed"; done
[ -x "$B/tests/wayland-keys" ] || skip "tests/wayland-keys is not built (it needs libwayland and libxkbcommon)"
printf 'output HEADLESS-1 resolution 1280x900\ndefault_border none\nfocus_on_window_activation focus\nxwayland disable\n' >"$T/sway.conf"
export SWAYSOCK="$XDG_RUNTIME_DIR/sway.sock"
WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman sway -c "$T/sway.conf" >"$T/sway.log" 2>&1 & PIDS="$! $PIDS"
until_true 20 swaymsg -t get_version || skip "sway does not start here: $(tail -n 3 "$T/sway.log")"
for socket in "$XDG_RUNTIME_DIR"/wayland-*; do case $socket in *.lock) ;; *) WAYLAND_DISPLAY=${socket##*/} ;; esac; done
export WAYLAND_DISPLAY GDK_BACKEND=wayland
unset DISPLAY
mkfifo "$T/keys"
"$B/tests/wayland-keys" <"$T/keys" 2>"$T/keys.log" & PIDS="$! $PIDS"
exec 8>"$T/keys"

is_there () { swaymsg -q "[title=\"$1\"] nop" 2>/dev/null; }
is_gone () { ! is_there "$1"; }
activate () { until_true 5 swaymsg -q "[title=\"$1\"] focus" || fail "$1 cannot be brought to the front"; sleep 0.3; }
key () { for word; do echo "$word" >&8; sleep 0.1; done; }
picture () { [ -z "${LOOK:-}" ] || ! command -v grim >/dev/null || grim "$LOOK-$1.png"; }
# What offers the clipboard must not hold our output open.
copied () { wl-copy --type "$1" >/dev/null 2>&1; }
here () { timeout 5 wl-paste --no-newline 2>/dev/null || :; }
