#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `sandglass open` from a file manager, where nobody reads a terminal: what cannot be opened is told in a window,
# and which program opens a file, when the usual one is not there inside, is asked in one.  No machine.
# beside: others
. "$(dirname "$0")/kit.sh"
S=${SANDGLASS:-build/sandglass}
case $S in /*) ;; *) S=$PWD/$S ;; esac

# --- a Windows program, before any machine is started
{ printf 'MZ'; head -c 58 /dev/zero; printf '\100\0\0\0PE\0\0'; } >"$T/home/setup.exe"
if command -v wine >/dev/null; then echo "note: Wine is here: the Windows program was not tried"; else
  code=0; "$S" open "$T/home/setup.exe" </dev/null 2>"$T/said" || code=$?
  [ $code = 1 ] && grep -q Wine "$T/said" || fail "a Windows program: code $code: $(cat "$T/said")"
  until_true 10 is_there '^Sandglass$' || fail "nobody without a terminal learns it"
  [ -z "${LOOK:-}" ] || { sleep 1; import -window root "$LOOK"; }
  key Escape
  until_true 5 is_gone '^Sandglass$' || fail "it does not go"
  "$S" open --quiet "$T/home/setup.exe" </dev/null 2>/dev/null && fail "opened"
  sleep 1; is_gone '^Sandglass$' || fail "told twice, for the app tells it"
fi

# --- which program: its number is the answer; by Escape, and when it is ended, none
ask () {
  "$T/bin/sandglass-viewer" --question=program --session=0badcafe --file='a letter.gb' --words='this computer opens it with Pad, which is not there inside: it is a snap' \
    --program='Text Editor' --program="$(printf 'Bad\033[1m\nname')" --program=Third "$@" >"$T/app.log" 2>&1 & question=$!; PIDS="$question $PIDS"
  until_true 10 is_there '^Sandglass$' || fail "nothing is asked: $(cat "$T/app.log")"
  activate '^Sandglass$'
}
answer () {
  code=0; until_true 8 ended || fail "$2: no answer"
  wait "$question" || code=$?; [ "$code" = "$1" ] || fail "$2: code $code: $(cat "$T/app.log")"
}
ended () { ! kill -0 "$question" 2>/dev/null; }
ask; sleep 1.5
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
key Escape; answer 39 "Escape"
ask; sleep 1.5; key Return; answer 40 "the first one"
ask; sleep 1.5; key shift+Tab; key shift+Tab; key Down; key Down; key alt+o; answer 42 "the third one"
ask; sleep 1; kill "$question"; answer 39 "ended from outside"
