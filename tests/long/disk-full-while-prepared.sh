#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk becomes full while a sandbox is prepared: that is said, nothing half-made is left, the copy of the
# computer is whole; with room again, the next one works.  (A user namespace, as a disk of our own needs it, is no
# place to open a sandbox from: the administrator's files are nobody's there.)
set -eu
S=${SANDGLASS:-build/sandglass}
unshare -rm true 2>/dev/null || { echo "skipped: no user namespaces"; exit 77; }
[ "$(awk '/^MemAvailable/ { print int ($2 / 1024) }' /proc/meminfo)" -gt 5000 ] || { echo "skipped: this needs 5 GB of free memory"; exit 77; }
# A disk of our own, in memory.
[ -n "${SG_INSIDE:-}" ] || exec env SG_INSIDE=1 unshare -rm "$0" "$@"
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-test-XXXXXX")
builder=
cleanup () {
  [ -z "$builder" ] || { kill "$builder" 2>/dev/null || :; wait "$builder" 2>/dev/null || :; }
  umount -l "$T/cache" 2>/dev/null || :
  rm -rf "$T"
}
trap cleanup EXIT
fail () { echo "FAILED: $*" >&2; [ ! -e "$T/said" ] || tail -n 3 "$T/said" >&2; exit 1; }
mkdir -m 700 "$T/cache" "$T/run"
mount -t tmpfs -o size=3g,mode=700 tmpfs "$T/cache" || { echo "skipped: no disk of our own"; exit 77; }
export XDG_CACHE_HOME="$T/cache" XDG_RUNTIME_DIR="$T/run"
templates=$T/cache/sandglass/templates
none () { ! ls -d "$templates"/*/ >/dev/null 2>&1; }

"$S" base build --no-template --json >"$T/said" || fail "no copy"
"$S" base build --json >"$T/said" 2>&1 & builder=$!
tries=600
until grep -q 'Starting the system inside' "$T/said"; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] && kill -0 "$builder" 2>/dev/null || fail "no sandbox is prepared"
  sleep 0.1
done
# To the last byte: the booting system takes another one in a moment.
dd if=/dev/zero of="$T/cache/filler" bs=1M 2>/dev/null || :
begun=$(date +%s)
wait "$builder" && code=0 || code=$?
builder=
echo "ended with $code after $(($(date +%s) - begun)) s: $(tail -n 1 "$T/said")"
grep -q 'disk became full' "$T/said" || fail "it is not said that the disk is full"
none || fail "left behind: $(ls "$templates"/*)"
"$S" base status >"$T/said" 2>&1 || fail "the copy is damaged"

rm "$T/cache/filler"
"$S" base build --json >"$T/said" 2>&1 || fail "the next one"
grep -q '"done":true' "$T/said" || fail "the next one has not ended"
ls "$templates"/*/info >/dev/null 2>&1 || fail "no sandbox is prepared though there is room again"
