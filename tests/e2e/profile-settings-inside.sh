#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Locale, Keyboard, TimeZone of a profile, as programs of the desktop inside have them; and a language that this
# computer has not set up is said.
set -eu
. "$(dirname "$0")/policy-kit.sh"
profile home '<Locale>POSIX</Locale><Keyboard>de(nodeadkeys)</Keyboard><TimeZone>Pacific/Kiritimati</TimeZone>'
profile none '<Locale>xx_YY.UTF-8</Locale>'
"$S" profile check "$T/none.wsb" | grep -q '^ *The language xx_YY.UTF-8: this computer has not set it up' ||
  fail "a language that is not there is not said: $("$S" profile check "$T/none.wsb")"
! "$S" profile check "$T/home.wsb" | grep -q 'The language' || fail "POSIX is said not to be there"

id=$("$S" start -q -p "$T/home.wsb" --approve); ids=$id
inside () { "$S" exec "$id" -- sh -c "$1"; }
inside 'for i in $(seq 300); do pgrep -x sandglass-shell >/dev/null && exit; sleep 0.5; done; exit 1' || fail "no desktop inside"
# the shell, and so what is started in it
for _ in $(seq 60); do # it begins anew with another language
  inside 'tr "\0" "\n" </proc/$(pgrep -x -n sandglass-shell)/environ' >"$T/shell" 2>/dev/null || true
  grep -qx 'LANG=POSIX' "$T/shell" && break
  sleep 0.5
done
grep -qx 'LANG=POSIX' "$T/shell" || fail "the language of the desktop: $(grep -E 'LANG|LC_' "$T/shell")"
inside 'locale' 2>/dev/null | grep -q '^LANG=POSIX' || fail "the language of a command: $(inside locale)"
[ "$(inside 'date +%z')" = +1400 ] || fail "the time zone: $(inside 'date +%z; readlink /etc/localtime')"
for _ in $(seq 40); do # the keyboard is set beside
  inside 'DISPLAY=:0 setxkbmap -query' >"$T/keyboard" 2>/dev/null || true
  grep -q '^layout: *de$' "$T/keyboard" && break
  sleep 0.5
done
grep -q '^layout: *de$' "$T/keyboard" && grep -q '^variant: *nodeadkeys$' "$T/keyboard" || fail "the keyboard: $(cat "$T/keyboard")"
