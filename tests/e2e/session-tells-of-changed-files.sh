#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-as: root
# A file that was replaced on the host since the base was made is an error inside, never other
# contents, and the person is told; its neighbours are read as they were.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
D=/usr/local/share/sandglass-e2e-$$
trap 'rm -rf "$T" "$D"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: only root can replace a file of the system"; exit 77; }

mkdir -m 755 "$D"
for f in kept replaced rewritten removed; do
  head -c 20000 /dev/urandom >"$D/$f"
  sum=$(sha256sum <"$D/$f")
  eval "$f='$sum'"
done
chmod 644 "$D"/*
export XDG_CACHE_HOME="$T/cache"
"$S" base build --no-template >"$T/build" 2>&1 || fail "no base: $(cat "$T/build")"

# As a package manager does; by an editor in place; and gone.
head -c 20000 /dev/urandom >"$D/new"; mv "$D/new" "$D/replaced"
head -c 20000 /dev/urandom >"$D/rewritten"
rm "$D/removed"

code=0
"$S" run --cold -- sh -c "cd $D; for f in kept replaced rewritten removed; do
    sum=\$(sha256sum <\$f 2>/dev/null) && echo \"\$f \$sum\" || echo \"\$f error\"; done; sleep 1" >"$T/out" 2>"$T/err" || code=$?
[ "$code" = 0 ] || fail "code $code: $(cat "$T/err")"
grep -qx "kept $kept" "$T/out" || fail "a file beside them: $(cat "$T/out")"
for f in replaced rewritten removed; do
  grep -qx "$f error" "$T/out" || fail "$f is no error inside: $(cat "$T/out")"
done
grep -q "This computer was changed while the sandbox runs: $D/replaced" "$T/err" \
  || fail "the person is not told: $(cat "$T/err")"
