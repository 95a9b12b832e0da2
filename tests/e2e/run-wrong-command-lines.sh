#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A command line that is not understood is code 2 with words, and starts nothing.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

refuse () { # refuse WORDS ARGUMENTS...
  words=$1; shift
  code=0
  "$S" "$@" 2>"$T/err" || code=$?
  [ "$code" = 2 ] || fail "'$*': code $code"
  grep -q -e "$words" "$T/err" || fail "'$*' says: $(cat "$T/err")"
}
refuse "did you mean 'run'" rnu
refuse "did you mean 'doctor'" docter
refuse 'no option' --nonsense
refuse 'memory' run --memory=1 -- true
refuse 'cpus' run --cpus=9999 -- true
refuse 'cpus' run --cpus=0 -- true
refuse 'memory' start --memory=0
refuse 'host' run --allow= -- true
refuse 'nonsense' doctor nonsense
refuse 'no verb .nonsense' profile nonsense
refuse 'no verb .nonsense' policy nonsense
refuse 'no file .report.pfd' report.pfd
# Started by a file manager, stderr is the journal's: names of files do not go there, a window tells it.
for stream in 0:0 "$(: >"$T/journal"; stat -c %d:%i "$T/journal")"; do
  JOURNAL_STREAM=$stream DISPLAY=:7777 "$S" open "$T/secret-name/x" >"$T/journal" 2>&1 </dev/null || :
  case $stream in
  0:0) grep -q 'x: ' "$T/journal" || fail "it is not said that a file cannot be opened: $(cat "$T/journal")" ;;
  *) [ ! -s "$T/journal" ] || fail "in the journal: $(cat "$T/journal")" ;;
  esac
done
# Help is had of each verb, wherever one is; a sandbox that is not open is "it did not work" where no command is run.
for verb in $("$S" --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
  for word in --help -h; do
    env -u DISPLAY -u WAYLAND_DISPLAY "$S" "$verb" $word >"$T/out" 2>"$T/err" </dev/null || fail "$verb $word: code $?"
    grep -q "sandglass $verb" "$T/out" || fail "$verb $word says: $(cat "$T/out" "$T/err")"
  done
done
for words in "changes deadbeef" "save-files deadbeef" "put-files deadbeef /etc/hostname" "ip deadbeef" "wait deadbeef"; do
  code=0
  # shellcheck disable=SC2086
  "$S" $words >"$T/out" 2>"$T/err" </dev/null || code=$?
  [ $code = 1 ] || fail "$words: code $code"
done
# What could not be written is no success.
for words in list --help --version 'policy show --json'; do
  code=0
  # shellcheck disable=SC2086
  "$S" $words >/dev/full 2>"$T/err" || code=$?
  [ $code = 1 ] || fail "$words into a full disk: code $code"
  grep -q 'could not be written: No space left' "$T/err" || fail "$words into a full disk says: $(cat "$T/err")"
done
"$S" --version | grep -q '^sandglass [0-9]' || fail "--version"
"$S" --help | grep -q 'doctor' || fail "--help"
