#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A profile that was not opened before is shown in plain words and refused where nobody can be asked; on a
# terminal it is asked; --approve is remembered for these bytes and these folders, and for no others.  Nothing
# is started here: wrong answers end before that, right ones at a base that cannot be made.
set -eu
. "$(dirname "$0")/policy-kit.sh"
command -v script >/dev/null || { echo "skipped: script (bsdutils) is not installed"; exit 77; }

mkdir "$T/docs"
profile p "<MappedFolders><MappedFolder><HostFolder>$T/docs</HostFolder><ReadOnly>false</ReadOnly></MappedFolder></MappedFolders>
<AudioInput>Enable</AudioInput>"
# No sandbox can be made here: whoever gets past the question fails with other words.
export XDG_CACHE_HOME="$T/file"
: >"$T/file"
past () { ! grep -q 'not opened before\|nobody has agreed' "$1" && [ -s "$1" ]; }

# --- not a terminal: the words, and the two options
"$S" run -q -p "$T/p.wsb" -- true </dev/null 2>"$T/err" && fail "it opened" || code=$?
[ "$code" = 125 ] || fail "code $code"
for words in 'You have not opened' "read and change $T/docs" 'microphone' '--approve' '--without-these'; do
  grep -q -e "$words" "$T/err" || fail "'$words' is not in: $(cat "$T/err")"
done
[ ! -e "$T/config/sandglass/approved" ] || fail "a refusal is remembered as an approval"

# --- a terminal: o, w, c
asked () { # asked ANSWER
  printf '%s\n' "$1" | script -qec "'$S' run -q -p '$T/p.wsb' -- true" /dev/null >"$T/tty" 2>&1 || true
}
asked c
grep -q 'Open Without These' "$T/tty" || fail "not asked: $(cat "$T/tty")"
[ ! -e "$T/config/sandglass/approved" ] || fail "a cancel is remembered"
asked w
[ ! -e "$T/config/sandglass/approved" ] || fail "Open Without These is remembered as an approval"
asked o
grep -q "^\[$(sha256sum "$T/p.wsb" | cut -d' ' -f1)\]" "$T/config/sandglass/approved" || fail "Open is not remembered"
"$S" run -q -p "$T/p.wsb" -- true </dev/null 2>"$T/err" || true
past "$T/err" || fail "asked again: $(cat "$T/err")"

# --- other bytes are another profile
echo >>"$T/p.wsb"
"$S" run -q -p "$T/p.wsb" -- true </dev/null 2>"$T/err" || true
grep -q 'You have not opened' "$T/err" || fail "other bytes: $(cat "$T/err")"
"$S" run -q -p "$T/p.wsb" --approve -- true </dev/null 2>"$T/err" || true
past "$T/err" || fail "--approve: $(cat "$T/err")"
"$S" start -q -p "$T/p.wsb" </dev/null 2>"$T/err" || true
past "$T/err" || fail "start asks again: $(cat "$T/err")"

# --- what may never run is refused before the question, with who refuses
rules 'Profiles=/somewhere/else/*.wsb'
"$S" run -q "$P" -p "$T/p.wsb" --approve -- true </dev/null 2>"$T/err" && fail "a profile that is not listed runs"
grep -q '20-test.conf, line 2' "$T/err" || fail "not told who: $(cat "$T/err")"
"$S" run -q "$P" -- true </dev/null 2>"$T/err" && fail "no profile at all runs"
rules "Profiles=sha256:$(sha256sum "$T/p.wsb" | cut -d' ' -f1)"
"$S" run -q "$P" -p "$T/p.wsb" -- true </dev/null 2>"$T/err" || true
! grep -q '20-test.conf' "$T/err" || fail "the listed profile is refused: $(cat "$T/err")"
"$S" run -q "$P" -p "$T/p.wsb" --memory=3000 -- true </dev/null 2>"$T/err" || true
grep -q '20-test.conf' "$T/err" || fail "a listed profile runs with something asked on top"
rules 'AllowNetwrking=false'
"$S" run -q "$P" -- true </dev/null 2>"$T/err" && fail "a rule with a mistake closes nothing"
grep -q '20-test.conf:2' "$T/err" || fail "the mistake is not told: $(cat "$T/err")"

# --- text instead of a file; a profile with a mistake; the file's name alone
"$S" start -q --config '<Configuration><vGPU>Enable</vGPU></Configuration>' </dev/null 2>"$T/err" && fail "--config opened"
grep -q 'You have not opened' "$T/err" || fail "--config: $(cat "$T/err")"
profile bad '<MemoryInMB>4 GB</MemoryInMB>'
"$S" run -q -p "$T/bad.wsb" --approve -- true </dev/null 2>"$T/err" && fail "a profile with a mistake runs"
grep -q 'bad.wsb:1:' "$T/err" || fail "the mistake is not told: $(cat "$T/err")"
profile fresh '<vGPU>Enable</vGPU>'
env -u WAYLAND_DISPLAY DISPLAY=:none "$S" "$T/fresh.wsb" </dev/null 2>"$T/err" && fail "a file's name opens unasked"
grep -q 'You have not opened' "$T/err" || fail "FILE.wsb: $(cat "$T/err")"
# whichever way it is opened, the words are the same
refused () {
  env -u WAYLAND_DISPLAY DISPLAY=:none "$S" "$@" </dev/null >"$T/other" 2>&1 && fail "$1 opens unasked"
  cmp -s "$T/err" "$T/other" || fail "other words of $*: $(cat "$T/other")"
}
refused open "$T/fresh.wsb"
refused run --profile "$T/fresh.wsb" -- true
refused start --profile "$T/fresh.wsb"

# --- the session itself keeps to what was approved: a file that was changed in between
session=$(dirname "$S")/sandglass-session
if [ -x "$session" ]; then
  "$session" --plan --profile="$T/fresh.wsb" --profile-sha256=0000 >/dev/null 2>"$T/err" && fail "a changed file is taken"
  grep -q 'was changed' "$T/err" || fail "a changed file: $(cat "$T/err")"
fi
