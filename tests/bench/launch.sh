#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast sandboxes open: woken from a template, from one that waited, and booted; and what they cost.
#
# Environment: BENCH_ROUNDS (10) of what is done in turn, BENCH_MANY (10) sandboxes at once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
display=
clean () {
  "$S" standby 0 >/dev/null 2>&1 || :
  for id in $(ids); do "$S" discard "$id" >/dev/null 2>&1 || :; done
  [ -z "$display" ] || kill "$display" 2>/dev/null || :
  rm -rf "$T"
}
trap clean EXIT
mkdir -m 700 "$T/run" "$T/vm"
XDG_RUNTIME_DIR=$T/run; export XDG_RUNTIME_DIR
ids () { "$S" list --json | sed -n 's/.*"id" : "\([0-9a-f]*\)".*/\1/p'; }
# total MEMBER: the sum over all sandboxes of a number in `list --json`
total () { "$S" list --json | sed -n "s/.*\"$1\" : \([0-9]*\).*/\1/p" | awk '{ n += $1 } END { print n + 0 }'; }
column () { awk -v n="$1" '{ print $n }' "$2"; }
share () { awk "BEGIN { printf \"%.0f\", 100 * $1 / $2 }"; }

n=${BENCH_ROUNDS:-10} many=${BENCH_MANY:-10}
[ -z "${BENCH_QUICK:-}" ] || { n=3 many=4; }
"$S" base build --json >"$T/build" || { cat "$T/build" >&2; exit 1; }
woken () { "$S" run --plan | grep -q '^Start: *woken' || { echo "bench: there is no template" >&2; exit 1; }; }
woken

# --- the whole process, the machine alone, from one that waited: in turn
waiting () { ls "$T"/run/sandglass/*/standby >/dev/null 2>&1; }
one_waits () { "$S" standby 1 2>"$T/why" || return 1; while ! waiting; do sleep 0.1; done; sleep 1; }
"$B/bench-loadvm" "$T/vm" save 2>"$T/why" || { echo "bench: no snapshot: $(cat "$T/why")" >&2; rm -rf "$T/vm"; }
"$S" run -q -- true # how machines run here is found out once, which may take seconds
i=0
while [ $i -lt "$n" ]; do
  "$B/tests/cpu-of" "$S" run -q --timings -- true 2>"$T/steps.$i" >>"$T/clone"
  "$B/tests/cpu-of" "$S" run -q --cold -- true 2>/dev/null >>"$T/cold"
  # a machine of software emulation sometimes spins after loadvm and never answers: that round has no figure
  if [ -d "$T/vm" ]; then timeout 60 "$B/bench-loadvm" "$T/vm" load >>"$T/loadvm" || echo x >>"$T/hung"; fi
  if one_waits; then seconds "$S" run -q -- true >>"$T/standby"; fi
  i=$((i + 1))
done
rm -rf "$T/vm"
for f in clone cold; do
  column 1 "$T/$f" >"$T/$f.wall"; column 3 "$T/$f" >"$T/$f.cpu"; column 4 "$T/$f" >"$T/$f.faults"
done
# when FILE WORDS: milliseconds of the mark, in one run
when () { sed -n 's/^ *\([0-9.]*\) ms *[0-9.]* ms  \(.*\)/\1 \2/p' "$1" | awk -v w="$2" 'index($0, w) { print $1; exit }'; }
at () { for f in "$T"/steps.*; do when "$f" "$1"; done >"$T/at"; median "$T/at"; }
for f in "$T"/steps.*; do
  awk "BEGIN { printf \"%.3f\\n\", ($(when "$f" '(the agent') - $(when "$f" migrate-set)) / 1000 }"
done >"$T/machine"

# --- the desktop in the window, on a display of our own
if command -v Xvfb >/dev/null; then
  mkfifo "$T/display"
  Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$T/display" >/dev/null 2>&1 & display=$!
  read -r number <"$T/display"
  DISPLAY=:$number; export DISPLAY
  woken
  i=0
  while [ $i -lt "$n" ]; do
    "$B/bench-first-frame" clone >>"$T/see.clone"
    "$B/bench-first-frame" cold >>"$T/see.cold"
    for f in standby standby-alone; do
      if one_waits; then "$B/bench-first-frame" $f >>"$T/see.$f"; fi
    done
    i=$((i + 1))
  done
  for f in clone cold standby standby-alone; do
    [ ! -s "$T/see.$f" ] || { column 1 "$T/see.$f" >"$T/see.$f.s"; column 2 "$T/see.$f" >"$T/see.$f.seen"; }
  done
fi

# --- many
# all FILE OPTIONS...: opens that many at once, waits until the last is usable; the seconds of each in FILE
all () {
  all_file=$1 k=0; shift
  while [ $k -lt "$many" ]; do
    (T=$(mktemp -d "$T/one-XXXXXX"); seconds "$S" start -q "$@" >"$T/s" || kill $$; cat "$T/s" >>"$all_file") & k=$((k + 1))
  done
  wait_for_all "$k" "$all_file"
}
wait_for_all () { while [ "$(cat "$2" 2>/dev/null | wc -l)" -lt "$1" ]; do sleep 0.05; done; }
woken
many_clone=$(seconds all "$T/each.clone"); sleep 5
memory_clone=$(total proportional-bytes)
for id in $(ids); do seconds "$S" discard "$id" >>"$T/discard"; done
many_cold=$(seconds all "$T/each.cold" --cold); sleep 5
memory_cold=$(total proportional-bytes)
for id in $(ids); do "$S" discard "$id"; done

# --- the page
# row WHAT OURS PEER_NAME PEER TARGET: a comparison of two files, "so many times faster"
row () {
  row_a=$(median "$2") row_b=$(median "$4") row_r=$(ratio "$(median "$4")" "$(median "$2")")
  echo "| $1 | $row_a s ($(p95 "$2") s) | $3: $row_b s ($(p95 "$4") s) | ${row_r}x faster | $5x | $(verdict "$row_r" '>=' "$5") |"
}
cat <<END
## Opening a sandbox

Medians of $n, in turn, and in brackets the 95th percentile.

| what | figure | peer in the same run | | target | |
| --- | --- | --- | --- | --- | --- |
END
row '`run -- true`, whole process' "$T/clone.wall" '`--cold`' "$T/cold.wall" 12
[ ! -s "$T/standby" ] || row 'the same from one that waited' "$T/standby" 'woken then' "$T/clone.wall" 1
if [ -s "$T/see.clone.s" ]; then
  row 'click to the desktop in the window' "$T/see.clone.s" 'booted' "$T/see.cold.s" 10
  if [ -s "$T/see.standby.s" ]; then
    row 'the same from one that waited, with its window: seen' "$T/see.standby.seen" 'woken then' "$T/see.clone.seen" 3
    row 'the same, and commands can run' "$T/see.standby.s" 'woken then' "$T/see.clone.s" 3
  fi
  [ ! -s "$T/see.standby-alone.s" ] || row 'the same from one that waited, without a window' "$T/see.standby-alone.s" 'woken then' "$T/see.clone.s" 1
fi
[ ! -s "$T/loadvm" ] || row 'the machine alone: restore to first answer' "$T/machine" "QEMU's \`loadvm\` of the same machine" "$T/loadvm" 2
c=$(median "$T/clone.cpu") b=$(median "$T/cold.cpu") r=$(ratio "$many_cold" "$many_clone")
cat <<END
| processor seconds of all processes of \`run -- true\` | $c s | \`--cold\`: $b s | $(share "$c" "$b") % | 10 % | $(verdict "$(share "$c" "$b")" '<=' 10) |
| $many at once, until the last is usable (median of each) | $many_clone s ($(median "$T/each.clone") s) | \`--cold\`: $many_cold s ($(median "$T/each.cold") s) | ${r}x faster | 10x | $(verdict "$r" '>=' 10) |
| memory of $many idle ones, each with its fair part of what is shared | $(mb "$memory_clone") | \`--cold\`: $(mb "$memory_cold") | $(share "$memory_clone" "$memory_cold") % | 30 % | $(verdict "$(share "$memory_clone" "$memory_cold")" '<=' 30) |
| throwing one away, until its last process is gone (median of $many) | $(median "$T/discard") s ($(p95 "$T/discard") s) | waking one: $(median "$T/clone.wall") s | | within that | $(verdict "$(median "$T/discard")" '<=' "$(median "$T/clone.wall")") |

The window is a real one on a display of its own, and looked at for the mark on the guest's panel, from the moment at which the
session is started or taken until it is there *and* commands can run inside$([ ! -s "$T/see.standby.seen" ] || echo "; with a window that waited it is
there, as a still picture of the same machine, after $(median "$T/see.standby.seen") s"). \`loadvm\` is timed from the command until the agent has answered greeting, clock, entropy and identity, without
walls and without encryption; a clone likewise from its first command to QEMU, with both, its disk, and what is plugged in.

$([ ! -s "$T/hung" ] || echo "In $(wc -l <"$T/hung") of $n rounds the machine that \`loadvm\` had brought back did not answer within 60 s; they are left out.")

Where a launch goes (milliseconds after the supervisor began to start processes; medians): all processes started $(at '(all processes'),
scratch disk made $(at '(the scratch'), QEMU answers $(at 'migrate-set'), state restored $(at 'MIGRATION'), disk in place $(at 'blockdev-reopen'), the machine runs
$(at '(the machine'), the guest's agent was greeted and the machine is its own $(at '(the agent'). Page faults of all processes: $(median "$T/clone.faults"), cold $(median "$T/cold.faults").

END
