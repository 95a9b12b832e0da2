#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast sandboxes open: woken from a template, from one that waited, and booted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
clean () {
  "$S" standby 0 >/dev/null 2>&1 || :
  for id in $(ids); do "$S" discard "$id" >/dev/null 2>&1 || :; done
  rm -rf "$T"
}
trap clean EXIT
mkdir -m 700 "$T/run"
XDG_RUNTIME_DIR=$T/run; export XDG_RUNTIME_DIR
ids () { "$S" list --json | sed -n 's/.*"id" : "\([0-9a-f]*\)".*/\1/p'; }
# total MEMBER: the sum over all sandboxes of a number in `list --json`
total () { "$S" list --json | sed -n "s/.*\"$1\" : \([0-9]*\).*/\1/p" | awk '{ n += $1 } END { print n + 0 }'; }
column () { awk -v n="$1" '{ print $n }' "$2"; }

n=10 cold=3 many=10
[ -z "${BENCH_QUICK:-}" ] || { n=5 cold=2 many=4; }
"$S" base build --json >"$T/build" || { cat "$T/build" >&2; exit 1; }
"$S" run --plan | grep -q '^Start: *woken' || { echo "bench: there is no template" >&2; exit 1; }

# --- one after the other, in turn
i=0
while [ $i -lt $n ]; do
  "$B/tests/cpu-of" "$S" run -q -- true 2>/dev/null >>"$T/clone"
  [ $i -ge $cold ] || "$B/tests/cpu-of" "$S" run -q --cold -- true 2>/dev/null >>"$T/cold"
  "$S" standby 1 2>"$T/why" || break
  while ! ls "$T"/run/sandglass/*/standby >/dev/null 2>&1; do sleep 0.1; done
  sleep 1
  seconds "$S" run -q -- true >>"$T/standby"
  i=$((i + 1))
done
for f in clone cold; do
  column 1 "$T/$f" >"$T/$f.wall"; column 3 "$T/$f" >"$T/$f.cpu"; column 4 "$T/$f" >"$T/$f.faults"
done

# --- where the time goes: the median of each mark
i=0
while [ $i -lt $n ]; do "$S" run -q --timings -- true 2>&1 | sed -n 's/^ *\([0-9.]*\) ms *[0-9.]* ms  \(.*\)/\1 \2/p' >"$T/steps.$i"; i=$((i + 1)); done
at () { # WORDS: when, in ms
  for f in "$T"/steps.*; do awk -v w="$1" 'index($0, w) { print $1; exit }' "$f"; done >"$T/at"
  median "$T/at"
}

# --- many
# all OPTIONS...: opens that many at once, waits until the last is usable
all () { k=0; while [ $k -lt $many ]; do "$S" start -q "$@" >/dev/null & k=$((k + 1)); done; wait; }
each () { for id in $(ids); do "$S" discard "$id"; done; }
many_clone=$(seconds all); sleep 5
memory_clone=$(total proportional-bytes)
teardown=$(seconds each); teardown=$(awk "BEGIN { printf \"%.3f\", $teardown / $many }")
many_cold=$(seconds all --cold); sleep 5
memory_cold=$(total proportional-bytes)
each

c=$(median "$T/clone.wall") b=$(median "$T/cold.wall")
share () { awk "BEGIN { printf \"%.0f\", 100 * $1 / $2 }"; }
cat <<END
## Opening a sandbox

| what | figure | peer in the same run | | target | |
| --- | --- | --- | --- | --- | --- |
| \`run -- true\`, whole process, median of $n (p95) | $c s ($(p95 "$T/clone.wall") s) | \`--cold\`: $b s (median of $cold) | $(ratio "$b" "$c")x faster | 12x | $(verdict "$(ratio "$b" "$c")" '>=' 12) |
END
if [ -s "$T/standby" ]; then
  s=$(median "$T/standby")
  echo "| the same from one that waited (p95) | $s s ($(p95 "$T/standby") s) | woken then: $c s | $(ratio "$c" "$s")x faster | 3x | $(verdict "$(ratio "$c" "$s")" '>=' 3) |"
fi
cat <<END
| processor seconds of all processes | $(median "$T/clone.cpu") s | \`--cold\`: $(median "$T/cold.cpu") s | $(share "$(median "$T/clone.cpu")" "$(median "$T/cold.cpu")") % | 10 % | $(verdict "$(share "$(median "$T/clone.cpu")" "$(median "$T/cold.cpu")")" '<=' 10) |
| $many at once, until the last is usable | $many_clone s | \`--cold\`: $many_cold s | $(ratio "$many_cold" "$many_clone")x faster | 10x | $(verdict "$(ratio "$many_cold" "$many_clone")" '>=' 10) |
| memory of $many idle ones, each with its fair part of what is shared | $(mb "$memory_clone") | \`--cold\`: $(mb "$memory_cold") | $(share "$memory_clone" "$memory_cold") % | 30 % | $(verdict "$(share "$memory_clone" "$memory_cold")" '<=' 30) |
| teardown of one, until the last process is gone | $teardown s | waking one: $c s | | within that | $(verdict "$teardown" '<=' "$c") |

Where a launch goes (milliseconds after the supervisor began to start processes; medians): all processes started $(at '(all processes'),
scratch disk made $(at '(the scratch'), QEMU answers $(at 'migrate-set'), state restored $(at 'MIGRATION'), disk in place $(at 'blockdev-reopen'), the machine runs
$(at '(the machine'), the guest's agent was greeted and the machine is its own $(at '(the agent'). Page faults of all processes: $(median "$T/clone.faults"), cold $(median "$T/cold.faults").

END
