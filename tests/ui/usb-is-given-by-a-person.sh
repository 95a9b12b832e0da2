#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# USB devices: a button in the bar only where they are granted; the list stands in a window of another process
# than the viewer; a device is given by keyboard; a camera that the sandbox has lights up in the bar.
# beside: others
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/tree-kit.sh"
sandbox='^Sandbox - '
list='^USB Devices$'
open_one () {
  app
  until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
  sleep 0.7; key Return
  until_true 10 is_there "$sandbox" || fail "no sandbox: $(cat "$T/app.log")"
  until_true 10 log_has OpenDisplay || fail "no screen"
  sleep 2.5
}

# Nothing of it where it is not granted.
open_one
has frame 'Sandbox - Desktop'
! timeout 20 "$tree" print | grep -qE 'USB|Camera' || fail "not granted, and yet it is there"
stop_app

behave devices
open_one
has 'push button' 'USB devices, 0 in the sandbox'
! timeout 20 "$tree" print | grep -q 'Camera in use' || fail "the light is on without a camera"
press 'push button' 'USB devices, 0 in the sandbox'
until_true 5 is_there "$list" || fail "no list of devices"
viewer=$(xdotool getwindowpid "$(window "$sandbox")"); other=$(xdotool getwindowpid "$(window "$list")")
[ "$viewer" != "$other" ] || fail "the viewer itself shows the devices"
has 'toggle button' 'Give Logitech HD Webcam to the sandbox'
all_named
[ -z "${LOOK:-}" ] || import -window root "$LOOK"

# By keyboard: the first switch is the camera's.
activate "$list"; sleep 0.3; key Tab; sleep 0.2; key Tab; sleep 0.2; key space
asked () { grep -q -- "$1" "$T/run/sandglass.log"; }
until_true 5 asked '^usb [0-9a-f]* give 001/004' || fail "not given: $(cat "$T/run/sandglass.log")"
has any 'Camera in use'
has 'push button' 'USB devices, 1 in the sandbox'
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
# What this computer uses is not switched.
"$tree" press 'toggle button' 'Give SanDisk Ultra to the sandbox' 2>/dev/null || true
sleep 1
! asked 'give 001/007' || fail "a disk in use was asked for"
activate "$list"; key space
until_true 5 asked '^usb [0-9a-f]* take 001/004' || fail "not taken back: $(cat "$T/run/sandglass.log")"
has 'push button' 'USB devices, 0 in the sandbox'
key Escape
until_true 5 is_gone "$list" || fail "Escape does not close it"
is_there "$sandbox" || fail "the sandbox went with it"
stop_app
