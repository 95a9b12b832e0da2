#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# After an update of the computer the first sandbox does not wait: it uses the old copy, and a new one is
# made meanwhile, by one process of lowest priority.
set -eu
S=${SANDGLASS:-build/sandglass}
unshare -rm true 2>/dev/null || { echo "skipped: no user namespaces"; exit 77; }
[ -d /usr/local/bin ] || { echo "skipped: no /usr/local/bin"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-test-XXXXXX")
export XDG_CACHE_HOME="$T/cache" XDG_RUNTIME_DIR="$T/run"
mkdir -m 700 "$XDG_RUNTIME_DIR"

# The builders of this test, by their environment.
builders () {
  for dir in /proc/[0-9]*; do
    { tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null | grep -q 'base build --json' || continue
    { tr '\0' '\n' <"$dir/environ"; } 2>/dev/null | grep -qxF "XDG_CACHE_HOME=$T/cache" || continue
    echo "${dir#/proc/}"
  done
}
cleanup () {
  for pid in $(builders); do kill "$pid" 2>/dev/null || true; done
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -n "$(builders)" ] || break; sleep 0.5; done
  rm -rf "$T"
}
trap cleanup EXIT
fail () { echo "FAIL: $*" >&2; exit 1; }

# A copy of a computer with another /usr/local/bin: to the real one it is old.
unshare -rm sh -c "mount -t tmpfs tmpfs /usr/local/bin && exec '$S' base build --no-template --json" >/dev/null
"$S" base status --json | grep -q '"state" : "stale"' || fail "the copy is not old"
old=$(readlink "$XDG_CACHE_HOME/sandglass/bases/current")

# Two at once, on a terminal: it is said, and one builder is enough.
script -qec "$S run --cold -- true" /dev/null </dev/null >"$T/said" 2>&1 &
first=$!
for _ in $(seq 100); do pid=$(builders); [ -z "$pid" ] || break; sleep 0.05; done
[ -n "$pid" ] || { cat "$T/said" >&2; fail "nobody makes the new copy"; }
[ "$(echo "$pid" | wc -l)" -eq 1 ] || fail "there are several builders"
nice=$(awk '{ print $19 }' "/proc/$pid/stat") policy=$(awk '{ print $41 }' "/proc/$pid/stat")
[ "$nice" = 19 ] || fail "its priority is $nice"
[ "$policy" = 5 ] || fail "it competes with others for the processor"
wait "$first" || { cat "$T/said" >&2; fail "the sandbox of the old copy did not work"; }
grep -q "in the background" "$T/said" || { cat "$T/said" >&2; fail "it is not said"; }
for _ in $(seq 600); do
  "$S" base status --json | grep -q '"state" : "fresh"' && break
  sleep 0.2
done
[ "$(readlink "$XDG_CACHE_HOME/sandglass/bases/current")" != "$old" ] || fail "the copy was not renewed"
"$S" base status >/dev/null || fail "the new copy cannot be used"
echo ok
