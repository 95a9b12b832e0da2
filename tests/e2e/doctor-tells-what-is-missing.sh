#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Doctor's code says whether sandboxes can run; a missing tool comes with the command that mends it.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

if "$S" doctor >"$T/out"; then
  grep -q 'Sandboxes can run' "$T/out" || fail "$(cat "$T/out")"
else
  grep -q '^NO' "$T/out" || fail "it failed, and no line says why: $(cat "$T/out")"
fi
"$S" doctor --json >"$T/json" || true
if command -v python3 >/dev/null; then
  python3 -c '
import json, sys
found = json.load(open(sys.argv[1]))
assert isinstance(found["fine"], bool)
for check in found["checks"]:
    assert set(check) == {"id", "title", "need", "met", "found", "means", "mend"}, check
    assert check["met"] or check["means"], check
' "$T/json" || fail "the JSON"
fi

mkdir "$T/bin"
for dir in /usr/sbin /usr/bin /sbin /bin; do
  for program in "$dir"/*; do ln -sf "$program" "$T/bin/" 2>/dev/null || true; done
done
rm -f "$T/bin/nbdkit"
code=0
PATH=$T/bin "$S" doctor >"$T/out" || code=$?
[ "$code" = 1 ] || fail "without nbdkit: code $code"
grep -q '^NO .*nbdkit.*not installed' "$T/out" || fail "without nbdkit: $(cat "$T/out")"
