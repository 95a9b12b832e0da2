#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Microphone, camera, USB, 3D, virtual machines inside: what is not granted is not in the machine's command
# line, and not among what it has open.  By default nothing of it is; a profile that asks for all is given it
# (so that this test can fail); rules of the administrator close each of them again.
set -eu
. "$(dirname "$0")/policy-kit.sh"

profile all '<AudioInput>Enable</AudioInput><VideoInput>Enable</VideoInput><UsbRedirection>Enable</UsbRedirection>
<vGPU>Enable</vGPU><NestedVirtualization>Enable</NestedVirtualization><PrinterRedirection>Enable</PrinterRedirection>'
plan () { "$S" run --plan "$@" -- true >"$T/plan" || fail "no plan: $*"; }
has () { grep -qE -e "$1" "$T/plan"; }
sound='hda-micro|hda-duplex'
usb='xhci|usb-redir|usbredir|usbgate'
gpu='virtio-vga-gl|egl|/dev/dri|rendernode'
printers='printgate|cups'

# --- by default: nothing
plan
for what in "$sound" "$usb" "$gpu" "$printers" 'vfio|usb-host|usb-storage|parallel'; do ! has "$what" || fail "by default there is: $what"; done
has 'svm=off' || fail "virtual machines inside are possible by default"

# --- asked and allowed: there
plan -p "$T/all.wsb"
for what in "$sound" "$usb"; do has "$what" || fail "granted, and not there: $what"; done
has 'filter=0x09:-1:-1:-1:0.0x01:-1:-1:-1:1' || fail "no filter of USB devices"
! has 'svm=off' || fail "virtual machines inside are granted, and impossible"
has '^Start: .*boots' || fail "it would be woken from a template without these devices"

# --- each closed by its rule alone
closes () { # closes RULE PATTERN
  rules "$1"
  plan "$P" -p "$T/all.wsb"
  ! has "$2" || fail "$1, and yet there is: $2"
}
closes AllowAudioInput=false "$sound"
closes AllowVGPU=false "$gpu"
closes AllowPrinterRedirection=false "$printers"
rules AllowNestedVirtualization=false; plan "$P" -p "$T/all.wsb"; has 'svm=off' || fail "nested, against the rule"
# USB closed, the camera granted: a controller that lets cameras through and nothing else; and the other way
rules AllowUsbRedirection=false; plan "$P" -p "$T/all.wsb"
has '0x0e:-1:-1:-1:1\|-1:-1:-1:-1:0' || fail "the filter with USB closed: $(grep -o 'filter=[^ ]*' "$T/plan")"
rules AllowVideoInput=false; plan "$P" -p "$T/all.wsb"
has '0x0e:-1:-1:-1:0\|-1:-1:-1:-1:1' || fail "the filter with the camera closed: $(grep -o 'filter=[^ ]*' "$T/plan")"
# no microphone by way of a headset or a camera
rules AllowAudioInput=false; plan "$P" -p "$T/all.wsb"
has '0x01:-1:-1:-1:0' || fail "the filter with the microphone closed: $(grep -o 'filter=[^ ]*' "$T/plan")"
rules AllowUsbRedirection=false AllowVideoInput=false; plan "$P" -p "$T/all.wsb"
! has "$usb" || fail "a USB controller, though neither USB nor the camera is allowed"

# --- the running machine: all closed
rules AllowAudioInput=false AllowVideoInput=false AllowUsbRedirection=false AllowVGPU=false AllowPrinterRedirection=false \
  AllowNestedVirtualization=false AllowNetworking=false AllowClipboardRedirection=false AllowMappedFolders=false
id=$("$S" start -q "$P" -p "$T/all.wsb" --approve); ids=$id
qemu=$(qemu_of "$id")
[ -n "$qemu" ] || fail "the machine's process is not found"
tr '\0' '\n' <"/proc/$qemu/cmdline" >"$T/plan"
for what in "$sound" "$usb" "$gpu" "$printers" 'vfio|usb-host|virtio-net|netdev'; do ! has "$what" || fail "in the machine there is: $what"; done
has 'disable-copy-paste=on' || fail "the display passes the clipboard on"
for fd in "/proc/$qemu/fd/"*; do
  case $(readlink "$fd") in
  /dev/snd/*|/dev/dri/*|/dev/bus/usb/*|/dev/video*|/dev/net/*|/dev/vhost*|/dev/vfio*|/dev/usb/*)
    fail "the machine has open: $(readlink "$fd")" ;;
  esac
done
"$S" exec "$id" -- sh -c 'ls /dev/snd /dev/video* 2>/dev/null; cat /sys/bus/pci/devices/*/class' >"$T/inside"
! grep -qE '^(0x0401|0x0c03|0x02)' "$T/inside" || fail "USB or network on the bus inside: $(cat "$T/inside")"
! "$S" exec "$id" -- ls /run/cups/cups.sock 2>/dev/null || fail "a listener for printing inside"
# The sound card plays, and does not listen.
! grep -qE 'pcm.*c$|video[0-9]' "$T/inside" || fail "devices inside: $(cat "$T/inside")"
