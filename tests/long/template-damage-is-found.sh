#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A damaged template is never used: it is removed, the sandbox boots instead, that is said, and another one is
# made in the background; a build that is killed leaves nothing that would be used, and the next one works.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# A cache of our own: what is damaged here is nobody else's.  The base is copied, the template made.
user_cache=${XDG_CACHE_HOME:-$HOME/.cache}/sandglass
"$S" base build --no-template --json >"$T/build" || fail "no base: $(tail -n 1 "$T/build")"
mkdir -p "$T/cache/sandglass"
cp -a --sparse=always "$user_cache/bases" "$T/cache/sandglass/"
[ ! -e "$user_cache/accelerator" ] || cp "$user_cache/accelerator" "$T/cache/sandglass/"
XDG_CACHE_HOME=$T/cache; export XDG_CACHE_HOME
templates=$T/cache/sandglass/templates

# Killed half-way: all of it, at once.
setsid "$S" base build --json >"$T/killed" 2>&1 &
group=$!
i=0
until ls -d "$templates"/new-* >/dev/null 2>&1 && grep -q 'Starting the desktop' "$T/killed"; do
  i=$((i + 1)); [ $i -lt 600 ] || fail "no build began: $(tail -n 2 "$T/killed")"
  sleep 0.2
done
kill -9 "-$group"
wait "$group" 2>/dev/null || :
i=0
while ls -d "$templates"/new-* >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 50 ] || break; sleep 0.2; done
"$S" run --plan | grep -q '^Start: *boots' || fail "half a template is used"

"$S" base build --json >"$T/again" || fail "the next build fails: $(tail -n 1 "$T/again")"
"$S" run --plan | grep -q '^Start: *woken' || fail "the next build made no template: $(tail -n 2 "$T/again")"
ls -d "$templates"/new-* >/dev/null 2>&1 && fail "the killed build's files are still there"

# A bit of the state, with its times as they were.
state=$(ls "$templates"/*/state)
info=$(dirname "$state")/info
cp -p "$state" "$T/state"
chmod u+w "$state"
printf X | dd of="$state" bs=1 seek=100000 conv=notrunc 2>/dev/null
touch -r "$T/state" "$state"
out=$("$S" run -- echo usable 2>"$T/err") || fail "no sandbox: $(cat "$T/err")"
[ "$out" = usable ] || fail "said: $out"
grep -q 'damaged' "$T/err" || fail "nothing was said: $(cat "$T/err")"
[ ! -e "$info" ] || fail "the damaged template is still there"

# It is made anew by itself, behind, by one process; until then sandboxes boot.
builds () { pgrep -f "^$(dirname "$S")/sandglass base build --json|^$PWD/$(dirname "$S")/sandglass base build --json" | wc -l; }
"$S" run -- true 2>/dev/null || fail "no sandbox while one is prepared"
[ "$(builds)" -le 1 ] || fail "$(builds) builds at once"
"$S" base build --behind | grep -q 'Nothing was started' || fail "--behind begins another one"
i=0
until "$S" run --plan | grep -q '^Start: *woken'; do
  i=$((i + 1)); [ $i -lt 600 ] || fail "it was not made anew"
  sleep 1
done

# Who has cut the memory short, or taken a file away: the same, without a word too much.
ram=$(ls "$templates"/*/ram)
chmod u+w "$ram"; truncate -s -4096 "$ram"
[ "$("$S" run -- echo usable 2>"$T/err")" = usable ] || fail "no sandbox after the memory was cut short: $(cat "$T/err")"
grep -q 'damaged' "$T/err" || fail "nothing was said of the cut: $(cat "$T/err")"

# Not again within minutes: where it cannot be made, each sandbox would try.
[ "$(builds)" = 0 ] || fail "it was tried again at once"
touch -d '-20 minutes' "$T/cache/sandglass/template-tried"
"$S" run -- true 2>/dev/null
i=0
until "$S" run --plan | grep -q '^Start: *woken'; do
  i=$((i + 1)); [ $i -lt 600 ] || fail "it was not made anew the second time"
  sleep 1
done
