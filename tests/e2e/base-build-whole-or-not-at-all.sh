#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ctrl-C at any moment, a second build at once, a killed build: no half-made base is ever current,
# and nothing of it stays.
set -eu
S=${SANDGLASS:-build/sandglass}
ROOT=${BASE_ROOT:-/}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
export XDG_CACHE_HOME="$T/cache"
# The base alone, without a machine that is prepared from it.
alone=
! "$S" base build --help | grep -q -e --no-template || alone=--no-template
bases=$T/cache/sandglass/bases
leftovers () { find "$bases" -mindepth 1 -maxdepth 1 -name 'new-*' -o -name 'old-*'; }

# --- stopped
for wait in 0.02 0.1 0.3 0.6; do
  code=0
  timeout --foreground -s INT "$wait" "$S" base build $alone --root "$ROOT" >"$T/out" || code=$?
  [ -z "$(leftovers)" ] || fail "stopped after $wait s, there is $(leftovers)"
  case $code in
    0 | 124) ;; # 124: timeout(1) had to stop it
    *) fail "stopped after $wait s: code $code, $(tail -n 1 "$T/out")" ;;
  esac
  [ ! -s "$T/out" ] || tail -n 1 "$T/out" | grep -qE '"done":true|"cancelled":true|^$' || fail "its last words: $(tail -n 1 "$T/out")"
  "$S" base remove || fail "base remove"
done

# --- two at once: one builds, the other is told
"$S" base build $alone --root "$ROOT" --force >"$T/one" & one=$!
"$S" base build $alone --root "$ROOT" --force >"$T/two" & two=$!
first=0; wait $one || first=$?
second=0; wait $two || second=$?
[ "$first" = 0 ] || [ "$second" = 0 ] || fail "neither of two builds worked: $(tail -n 1 "$T/one" "$T/two")"
if [ "$first$second" != 00 ]; then
  cat "$T/one" "$T/two" | grep -q '"error":.*already' || fail "the other is not told why"
fi
"$S" base status >/dev/null || fail "no base after two builds at once"

# --- killed: the old base stays, the next build clears up
"$S" base build $alone --root "$ROOT" --force >/dev/null & build=$!
sleep 0.3
kill -KILL $build 2>/dev/null || true
wait $build 2>/dev/null || true
"$S" base status >/dev/null || fail "a killed build took the old base with it"
"$S" base build $alone --root "$ROOT" --force >/dev/null || fail "the build after a killed one"
[ -z "$(leftovers)" ] || fail "after a killed build there is still $(leftovers)"

# --- removed
"$S" base remove
[ "$(ls "$bases")" = lock ] || fail "after base remove there is still: $(ls "$bases")"
code=0
"$S" base status --json >"$T/status" || code=$?
[ "$code" = 1 ] && grep -q '"missing"' "$T/status" || fail "status of nothing: $(cat "$T/status")"
