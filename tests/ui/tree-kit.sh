# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after kit.sh: a session bus, the bus of accessibility, and what assistive technology does.
#
#   has ROLE NAME     waits for it        press ROLE NAME   its first action        (tests/ui/tree.c)
#   all_named         everything that takes keys has a name
launcher=
for place in /usr/libexec /usr/lib/at-spi2-core /usr/lib; do
  [ -n "$launcher" ] || [ ! -x $place/at-spi-bus-launcher ] || launcher=$place/at-spi-bus-launcher
done
[ -n "$launcher" ] || skip "at-spi-bus-launcher is not installed"
tree=$B/tests/tree
[ -x "$tree" ] || skip "$tree is not built (it needs libatspi)"
command -v dbus-daemon >/dev/null || skip "dbus-daemon is not installed"

unset NO_AT_BRIDGE
dbus-daemon --session --nofork --nopidfile --address="unix:path=$T/run/bus" 2>"$T/bus.log" &
PIDS="$! $PIDS"
until_true 5 test -S "$T/run/bus" || fail "no bus: $(cat "$T/bus.log")"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$T/run/bus" GTK_MODULES=gail:atk-bridge
start "$launcher" --launch-immediately --a11y=1 --screen-reader=1
is_enabled () { gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus --method org.a11y.Bus.GetAddress; }
until_true 5 is_enabled || fail "no bus for accessibility"
has () { timeout 60 "$tree" has "$@" || { "$tree" print >&2; fail "not in the tree: $*"; }; }
press () { timeout 60 "$tree" press "$@" || { "$tree" print >&2; fail "cannot be pressed: $*"; }; }
all_named () {
  "$tree" nameless >"$T/nameless"
  [ ! -s "$T/nameless" ] || { "$tree" print >&2; fail "without a name: $(sort "$T/nameless" | uniq -c | tr '\n' ';')"; }
}
