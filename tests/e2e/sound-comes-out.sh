#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A tone that a program inside plays is heard outside, at its pitch; nothing inside can listen; the window's process
# has no connection to the sound server, and the one that has it is gone when nothing plays.
set -eu
. "$(dirname "$0")/sound-kit.sh"
sound_server
id=$("$S" start -q) || fail "no sandbox"
[ -z "$(inside sh -c 'ls /dev/snd | grep pcm.*c$' || :)" ] || fail "something inside can listen: $(inside ls /dev/snd)"
inside arecord -l 2>/dev/null | grep -q card && fail "a recorder inside finds a device"
open_window
tone 440 2 >"$T/tone"
parec -d out.monitor --format=s16le --channels=1 --rate=48000 >"$T/out" & PIDS="$! $PIDS"
inside aplay -q -D plughw:0 -f S16_LE -r 48000 -c 2 <"$T/tone" & playing=$!
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
