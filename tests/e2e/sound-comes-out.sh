#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A tone that a program inside plays is heard outside, at its pitch; nothing inside can listen; the window's process
# has no connection to the sound server, and the one that has it is gone when nothing plays.
set -eu
. "$(dirname "$0")/sound-kit.sh"
sound_server
id=$("$S" start -q) || fail "no sandbox"
card
[ -z "$(inside sh -c 'ls /dev/snd | grep pcm.*c$' || :)" ] || fail "something inside can listen: $(inside ls /dev/snd)"
from_card 1 >"$T/nothing" 2>/dev/null && fail "a recorder inside finds a device"
open_window
tone 440 2 >"$T/tone"
parec -d out.monitor --format=s16le --channels=1 --rate=48000 >"$T/out" & PIDS="$! $PIDS"
onto_card <"$T/tone" & playing=$!
# Who is connected while it plays: one process, which can start none and is not the window's.
until_true 20 sh -c "pactl list short sink-inputs | grep -q ." || fail "nothing plays: $(cat "$T/log")"
player=$(pgrep -P "$VIEWER" -f 'sandglass-sound play') || fail "nobody plays"
grep -qx 'NoNewPrivs:	1' "/proc/$player/status" && grep -qx 'Seccomp:	2' "/proc/$player/status" || fail "the player is not confined"
for pid in $(pgrep -P "$VIEWER"); do
  [ "$pid" = "$player" ] || ! pactl list clients | grep -q "process.id = \"$pid\"" || fail "the window's own process reaches the sound server"
done
wait $playing || fail "it cannot be played"
gone () { ! kill -0 "$player" 2>/dev/null; }
until_true 10 gone || fail "the player stays when nothing plays"
set -- $(heard "$T/out")
near "$1" 440 4 && near "$2" 12000 5 || fail "heard: $1 Hz, as loud as $2"

# A window that was taken over asks to listen, and sends what is no sound: nothing is heard of it.
cat >"$T/ask" <<'E2'
import socket, struct, subprocess, sys
program, verb, session, kind, rate, channels, length, more = sys.argv[1:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
ours.send(struct.pack("IIII", int(kind), int(rate), int(channels), int(length)) + bytes(int(more)))
process = subprocess.Popen([program, verb, session], stdin=theirs)
theirs.close()
try:
    sys.exit(process.wait(5))
except subprocess.TimeoutExpired:
    process.kill()
    sys.exit(99)
E2
ask () { code=0; python3 "$T/ask" "$B/sandglass-sound" "$@" 2>"$T/asked" || code=$?; }
ask listen "$id" 2 48000 1 0 0
[ $code = 4 ] && grep -q 'may not listen' "$T/asked" || fail "not granted, and the process answers $code: $(cat "$T/asked")"
ask play "$id" 2 48000 1 0 0;        [ $code = 0 ] || fail "asked to play, it listens? $code"
ask play "$id" 1 48000 2 1000000 40; [ $code = 0 ] || fail "a packet shorter than it says: $code"
ask play "$id" 1 0 0 40 40;          [ $code = 0 ] || fail "a sound of 0 Hz: $code"
