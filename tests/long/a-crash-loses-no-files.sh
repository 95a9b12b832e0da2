#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# QEMU is killed under a window: what was saved inside comes out all the same, on the command line and in the
# window; nothing else can be had of the sandbox, its last window's end is its end, and nothing of it stays.
# Without a window, and where saving is not allowed, it ends at once, as it always did.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
S=$PWD/$B/sandglass
case $B in /*) S=$B/sandglass ;; esac
id=
end_all () { [ -z "$id" ] || "$S" discard "$id" 2>/dev/null || :; end; }
trap end_all EXIT
sandbox='^Sandbox - '
question='^Save Files'
mkdir -p "$T/home/Downloads"

state () { "$S" list | awk -v id="$id" '$1 == id { print $2 }'; }
is () { [ "$(state)" = "$1" ]; }
kill_qemu () {
  for pid in $(pgrep -x qemu-system-x86); do
    grep -q "$id" "/proc/$pid/cmdline" && kill -9 "$pid" && return
  done
  fail "no QEMU of $id"
}
open_one () {
  id=$("$S" start -q) || fail "start"
  "$S" exec "$id" -- sh -c 'mkdir -p Documents Downloads; echo precious >Documents/letter.txt; echo half >Downloads/film.part; sync'
}

# --- nobody looks: it ends, and says so
open_one
kill_qemu
until_true 10 is '' || fail "without a window it stays: $("$S" list)"

# --- a window is open
open_one
"$B/sandglass-viewer" --session "$id" >"$T/viewer.log" 2>&1 & viewer=$!; PIDS="$viewer $PIDS"
until_true 30 is_there "$sandbox" || fail "no window: $(cat "$T/viewer.log")"
sleep 5
"$S" exec "$id" -- sleep 1000 2>"$T/err" & running=$!
sleep 1
kill_qemu
until_true 10 is stopped || fail "it is not kept: $("$S" list)"
wait $running && code=0 || code=$?
[ "$code" = 137 ] || fail "the command that ran ended with $code: $(cat "$T/err")"
sleep 1
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
if "$S" exec "$id" -- true 2>"$T/err"; then fail "a command runs in a sandbox that stopped"; fi
grep -q 'stopped unexpectedly' "$T/err" || fail "no reason: $(cat "$T/err")"

# --- on the command line
"$S" save-files "$id" --to "$T/home" >"$T/out" 2>&1 || fail "save-files: $(cat "$T/out")"
[ "$(cat "$T/home/letter.txt")" = precious ] || fail "the letter is $(cat "$T/home/letter.txt")"
[ "$(cat "$T/home/film.part")" = half ] || fail "the download is not there"
is stopped || fail "it is $(state) after that"
"$S" exec "$id" -- sh -c 'ls /sys/class/net' >"$T/net" || fail "no command over its files"
[ "$(cat "$T/net")" = lo ] || fail "it has a network: $(cat "$T/net")"

# --- in the window
activate "$sandbox"; sleep 0.5; key Return
until_true 30 is_there "$question" || fail "no list of files"
sleep 1
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
key space; sleep 0.3; key alt+s
until_true 20 test -e "$T/home/Downloads/letter.txt" || fail "the window saved nothing: $(ls "$T/home/Downloads")"
until_true 5 is_gone "$question" || fail "the question stays"

# --- killed again: it is kept, and shown again
kill_qemu; sleep 1
is stopped || fail "killed twice, it is $(state)"
rm "$T/home/letter.txt"
"$S" save-files "$id" --to "$T/home" Documents/letter.txt >"$T/out" 2>&1 || fail "the second time: $(cat "$T/out")"
[ "$(cat "$T/home/letter.txt")" = precious ] || fail "the second time another letter"

# --- the window goes, and everything with it
activate "$sandbox"; sleep 0.5; key alt+c
until_true 10 is '' || fail "it stays: $("$S" list)"
until_true 5 is_gone "$sandbox" || fail "the window stays"
sleep 1
pgrep -f "$id" >"$T/left" && fail "left: $(xargs ps -o args= -p <"$T/left")"
[ -z "$(ls "$XDG_RUNTIME_DIR/sandglass" | grep "$id")" ] || fail "its directory is there"
id=

# --- it restarts, and does not come up again: what was saved is on its disk
open_one
"$B/sandglass-viewer" --session "$id" >"$T/viewer.log" 2>&1 & viewer=$!; PIDS="$viewer $PIDS"
until_true 30 is_there "$sandbox" || fail "no window: $(cat "$T/viewer.log")"
sleep 2
"$S" exec "$id" -- sudo reboot 2>"$T/err" || :
until_true 30 is booting || fail "it does not restart: $(state)"
kill_qemu
until_true 10 is stopped || fail "after a restart it is not kept: $("$S" list)"
"$S" save-files "$id" --to "$T/home" Documents/letter.txt >"$T/out" 2>&1 || fail "save-files after a restart: $(cat "$T/out")"
[ "$(cat "$T/home/letter (2).txt")" = precious ] || fail "after a restart: $(ls "$T/home")"
if "$S" exec "$id" -- true 2>"$T/err"; then :; else fail "no command over its files: $(cat "$T/err")"; fi
activate "$sandbox"; sleep 0.5; key alt+c
until_true 10 is '' || fail "it stays: $("$S" list)"
id=
