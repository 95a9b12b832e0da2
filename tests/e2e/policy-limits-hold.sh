#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory, processors, disk, how many sandboxes, hardware virtualization: limits of the administrator hold in
# the machine, for profiles and for the command line, and are told where they are met.
set -eu
. "$(dirname "$0")/policy-kit.sh"

profile large '<MemoryInMB>3000</MemoryInMB><CpuCount>2</CpuCount><DiskInMB>9000</DiskInMB><Title>Large</Title>'
rules MaxMemoryMB=1400 MaxCpus=1 MaxDiskMB=1024 MaxSandboxes=1
"$S" run "$P" --plan -p "$T/large.wsb" -- true >"$T/plan"
grep -q '^Memory: .*1400 MB .*20-test.conf:2' "$T/plan" || fail "memory: $(cat "$T/plan")"
grep -q '^Processors: .*1  (.*20-test.conf:3' "$T/plan" || fail "processors: $(cat "$T/plan")"
grep -q '^Disk: *1 GiB .*20-test.conf:4' "$T/plan" || fail "disk: $(cat "$T/plan")"
"$S" run "$P" --plan --memory=2000 -- true | grep -q '^Memory: .*1400 MB' || fail "--memory is above the limit"

id=$("$S" start -q "$P" -p "$T/large.wsb" --approve); ids=$id
[ "$("$S" exec "$id" -- nproc)" = 1 ] || fail "processors inside: $("$S" exec "$id" -- nproc)"
kib=$("$S" exec "$id" -- sed -n 's/MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
[ "$kib" -le $((1400 * 1024)) ] && [ "$kib" -gt $((1100 * 1024)) ] || fail "memory inside: $kib KiB"
"$S" list | grep -q "^$id .*Large" || fail "the title: $("$S" list)"

# --- one at a time; the second is told by whom; the first one's place is free again when it is gone
"$S" run -q "$P" -- true 2>"$T/err" && fail "a second sandbox opens"
grep -q 'No more than 1 ' "$T/err" && grep -q '20-test.conf, line 5' "$T/err" || fail "the second: $(cat "$T/err")"

# --- the disk ends there: the machine stops, the host keeps the rest, and it is told
"$S" exec "$id" -- dd if=/dev/zero of=big bs=4M count=375 oflag=direct >/dev/null 2>&1 & writer=$!
qemu=$(qemu_of "$id")
stored () { # KiB that its nameless files take
  for fd in /proc/"$qemu"/fd/*; do
    case $(readlink "$fd") in *'(deleted)') stat -Lc '%b' "$fd" ;; esac
  done | sort -n | tail -n 1 | awk '{ print int ($1 / 2) }'
}
before=-1 still=0
for _ in $(seq 240); do # until it grows no more, for three seconds
  sleep 0.5
  now=$(stored)
  if [ "$now" = "$before" ] && [ "$now" -gt 800000 ]; then still=$((still + 1)); else still=0; fi
  [ "$still" -lt 6 ] || break
  before=$now
done
[ "$now" -le $((1100 * 1024)) ] || fail "the disk has $now KiB"
[ "$now" -ge $((800 * 1024)) ] || fail "the disk has only $now KiB: it did not get to its limit"
kill $writer 2>/dev/null || true
"$S" discard "$id"; ids=
"$S" run -q "$P" -- true || fail "its place is not free again"

# --- emulation refused (where there is no hardware virtualization that works)
rules RequireHardwareVirtualization=true
if "$S" run --plan -- true | grep -q '^Accelerator: tcg'; then
  "$S" run -q "$P" -- true 2>"$T/err" && fail "it opens in emulation"
  grep -q 'hardware virtualization' "$T/err" && grep -q '20-test.conf, line 2' "$T/err" || fail "emulation: $(cat "$T/err")"
else
  "$S" run -q "$P" -- true || fail "it does not open with hardware virtualization"
fi
