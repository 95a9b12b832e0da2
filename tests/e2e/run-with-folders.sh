#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `run --share DIR[:PLACE][:rw]`: the folders are there when the command begins; a wrong one is told, and
# the command does not run.
set -eu
. "$(dirname "$0")/share-kit.sh"
mkdir "$T/in" "$T/out" "$T/odd:name" "$T/odd:rw"
echo read >"$T/in/file"
echo odd >"$T/odd:name/file"
"$S" run -q --share "$T/in" --share "$T/out:results:rw" --share "$T/odd:name" --share "$T/odd:rw" -- sh -c '
  cat Desktop/in/file "Desktop/odd:name/file"; echo made >Desktop/results/file; ! echo x 2>/dev/null >Desktop/in/new && ls "Desktop/odd:rw"' >"$T.said" 2>&1 \
  || fail "run: $(cat "$T.said")"
[ "$(grep -v -i read-only "$T.said")" = "$(printf 'read\nodd')" ] || fail "it said $(cat "$T.said")"
[ "$(cat "$T/out/file")" = made ] && [ ! -e "$T/in/new" ] || fail "what was written: $(ls -R "$T")"
code=0
"$S" run -q --share "$T/missing" -- true 2>"$T.err" || code=$?
[ $code = 125 ] && grep -q missing "$T.err" || fail "a missing folder: $code $(cat "$T.err")"
code=0
"$S" run -q --share / -- touch "$T/ran" 2>"$T.err" || code=$?
[ $code = 125 ] && grep -q 'not shared' "$T.err" || fail "a refused folder: $code $(cat "$T.err")"
