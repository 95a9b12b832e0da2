#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# On a terminal the command has one of the same size, and the person's is given back.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

command -v script >/dev/null || { echo "skipped: script(1) is not installed"; exit 77; }
cat >"$T/inside" <<'END'
stty rows 33 cols 91
before=$(stty -g)
"$S" run -q -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo terminal; stty size; exit 6'
echo "code $?"
[ "$(stty -g)" = "$before" ] && echo 'given back'
END
export S
script -qec "sh $T/inside" /dev/null </dev/null >"$T/out" 2>&1 || true
for line in terminal '33 91' 'code 6' 'given back'; do
  # script(1) sends its end of input as a key; what runs before the command echoes that as "^@"
  tr -d '\r' <"$T/out" | sed 's/^\(\^@\)*//' | grep -qx "$line" || fail "no '$line' in: $(cat "$T/out")"
done
