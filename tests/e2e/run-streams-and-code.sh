#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A command's output, errors and exit code are its own, and its end is the pipeline's end.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

code=0
"$S" run -- sh -c 'echo out; echo err >&2; exit 7' >"$T/out" 2>"$T/err" || code=$?
[ "$code" = 7 ] || fail "code $code instead of 7: $(cat "$T/err")"
[ "$(cat "$T/out")" = out ] || fail "stdout: $(cat "$T/out")"
grep -qx err "$T/err" || fail "stderr: $(cat "$T/err")"

code=0
"$S" run -- /nonexistent/command 2>"$T/err" || code=$?
[ "$code" = 127 ] || fail "a missing command gives $code instead of 127"
[ -s "$T/err" ] || fail "a missing command is not explained"

# The reader of a pipe leaves: the writer inside gets SIGPIPE, as outside.
{ code=0; "$S" run -- sh -c 'exec yes' || code=$?; echo "$code" >"$T/code"; } | head -n 1 >"$T/out"
[ "$(cat "$T/out")" = y ] || fail "the pipe's first line"
[ "$(cat "$T/code")" = 141 ] || fail "SIGPIPE gives $(cat "$T/code") instead of 141"
