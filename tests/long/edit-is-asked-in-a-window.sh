#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open --edit` without a terminal, with a real sandbox: when the file's window is closed the person is asked in
# a window, and gets what was answered; what else was saved inside is asked about, and the sandbox stays if the
# person keeps it.
KIT="$(dirname "$0")/../ui"; . "$KIT/open-kit.sh"
before=$(cksum <"$T/dot.png")
opened () {
  "$S" open --edit "$T/dot.png" </dev/null >"$T/out" 2>"$T/err" & pid=$!; PIDS="$pid $PIDS"
  until_true 120 new_id || fail "no sandbox: $(cat "$T/err")"
  until_true 120 has_window || fail "no window inside: $(cat "$T/err")"
}

opened
"$S" exec "$id" -- sh -c 'echo more >>Desktop/dot.png'
close_file
until_true 30 there '^Sandglass$' || fail "changed, and nothing is asked: $(cat "$T/err")"
echo "open: asked $(closed_msec) ms after the file's last window"
[ "$(cksum <"$T/dot.png")" = "$before" ] || fail "replaced before the answer"
answer '^Sandglass$' Return
code=0; wait $pid || code=$?; id=
[ $code = 0 ] && [ "$(tail -c 5 "$T/dot.png")" = more ] || fail "replaced? code $code: $(cat "$T/err")"

opened
"$S" exec "$id" -- sh -c 'echo again >>Desktop/dot.png; echo note >Documents/note.txt'
close_file
until_true 30 there '^Sandglass$' || fail "nothing is asked the second time: $(cat "$T/err")"
answer '^Sandglass$' Escape
until_true 30 there '^Discard this sandbox' || fail "another file was saved, and nothing is asked: $(cat "$T/err")"
[ "$(tail -c 6 "$T/dot (edited in sandbox).png")" = again ] || fail "Escape does not keep both: $(ls "$T")"
answer '^Discard this sandbox' Return
code=0; wait $pid || code=$?
[ "$(ids)" = "$id" ] || fail "it was to be kept, and is gone"
until_true 20 there '^Sandbox - ' || fail "it stays, and has no window"
"$S" exec "$id" -- cat Documents/note.txt >/dev/null || fail "the file is gone"
