#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes in by standard input comes out the same, every byte of 100 MB.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

printf 'a\0b' | "$S" run -- od -An -c >"$T/od"
[ "$(tr -d ' \n' <"$T/od")" = 'a\0b' ] || fail "od saw: $(cat "$T/od")"

head -c 100000000 /dev/urandom >"$T/in"
before=$(sha256sum <"$T/in")
after=$("$S" run -- cat <"$T/in" | sha256sum)
[ "$before" = "$after" ] || fail "a file of 100 MB came back different"
