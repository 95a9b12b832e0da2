#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open` without a terminal, with a real sandbox, where this computer's program for the file is not there inside: a
# person chooses one in a window; it opens the file, and the sandbox ends some three seconds after its window.  By
# Escape nothing is opened, and nothing stays.
KIT="$(dirname "$0")/../ui"; . "$KIT/open-kit.sh"
printf '[Desktop Entry]\nType=Application\nName=Only Here\nExec=/bin/true %%f\nMimeType=image/png;\n' >"$T/data/applications/only-here.desktop"
usual only-here
opened () {
  "$S" open "$T/dot.png" </dev/null >"$T/out" 2>"$T/err" & pid=$!; PIDS="$pid $PIDS"
  until_true 120 there '^Sandglass$' || fail "nothing is asked: $(cat "$T/err")"
  new_id || fail "asked without a sandbox"
  [ -z "${LOOK:-}" ] || { sleep 1; import -window root "$LOOK"; }
}

opened
! there '^Sandbox - ' || fail "an empty desktop is shown meanwhile"
answer '^Sandglass$' Escape
code=0; wait $pid || code=$?
[ $code = 0 ] && [ -z "$(ids)" ] || fail "Escape: code $code, still open: $(ids): $(cat "$T/err")"

opened
answer '^Sandglass$' Return # the first one
until_true 120 has_window || fail "chosen, and no window inside: $(cat "$T/err")"
until_true 30 there '^Sandbox - ' || fail "the sandbox has no window"
close_file || fail "the first one is not $program"
code=0; wait $pid || code=$?
took=$(closed_msec)
echo "open: the sandbox ended $took ms after the file's last window"
[ $code = 0 ] || fail "closed: code $code: $(cat "$T/err")"
[ $took -ge 2500 ] && [ $took -le 15000 ] || fail "it ended $took ms after the file's window"
[ -z "$(ids)" ] || fail "the window is closed, and the sandbox stays"
id=
