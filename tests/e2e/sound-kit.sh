# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of sound, sourced: a display, a real sound server of this test's own without hardware
# (PulseAudio; what is played into "out" and "mic" can be recorded from their monitors), a sandbox and its window.
#
#   PROFILE=FILE         a .wsb for it                 inside COMMAND...
#   card; onto_card <SAMPLES; from_card SECONDS      what programs inside do without a sound server
#   tone HZ SECONDS      samples (48 kHz, two channels, 16 bits) of a tone on standard output
#   heard FILE           "HZ PEAK SECONDS" of what is louder than nothing in recorded samples (48 kHz, one channel)
set -eu
B=${SG_BUILD:-${BUILD:-build}}
case $B in /*) ;; *) B=$PWD/$B ;; esac
S=${SANDGLASS:-$B/sandglass}
case $S in /*) ;; *) S=$PWD/$S ;; esac
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
for tool in Xvfb openbox xdotool pulseaudio pactl parec aplay arecord python3; do
  command -v $tool >/dev/null || skip "$tool is not installed"
done
for program in "$S" "$B/sandglass-viewer" "$B/sandglass-sound"; do [ -x "$program" ] || skip "$program is not built"; done

T=$(mktemp -d); PIDS=; id=
end () {
  for pid in $PIDS; do kill "$pid" 2>/dev/null || :; done
  [ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || :
  rm -rf "$T"
}
trap end EXIT
trap 'exit 1' INT TERM HUP
mkdir -p "$T/run/pulse" "$T/home"; chmod 700 "$T/run" "$T/run/pulse"
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" HOME="$T/home" XDG_RUNTIME_DIR="$T/run" XDG_CONFIG_HOME="$T/home/.config"
export LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY XAUTHORITY PULSE_SERVER || :

start () { "$@" & PIDS="$! $PIDS"; }
until_true () { # until_true SECONDS COMMAND...
  tries=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.2; done
}
sound_server () {
  pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
    -L "module-native-protocol-unix auth-anonymous=1 socket=$T/run/pulse/native" \
    -L 'module-null-sink sink_name=out rate=48000' -L 'module-null-sink sink_name=mic rate=48000' 2>"$T/pulse.log" &
  SERVER=$!; PIDS="$SERVER $PIDS"
  until_true 10 pactl set-default-sink out && pactl set-default-source mic.monitor || fail "no sound server: $(tail -n 3 "$T/pulse.log")"
}
window () { xdotool search --onlyvisible --name '^Sandbox' 2>/dev/null | tail -n 1; }
there () { [ -n "$(window)" ] && xdotool windowactivate --sync "$(window)"; }
open_window () { # of the sandbox $id
  mkfifo "$T/display"
  Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" 2>/dev/null & PIDS="$! $PIDS"
  read -r number <"$T/display"; export DISPLAY=":$number"
  openbox --sm-disable 2>/dev/null & PIDS="$! $PIDS"
  "$B/sandglass-viewer" --session "$id" 2>"$T/log" & VIEWER=$!; PIDS="$VIEWER $PIDS"
  until_true 60 there || fail "no window: $(cat "$T/log")"
}
inside () { timeout 60 "$S" exec "$id" -- "$@"; }

# The card itself: what ALSA is told of elsewhere would start the sound server inside, which wants the card, too.
card () { # waits for it, in a sandbox that boots
  is_there () { inside test -e /dev/snd/pcmC0D0p; }
  until_true 60 is_there || fail "no sound card inside"
  inside sh -c 'echo "pcm.card { type plug slave.pcm { type hw card 0 } }" >/tmp/card'
}
onto_card () { inside env ALSA_CONFIG_PATH=/tmp/card aplay -q -D card -f S16_LE -r 48000 -c 2; }
from_card () { inside env ALSA_CONFIG_PATH=/tmp/card arecord -q -D card -d "$1" -f S16_LE -r 48000 -c 1; }

tone () {
  python3 -c '
import math, struct, sys
hz, n = float(sys.argv[1]), int(48000 * float(sys.argv[2]))
sys.stdout.buffer.write(b"".join(struct.pack("<hh", v, v) for v in (int(12000 * math.sin(2 * math.pi * hz * i / 48000)) for i in range(n))))
' "$1" "$2"
}
# By zero crossings, in tenths of a second: the median of those that are loud from end to end.
heard () {
  python3 -c '
import struct, sys
data = open(sys.argv[1], "rb").read(); n = len(data) // 2
all, found, peak = struct.unpack("<%dh" % n, data[:2 * n]), [], 0
for k in range(0, n - 4799, 4800):
    piece = all[k:k + 4800]
    peak = max(peak, max(map(abs, piece)))
    if min(max(map(abs, piece[j:j + 480])) for j in range(0, 4800, 480)) > 300:
        found.append(10 * sum(1 for a, b in zip(piece, piece[1:]) if a < 0 <= b))
print(sorted(found)[len(found) // 2] if found else 0, peak, len(found) // 10)
' "$1"
}
# near A B PERCENT
near () { [ "$1" -ge $(($2 * (100 - $3) / 100)) ] && [ "$1" -le $(($2 * (100 + $3) / 100)) ]; }
