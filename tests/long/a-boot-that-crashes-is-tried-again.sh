#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine that crashes while it boots, as emulated ones do now and then, is started once more, and that is said;
# twice is the end, in words.  So it is with the one that is prepared for quick starts.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-test-XXXXXX")
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# A runtime directory of our own, by which our machines are known; templates of our own.
"$S" base build --no-template --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
mkdir -p "$T/cache/sandglass"
user_cache=${XDG_CACHE_HOME:-$HOME/.cache}/sandglass
cp -a --sparse=always "$user_cache/bases" "$T/cache/sandglass/"
"$S" run --plan >/dev/null # how machines run here is found out by one, too
[ ! -e "$user_cache/accelerator" ] || cp "$user_cache/accelerator" "$T/cache/sandglass/"
XDG_RUNTIME_DIR=$T/run XDG_CACHE_HOME=$T/cache; export XDG_RUNTIME_DIR XDG_CACHE_HOME
mkdir -m 700 "$T/run"
below () { for p in $(pgrep -P "$1"); do echo "$p"; below "$p"; done; }
qemu () { # of the session that PID started
  for p in $(below "$1"); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in */qemu-system-*) echo "$p" ;; esac
  done | tail -n 1
}
# crash PID: QEMU, once it has run for a second, other than the one before
last=
crash () {
  i=0
  until p=$(qemu "$1"); [ -n "$p" ] && [ "$p" != "$last" ]; do i=$((i + 1)); [ $i -lt 300 ] || fail "no machine is started: $(cat "$T/err")"; sleep 0.1; done
  sleep 1
  kill -KILL "$p" || # it is the first process of its namespace: no other signal from outside ends it
    fail "the machine ended by itself: $(cat "$T/err")"
  last=$p
}

"$S" run --cold -- echo usable >"$T/out" 2>"$T/err" & run=$!
crash $run
wait $run || fail "one crash was too much: $(cat "$T/err")"
[ "$(cat "$T/out")" = usable ] || fail "it said: $(cat "$T/out")"
grep -q 'did not start: QEMU .*started once more' "$T/err" || fail "the words: $(cat "$T/err")"

"$S" run --cold -- echo usable >"$T/out" 2>"$T/err" & run=$!
crash $run
crash $run
code=0; wait $run || code=$?
[ $code = 125 ] || fail "after two crashes, code $code: $(cat "$T/err")"
tail -n 1 "$T/err" | grep -q 'did not start: QEMU ' || fail "the words of the end: $(cat "$T/err")"
[ -z "$(ls "$T/run/sandglass")" ] || fail "left behind: $(ls "$T/run/sandglass")"

"$S" base build --json >"$T/err" 2>&1 & build=$!
crash $build
wait $build || fail "the build: $(tail -n 2 "$T/err")"
"$S" run --plan | grep -q '^Start: *woken' || fail "no sandbox was prepared: $(tail -n 2 "$T/err")"
ls -d "$T"/cache/sandglass/templates/new-* >/dev/null 2>&1 && fail "the crashed one's files are still there"
exit 0
