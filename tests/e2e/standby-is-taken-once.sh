#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine that waits is taken by one start and no other; one that no longer fits is not taken; those that
# wait leave nothing when they end, however they end.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
fail () { echo "FAILED: $*" >&2; exit 1; }
clean () { "$S" standby 0 >/dev/null 2>&1 || :; rm -rf "$T"; }
trap clean EXIT
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# A runtime directory of our own, so that nobody else's machines count.
XDG_RUNTIME_DIR=$T/run; export XDG_RUNTIME_DIR
mkdir -m 700 "$T/run"
sessions () { ls "$T/run/sandglass" 2>/dev/null | wc -l; }
waiting () { ls "$T"/run/sandglass/*/standby 2>/dev/null | wc -l; }
await () { # COUNT: machines that wait, within a minute
  i=0
  while [ "$(waiting)" != "$1" ]; do
    i=$((i + 1)); [ $i -lt 600 ] || fail "$(waiting) wait, not $1"
    sleep 0.1
  done
}
fill () {
  "$S" standby "$1" 2>"$T/why" || { grep -q 'no machine is kept' "$T/why" && { echo "skipped: $(cat "$T/why")"; exit 77; }; fail "$(cat "$T/why")"; }
  await "$1"
}

"$S" base build --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
"$S" run --plan | grep -q '^Start: *woken' || fail "no template: $("$S" run --plan | sed -n 2p)"

fill 1
id=$(basename "$(dirname "$(ls "$T"/run/sandglass/*/standby)")")
"$S" list --json | grep -q "$id" && fail "one that waits is listed as open"
# What it takes is said where somebody asks.
megabytes () { sed -n 's/.*"'"$1"'" : \([0-9]*\)[0-9]\{6\}.*/\1/p'; }
"$S" list --waiting --json >"$T/list"
grep -q "\"$id\"" "$T/list" && grep -q '"state" : "waiting"' "$T/list" || fail "it is not listed as waiting: $(cat "$T/list")"
[ "$(megabytes proportional-bytes <"$T/list")" -ge 20 ] || fail "it takes no memory: $(cat "$T/list")"
"$S" list --waiting | grep -q "^$id  waiting .* [0-9]* MB$" || fail "a person sees: $("$S" list --waiting)"
[ "$("$S" standby --json | megabytes memory-bytes)" -ge 20 ] || fail "in all, it takes no memory: $("$S" standby --json)"
"$S" standby | grep -q 'One machine waits.* takes .* of memory' || fail "a person is told: $("$S" standby)"
for i in 1 2; do
  "$S" run -- sh -c 'cat /proc/sys/kernel/random/boot_id; hostname; date +%s' >"$T/out.$i" 2>"$T/err.$i" &
done
wait
for i in 1 2; do [ "$(wc -l <"$T/out.$i")" = 3 ] || fail "run $i: $(cat "$T/out.$i" "$T/err.$i")"; done
[ "$(cat "$T/out.1" "$T/out.2" | sed 3d | sed 5d | sort | uniq -d)" = "" ] || fail "two are the same one"
taken=$(grep -l "sandbox-$(printf %.8s "$id")" "$T"/out.? | wc -l)
[ "$taken" = 1 ] || fail "the machine that waited was taken by $taken"
for i in 1 2; do
  late=$(($(date +%s) - $(sed -n 3p "$T/out.$i")))
  [ $late -lt 60 ] && [ $late -gt -5 ] || fail "the clock of $i is $late s behind"
done
await 0

# What was asked for is there, also from one that waited.
fill 1
out=$("$S" run --memory 2000 --cpus 3 -- sh -c 'nproc; sed -n "s/MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo')
[ "$(echo "$out" | sed -n 1p)" = 3 ] || fail "not three processors: $out"
[ "$(echo "$out" | sed -n 2p)" -gt 1700000 ] || fail "not two gigabytes: $out"

# Other QEMU, other kernel, other base: not the machine that waits.  Here: a smaller one than the template.
fill 1
"$S" run --memory 900 -- true || fail "a start that the waiting one cannot serve fails"
[ "$(waiting)" = 1 ] || fail "it was taken though it does not fit"

# For a profile: nobody else's; and gone when that file is another one, also when others are asked for.
"$S" standby 0
await 0
printf '<Configuration><Networking>Disable</Networking></Configuration>' >"$T/p.wsb"
"$S" standby 1 --profile "$T/p.wsb"
await 1
id=$(ls "$T"/run/sandglass)
"$S" run -- true || fail "a start that the waiting one is not for fails"
"$S" standby 1 --profile "$T/p.wsb"
[ "$(ls "$T"/run/sandglass)" = "$id" ] || fail "one that waits for a profile was taken without: $id, $(ls "$T"/run/sandglass)"
absolute=$(realpath "$S")
cp "$T/p.wsb" "$T/q.wsb"
[ "$("$S" run --approve --profile "$T/q.wsb" -- hostname)" != "sandbox-$id" ] || fail "one that waits for a profile was taken by another one"
(cd "$T" && SG_OTHER=1 "$absolute" run --approve --profile p.wsb -- true) || fail "in another environment: no sandbox"
[ "$(ls "$T"/run/sandglass)" = "$id" ] || fail "one that waits for a profile was taken in another environment"
(cd "$T" && "$absolute" run --approve --profile p.wsb -- sh -c 'hostname; ls /sys/class/net') >"$T/out" || fail "no sandbox by the profile that one waits for"
[ "$(cat "$T/out")" = "sandbox-$id
lo" ] || fail "not the one that waits for this profile, $id: $(cat "$T/out")"
await 0
"$S" standby 1 --profile "$T/p.wsb"
await 1
id=$(ls "$T"/run/sandglass)
printf '<Configuration></Configuration>' >"$T/p.wsb"
"$S" standby 1
i=0
while [ -e "$T/run/sandglass/$id" ]; do i=$((i + 1)); [ $i -lt 100 ] || fail "it waits for what that file was"; sleep 0.1; done
await 1

# Killed, or sent away: gone, with everything.
"$S" standby 0
await 0
supervisors () { ps -eo pid,args | awk '/sandglass-sessio[n] --standby/ { print $1 }' | sort; }
supervisors >"$T/before"
fill 1
supervisors >"$T/after"
pid=$(comm -13 "$T/before" "$T/after" | head -n 1)
[ -n "$pid" ] || fail "its supervisor is not found"
gone () { # within some seconds
  i=0
  while [ "$(sessions)" != 0 ]; do
    i=$((i + 1)); [ $i -lt 100 ] || fail "left behind: $(ls "$T/run/sandglass")"
    sleep 0.1
  done
}
kill -9 "$pid"
gone
fill 2
"$S" standby 0
gone
