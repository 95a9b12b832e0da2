#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A running session on its socket: the desktop is waited for, the display opens (SPICE answers, and
# nothing listens), a second client runs commands of its own and cannot signal another's, and a
# discard by it is the end of the session, told to the owner.
set -eu
S=${SANDGLASS:-build/sandglass}
C=$(dirname "$S")/tests/session-client
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
[ -x "$C" ] || { echo "skipped: $C is not built"; exit 77; }

mkdir -m 700 "$T/run"
export XDG_RUNTIME_DIR="$T/run"
: >"$T/up"
"$S" run -q -- sh -c 'echo up; exec sleep 600' >"$T/up" 2>"$T/err" </dev/null &
run=$!
trap 'kill -9 $run 2>/dev/null || true; rm -rf "$T"' EXIT
for i in $(seq 1800); do
  if grep -q up "$T/up"; then break; fi
  kill -0 $run 2>/dev/null || fail "it ended before the command was up: $(cat "$T/err")"
  sleep 0.1
done
socket=$(echo "$T"/run/sandglass/*/control)
[ -S "$socket" ] || fail "no socket"

timeout 300 "$C" "$socket" wait >"$T/out" 2>&1 || fail "the desktop: $(cat "$T/out")"
case $(cat "$T/out") in 'running|||tcg' | 'running|||kvm') ;; *) fail "properties: $(cat "$T/out")" ;; esac

"$C" "$socket" display >"$T/out" 2>&1 || fail "the display: $(cat "$T/out")"
[ "$(cat "$T/out")" = "$(printf 'REDQ\nREDQ')" ] || fail "the display answers: $(cat "$T/out")"

code=0
printf 'in' | "$C" "$socket" exec 'cat; echo " err" >&2; exit 5' >"$T/out" 2>"$T/err2" || code=$?
[ "$code" = 5 ] || fail "a second client's command: code $code, $(cat "$T/err2")"
[ "$(cat "$T/out")$(cat "$T/err2")" = 'in err' ] || fail "a second client's streams"

# Another's command is not theirs to end: the owner's goes on.
for handle in 1 2 3; do "$C" "$socket" foreign $handle || fail "Signal for handle $handle"; done
sleep 0.5
kill -0 $run || fail "a stranger's signal ended the owner's command"

# A client that leaves takes its command with it.
"$C" "$socket" exec 'sleep 777 & wait' &
client=$!
sleep 2
kill -9 $client; wait $client 2>/dev/null || true
sleep 1
"$C" "$socket" exec 'pgrep -x -f "sleep 777" >/dev/null' && fail "a command outlived its client"

"$C" "$socket" window || fail "what a window may ask"

# Who copies files is known for as long as it is there, however it ends.
transfers () { "$C" "$socket" transfers; }
transfers_are () { for i in $(seq 50); do [ "$(transfers)" != "$1" ] || return 0; sleep 0.1; done; return 1; }
mkfifo "$T/one" "$T/two"
"$C" "$socket" copy <"$T/one" >/dev/null & one=$!
exec 7>"$T/one"
"$C" "$socket" copy <"$T/two" >/dev/null 7>&- & two=$!
exec 8>"$T/two"
transfers_are 2 || fail "two clients copy, and the session knows of $(transfers)"
exec 8>&-; wait $two
transfers_are 1 || fail "one client copies, and the session knows of $(transfers)"
kill -9 $one; wait $one 2>/dev/null || true; exec 7>&-
transfers_are 0 || fail "nobody copies, and the session knows of $(transfers)"

# A closed window: nothing runs while it can be taken back; then the command goes on, with the clock set.
mkfifo "$T/tell"
"$C" "$socket" exec 'while sleep 0.1; do echo tick; done' >"$T/ticks" </dev/null & ticks=$!
"$C" "$socket" pause 60 <"$T/tell" >"$T/paused" & pausing=$!
exec 8>"$T/tell"
for i in $(seq 100); do if grep -q paused "$T/paused"; then break; fi; sleep 0.1; done
sleep 0.5; before=$(wc -l <"$T/ticks"); sleep 1.5
[ "$(wc -l <"$T/ticks")" = "$before" ] || fail "a paused sandbox runs"
echo resume >&8
for i in $(seq 100); do if [ "$(wc -l <"$T/ticks")" -gt "$before" ]; then break; fi; sleep 0.1; done
[ "$(wc -l <"$T/ticks")" -gt "$before" ] || fail "a resumed sandbox does not run"
late=$(($(date +%s) - $("$C" "$socket" exec 'date +%s' </dev/null)))
[ $late -le 1 ] || fail "the clock inside is $late s late after it stood still"
exec 8>&-; wait $pausing || fail "pause and resume"
kill $ticks 2>/dev/null || true; wait $ticks 2>/dev/null || true
[ -S "$socket" ] || fail "a client that left after it resumed took the sandbox with it"

"$C" "$socket" discard || fail "Discard"
[ ! -e "$T/run/sandglass" ] || fail "Discard was answered before everything was gone"
code=0; wait $run || code=$?
[ "$code" = 125 ] || fail "the owner's code is $code"
