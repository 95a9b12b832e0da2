#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open` with several files: a sandbox for each, which knows nothing of the others' files and ends with its own window;
# a signal ends what is left.  One whose program opens no window within 20 seconds stays, and it is said why.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
pid= other=
trap '[ -z "$pid$other" ] || kill $pid $other 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
[ -x "$S" ] || skip "$S is not built"
program=
for p in display-im6.q16 display-im6.q32; do [ ! -e "/usr/share/applications/$p.desktop" ] || program=$p; done
[ -n "$program" ] || skip "ImageMagick's display is not installed"
[ -e /usr/share/applications/openbox.desktop ] || skip "openbox has no .desktop file"
for tool in killall xwininfo convert; do command -v $tool >/dev/null || skip "$tool is not installed"; done
"$S" base build >/dev/null 2>&1 || skip "no base can be built here"
export XDG_CONFIG_HOME="$T/config" XDG_DATA_HOME="$T/data"
mkdir "$T/config" "$T/data"
printf '[Default Applications]\nimage/png=%s.desktop\n' $program >"$T/config/mimeapps.list"
for name in one two none; do convert -size 40x30 xc:'#123456' "$T/$name.png"; done

until_true () { # until_true SECONDS COMMAND...
  tries=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.2; done
}
before=$("$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p')
ids () { "$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p' | grep -vxF "${before:-none}" || :; }
has () { [ -n "$(ids)" ] && for i in $(ids); do if "$S" exec "$i" -- test -e "Desktop/$1" 2>/dev/null; then echo "$i"; return; fi; done | grep .; }
"$S" open --no-window "$T/one.png" "$T/two.png" >"$T/out" 2>"$T/err" & pid=$!
# A second window manager: it says so, and ends.
"$S" open --no-window --with openbox.desktop "$T/none.png" >"$T/none.out" 2>"$T/none.err" & other=$!
for name in one two none; do until_true 240 has $name.png || fail "$name is not inside: $(ids): $(cat "$T/err" "$T/none.err")"; done
one=$(has one.png) two=$(has two.png) none=$(has none.png)
[ "$(printf '%s\n' "$one" "$two" "$none" | sort -u | wc -l)" = 3 ] && [ "$(ids | wc -l)" = 3 ] || fail "not a sandbox for each: $one, $two, $none of $(ids)"
[ "$("$S" exec "$one" -- ls Desktop)" = one.png ] || fail "one has the other's file: $("$S" exec "$one" -- ls Desktop)"

shows () { "$S" exec "$1" -- sh -c "xwininfo -root -tree | grep -q ImageMagick.*$2"; }
until_true 120 shows "$one" one.png && until_true 120 shows "$two" two.png || fail "no windows: $(cat "$T/err")"
"$S" exec "$one" -- killall $program
ended () { ! ids | grep -qx "$1"; }
until_true 60 ended "$one" || fail "its window is closed, and the sandbox stays: $(cat "$T/err")"
ids | grep -qx "$two" && kill -0 $pid || fail "the other one does not stay: $(ids): $(cat "$T/err")"

none_is_told () { grep -q 'none.png: no window has come within 20 seconds: The program has ended' "$T/none.err"; }
until_true 120 none_is_told || fail "no window, and nothing is said: $(cat "$T/none.err")"
! grep -q 'no window' "$T/err" || fail "of those that have one: $(cat "$T/err")"
ids | grep -qx "$none" && kill -0 $other || fail "it does not stay: $(cat "$T/none.err")"

kill -TERM $pid $other
wait $pid $other || :
pid= other=
all_ended () { [ -z "$(ids)" ]; }
until_true 30 all_ended || fail "a signal leaves $(ids)"
