#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sound both ways, with a real sound server: how loud, muted, a server that goes and comes back, none at all; where
# the microphone is granted, what is said outside is recorded inside, while a light shows it and a click cuts it off.
# While the screen is locked nobody listens.  Driven by accessibility, so that everything has a name.
set -eu
KIT=$(dirname "$0")/../e2e
. "$KIT/sound-kit.sh"
. "$KIT/../ui/tree-kit.sh"
sound_server
echo '<Configuration><AudioInput>Enable</AudioInput></Configuration>' >"$T/listens.wsb"
id=$("$S" start -q --profile "$T/listens.wsb" --approve) || fail "no sandbox"
open_window
mkfifo "$T/lock"; "$B/tests/lock-screen" <"$T/lock" 2>"$T/lock.log" & PIDS="$! $PIDS"
exec 8>"$T/lock"
# A reader that looks before the window has joined the bus may see an empty desktop for good: another each time.
# (It waits up to ten seconds for one answer.)
shown () { timeout 30 "$B/tests/tree" print | grep -q "$1"; }
until_true 60 shown 'Sound: 100 percent' || fail "no loudspeaker in the bar: $(timeout 30 "$B/tests/tree" print) $(cat "$T/log")"
all_named
card

# play: a tone inside; what came out is in $T/out, "HZ PEAK SECONDS" in $1 $2 $3
tone 440 2 >"$T/tone"
play () {
  parec -d out.monitor --format=s16le --channels=1 --rate=48000 >"$T/out" & recorder=$!; PIDS="$recorder $PIDS"
  sleep 0.5
  onto_card <"$T/tone" || fail "it cannot be played"
  sleep 1
  kill $recorder; wait $recorder || :
  heard "$T/out"
}

# --- how loud
again () { played=$(play); set -- $played; near "$1" 440 4 && near "$2" 12000 5; }
until_true 5 again || fail "heard: $played (Hz, loudness, seconds)" # a desktop that still starts makes it stutter
press 'toggle button' 'Sound: 100 percent'; press 'check box' Mute; has 'toggle button' 'Sound: muted'
played=$(play); set -- $played; [ "$2" = 0 ] || fail "muted, and heard: $1 Hz, as loud as $2"
press 'check box' Mute; sleep 0.5; xdotool key Escape

# --- the server goes, and comes back
kill "$SERVER"; wait "$SERVER" || :
onto_card <"$T/tone" || fail "without a sound server, it cannot be played inside"
grep -q 'no sound on this computer' "$T/log" || fail "no word that there is no sound: $(cat "$T/log")"
sound_server
until_true 5 again || fail "with the server again, nothing is heard"

# --- the microphone
inside sh -c 'ls /dev/snd | grep -q pcm.*c$' || fail "granted, and no device that listens"
light () { shown "$1"; }
listens () { pactl list source-outputs | grep -q 'application.name = "Sandglass"'; }
is_silent () { ! listens; }
! listens && ! light 'Microphone' || fail "somebody listens, and nothing inside has asked for it"
tone 600 10 >"$T/said"
# For as long as this test takes, on whatever computer.
{ while cat "$T/said" 2>/dev/null; do :; done; } | pacat -d mic --format=s16le --channels=2 --rate=48000 & PIDS="$! $PIDS"
hear () { from_card 3 >"$T/in.wav" 2>"$T/arecord"; tail -c +4097 "$T/in.wav" >"$T/in"; }
hear & recorder=$!
until_true 20 listens || fail "it records inside, and nobody listens outside: $(cat "$T/arecord" "$T/log")"
light 'Microphone in use' || fail "it listens without a light"
[ -z "${LOOK:-}" ] || import -window root "$LOOK"
wait $recorder
set -- $(heard "$T/in"); near "$1" 600 5 && [ "$2" -gt 6000 ] || fail "recorded inside: $1 Hz, as loud as $2: $(cat "$T/arecord" "$T/log")"
until_true 5 is_silent || fail "it listens when nothing records any more"
dark () { ! light 'Microphone'; }
until_true 6 dark || fail "the light stays on"

# --- cut off by a click, while it records and for what comes after
hear & recorder=$!
until_true 20 listens || fail "the second time, nobody listens"
press 'push button' 'Microphone in use'
until_true 5 is_silent || fail "cut off, and it still listens"
has 'push button' 'Microphone cut off'
wait $recorder
hear & recorder=$!
sleep 1; is_silent || fail "cut off, and it listens again"
wait $recorder
set -- $(heard "$T/in"); [ "$2" -lt 10 ] || fail "cut off, and recorded inside: as loud as $2"
press 'push button' 'Microphone cut off'
hear & recorder=$!
until_true 20 listens || fail "let in again, nobody listens"
wait $recorder
set -- $(heard "$T/in"); near "$1" 600 5 || fail "let in again, recorded inside: $1 Hz"

# --- while the screen is locked, which the microphone's light cannot be seen on; and afterwards again
hear & recorder=$!
until_true 20 listens || fail "before the lock, nobody listens"
echo L >&8
until_true 5 is_silent || fail "the screen is locked, and it still listens"
wait $recorder
hear & recorder=$!
sleep 1.5; is_silent || fail "the screen is locked, and it listens again"
wait $recorder
set -- $(heard "$T/in"); [ "$2" -lt 10 ] || fail "the screen is locked, and recorded inside: as loud as $2"
hear & recorder=$!
echo U >&8
until_true 20 listens || fail "unlocked, and nobody listens"
wait $recorder

# --- through the sound server inside, which comes when it is asked
! inside pgrep -x pulseaudio >/dev/null || fail "a sound server inside that nobody needs"
parec -d out.monitor --format=s16le --channels=1 --rate=48000 >"$T/out" & recorder=$!; PIDS="$recorder $PIDS"
inside pacat -p --format=s16le --rate=48000 --channels=2 <"$T/tone" || fail "the sound server inside cannot be reached"
sleep 3; kill $recorder; wait $recorder || :
played=$(heard "$T/out"); set -- $played; [ "$2" -gt 1000 ] || fail "through the sound server inside, heard: as loud as $2" # under emulation it stutters
inside pkill -x pulseaudio || fail "no sound server inside"
