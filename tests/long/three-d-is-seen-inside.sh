#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-as: root
# 3D where it is granted: the kernel inside has virgl and a render node, by QEMU's own virglrenderer and Mesa in their
# walls, and X draws with it. Only the card is made up, for computers that have none: its render node is /dev/null, with which Mesa says that
# it knows no driver and computes (llvmpipe). The machine's command line and walls are those of a real card.
# Without the grant the same computer gives nothing of it. With a render node of a kernel's driver: devices-go-in.sh.
# As root only to make /dev/dri in a mount namespace; what is tested runs as an ordinary user.
set -eu
S=${SANDGLASS:-build/sandglass}
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
[ -x "$S" ] || skip "$S is not built"
[ "$(id -u)" = 0 ] || skip "only root can make a device"
case $S in /*) ;; *) S=$PWD/$S ;; esac
[ -n "$(ls /usr/lib*/dri/kms_swrast_dri.so /usr/lib/*/dri/kms_swrast_dri.so 2>/dev/null)" ] ||
  skip "Mesa's drivers are not installed"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
$nobody test -x "$S" || skip "an ordinary user cannot run $S"

if [ -z "${OWN_DEV:-}" ]; then
  T=$(mktemp -d)
  trap 'rm -rf "$T"' EXIT
  chmod 755 "$T"; mkdir "$T/dev" "$T/user"; chown 65534 "$T/user"; chmod 700 "$T/user"
  code=0
  OWN_DEV=$T SANDGLASS=$S unshare -m "$0" || code=$?
  exit $code
fi
T=$OWN_DEV
# --- a computer with a card: /dev, and in it the render node
mount -t tmpfs -o mode=755 none "$T/dev"
for one in /dev/*; do
  at=$T$one
  if [ -L "$one" ]; then cp -P "$one" "$at"; continue; fi
  if [ -d "$one" ]; then mkdir "$at"; else : >"$at"; fi
  mount --rbind "$one" "$at"
done
[ -d "$T/dev/dri" ] || mkdir "$T/dev/dri"
: >"$T/dev/dri/renderD128" 2>/dev/null || skip "this computer has a card, or /dev/dri cannot be written"
mount --bind /dev/null "$T/dev/dri/renderD128"
mount --rbind "$T/dev" /dev

user () {
  $nobody env HOME="$T/user" XDG_RUNTIME_DIR="$T/user" XDG_CONFIG_HOME="$T/user/config" XDG_CACHE_HOME="$T/user/cache" TMPDIR="$T/user" "$@"
}
id=
trap '[ -z "$id" ] || user "$S" discard "$id" >/dev/null 2>&1 || true' EXIT
inside () { user "$S" exec "$id" -- "$@"; }
profile () { echo "<Configuration>$2<Networking>Disable</Networking></Configuration>" >"$T/$1.wsb"; chmod 644 "$T/$1.wsb"; }
qemu_of () {
  for p in $(ps -eo pid=,args= | awk -v n="sandglass-$1" '$0 ~ n { print $1 }'); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in */qemu-system-*) echo "$p" ;; esac
  done
}
profile on '<vGPU>Enable</vGPU>'
profile off '<vGPU>Disable</vGPU>'
user "$S" profile check "$T/on.wsb" >"$T/check" || true
grep -q '^vgpu: on ' "$T/check" || skip "3D is not possible here: $(grep '^vgpu' "$T/check")"
user "$S" base build --no-template >/dev/null 2>"$T/err" || fail "the copy of this computer: $(cat "$T/err")"

# --- granted
id=$(user "$S" start -q --cold -p "$T/on.wsb" --approve)
qemu=$(qemu_of "$id")
tr '\0' '\n' <"/proc/$qemu/cmdline" | grep -q '^egl-headless,rendernode=/dev/dri/renderD128$' || fail "its display is another one"
grep -q libvirglrenderer "/proc/$qemu/maps" || fail "there is no virglrenderer in the machine"
desktop () { inside sh -c 'for i in $(seq 300); do pgrep -x sandglass-shell >/dev/null && exit; sleep 0.5; done; exit 1' || fail "no desktop inside"; }
desktop
inside sudo dmesg | grep 'features: +virgl' || fail "no virgl inside: $(inside sudo dmesg | grep -i drm)"
inside ls /dev/dri/renderD128 >/dev/null || fail "no render node inside"
draws='grep "glamor X acceleration enabled on virgl" /run/sandglass/xorg.log'
inside sudo sh -c "for i in \$(seq 300); do $draws && exit; sleep 0.5; done; exit 1" ||
  fail "X does not draw with it: $(inside sudo tail -n 20 /run/sandglass/xorg.log)"
user "$S" discard "$id"; id=

# --- not granted
id=$(user "$S" start -q --cold -p "$T/off.wsb" --approve)
qemu=$(qemu_of "$id")
! tr '\0' '\n' <"/proc/$qemu/cmdline" | grep -qE 'egl|virtio-vga-gl' || fail "not granted, and there is 3D"
! grep -q libvirglrenderer "/proc/$qemu/maps" || fail "not granted, and virglrenderer is in the machine"
desktop
! inside sudo dmesg | grep -q '+virgl' || fail "not granted, and virgl is inside"
! inside sudo grep -i 'glamor X acceleration' /run/sandglass/xorg.log || fail "X takes LLVM's renderer"
