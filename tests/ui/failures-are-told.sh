#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A sandbox that cannot start, dies, loses its screen or cannot be thrown away: each is told in a
# window, with details to copy, and neither the app nor the viewer goes down with it.
# beside: others
. "$(dirname "$0")/kit.sh"
command -v xclip >/dev/null || skip "xclip is not installed"

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1
# The keyboard is on *Copy Details*, in every one of these pages.
details () {
  xclip -selection clipboard -i /dev/null
  activate "$1"; sleep 0.3
  key space; sleep 0.5
  timeout 5 xclip -selection clipboard -o || :
}
open_one () {
  behave "$@"
  activate '^Sandglass$'; sleep 0.3
  key ctrl+n
}
# told WORDS WINDOW: a page in this window has these words
is_told () { details "$2" >"$T/details"; grep -q "$1" "$T/details"; }
told () {
  until_true 2 is_told "$1" "$2" || fail "not told \"$1\" in $2, but: $(cat "$T/details" "$T/app.log")"
  grep -q '^Sandglass [0-9]' "$T/details" || fail "no version in the details"
}
close_sandbox () {
  key Tab; key space
  until_true 3 is_gone '^Sandbox' || fail "after $1 the window cannot be closed"
}

open_one fail
until_true 10 is_there '^Sandbox - ' || fail "fail: no window"
sleep 1.5; told 'This user may not use virtualization' '^Sandbox - '
close_sandbox fail

open_one vanish
until_true 10 is_there '^Sandbox - ' || fail "vanish: no window"
sleep 3.5; told 'The sandbox stopped' '^Sandbox - '
close_sandbox vanish

open_one drop
until_true 10 is_there '^Sandbox - ' || fail "drop: no window"
sleep 3.5; told "picture is gone" '^Sandbox - '
before=$(log_count Discard)
close_sandbox drop
discards () { [ "$(log_count Discard)" -gt "$before" ]; }
until_true 3 discards || fail "drop: the sandbox behind the lost picture was not discarded"

open_one linger
until_true 10 is_there '^Sandbox - ' || fail "linger: no window"
sleep 2; close_window '^Sandbox'
sleep 1.5; told 'could not be ended' '^Sandbox'
key Tab; key space
until_true 3 is_gone '^Sandbox' || fail "linger: the window cannot be closed"

open_one dead
sleep 1.5; told 'did not start' '^Sandglass$'
key Escape

is_there '^Sandglass$' || fail "the launcher is gone"
grep -i critical "$T/app.log" && fail "complaints of GTK"
stop_app
