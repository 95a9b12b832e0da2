#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever goes on in sandboxes, the template that they were woken from stays the same, byte for byte; and
# nobody needs to be trusted for that: the machine's process cannot open it for writing.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" base build --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
"$S" run --plan | grep -q '^Start: *woken' || fail "no template: $("$S" run --plan | sed -n 2p)"
templates=${XDG_CACHE_HOME:-$HOME/.cache}/sandglass/templates
sums () { (cd "$templates" && find . -type f ! -name verified -exec b2sum {} + | sort); }
sums >"$T/before"
[ "$(wc -l <"$T/before")" -ge 4 ] || fail "the template has no files"
# Gigabytes are read for that: once, after all of it.
changed () { sums >"$T/after"; ! cmp -s "$T/before" "$T/after"; }

"$S" run -u root -- sh -c 'dd if=/dev/urandom of=/var/fill bs=1M count=150 2>/dev/null; rm /var/fill; sync' || fail "filling the disk"
"$S" run -u root -- sh -c 'mount -t tmpfs t /mnt; dd if=/dev/urandom of=/mnt/fill bs=1M count=400 2>/dev/null; rm /mnt/fill
  echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory' || fail "filling memory"
"$S" run -u root -- sh -c 'rm -rf /usr/bin /usr/sbin /etc 2>/dev/null; :' || :
"$S" run -u root -- sh -c 'echo c >/proc/sysrq-trigger; sleep 20' 2>/dev/null || :
"$S" run -u root -- sh -c 'echo b >/proc/sysrq-trigger; sleep 20' 2>/dev/null || :
changed && fail "the template changed: $(diff "$T/before" "$T/after")"

# And it still wakes.
"$S" run --plan | grep -q '^Start: *woken' || fail "it is no longer used: $("$S" run --plan | sed -n 2p)"
[ "$("$S" run -- echo still)" = still ] || fail "it does not wake any more"
