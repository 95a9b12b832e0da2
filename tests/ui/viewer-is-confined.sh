#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The process that decodes a guest's pictures has no new privileges, a system call filter on every
# thread, no session bus, no socket to a network, and cannot read the person's files.
# beside: others
. "$(dirname "$0")/kit.sh"
command -v dbus-daemon >/dev/null || skip "dbus-daemon is not installed"

echo secret >"$HOME/letter.txt"
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return
until_true 10 log_has OpenDisplay || fail "no sandbox: $(cat "$T/app.log")"
sleep 1
keeper=$(viewers)
# Not the helper that tells whether the screen is locked, where there is a bus to ask.
viewer=$(pgrep -P "$keeper" | while read -r pid; do grep -qx sandglass-lock "/proc/$pid/comm" || echo "$pid"; done)
[ -n "$viewer" ] || fail "the viewer is not a child of its keeper"
for thread in /proc/$viewer/task/*; do
  grep -qx "NoNewPrivs:	1" "$thread/status" || fail "a thread may get new privileges"
  grep -qx "Seccomp:	2" "$thread/status" || fail "a thread has no system call filter"
done
[ "$(ls /proc/$viewer/task | wc -l)" -gt 1 ] || fail "threads were expected here"
grep -qx "NoNewPrivs:	1" /proc/$keeper/status || fail "the keeper may get new privileges"

# Sockets: those of the display server, the session, its screen, the keeper; none has an address.
grep -q . /proc/$viewer/net/unix || fail "sockets cannot be looked at"
for fd in /proc/$viewer/fd/*; do
  inode=$(readlink "$fd" | sed -n 's/^socket:\[\(.*\)\]$/\1/p')
  [ -n "$inode" ] || continue
  awk -v i="$inode" '$7 == i { found = 1 } END { exit !found }' /proc/$viewer/net/unix ||
    fail "descriptor ${fd##*/} is a socket that is not a local one"
done
for fd in /proc/$viewer/fd/*; do
  case $(readlink "$fd") in
  "$HOME"/*) fail "an open file of the person's: $(readlink "$fd")" ;;
  esac
done
stop_app

# With a session bus on the desktop, the viewer still has no connection to it.
unset NO_AT_BRIDGE
cat >"$T/bus.conf" <<E2
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=$T/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
E2
dbus-daemon --config-file="$T/bus.conf" --nofork --nopidfile --address="unix:path=$T/run/bus" 2>"$T/bus.log" &
BUS=$!; PIDS="$BUS $PIDS"
until_true 5 test -S "$T/run/bus" || fail "no bus: $(cat "$T/bus.log")"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$T/run/bus"
: >"$T/run/ui-session.log"
app
until_true 10 is_there '^Sandglass$' || fail "no window on a session bus: $(cat "$T/app.log")"
sleep 1; key Return
until_true 10 log_has OpenDisplay || fail "no sandbox on a session bus: $(cat "$T/app.log")"
sleep 1
clients () {
  gdbus call --session --dest org.freedesktop.DBus --object-path / \
    --method org.freedesktop.DBus.ListNames | tr "'" '\n' | grep '^:' | while read -r name; do
    gdbus call --session --dest org.freedesktop.DBus --object-path / \
      --method org.freedesktop.DBus.GetConnectionUnixProcessID "$name" 2>/dev/null | tr -dc '0-9 \n' | awk '{print $NF}'
  done
}
clients >"$T/clients"
grep -qx "$APP" "$T/clients" || fail "the app itself is not on the bus, so this tests nothing: $(cat "$T/clients")"
# A helper that only tells whether the screen is locked is there too, and no guest reaches it; the
# one that draws a guest's pictures is known by its filter of system calls.
n_confined=0
for pid in $(viewers) $(pgrep -P "$(viewers)"); do
  grep -q '^Seccomp:.2' "/proc/$pid/status" || [ "$pid" = "$(viewers)" ] || continue
  n_confined=$((n_confined + 1))
  grep -qx "$pid" "$T/clients" && fail "the viewer is on the session bus"
done
[ "$n_confined" -ge 2 ] || fail "the confined viewer was not found"
stop_app
