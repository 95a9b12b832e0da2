#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "invoice.odt was changed.": what each key answers; Escape and an end by force keep both; a key that comes
# with the window decides nothing.  (That `open --edit` does it: long/edit-is-asked-in-a-window.sh.)
# beside: others
. "$(dirname "$0")/kit.sh"
question='^Sandglass$'
ask () {
  "$T/bin/sandglass-viewer" --question=edit --session=0123abcd --file="$1" --before=24000 --after=25000 2>"$T/log" & pid=$!
  PIDS="$pid $PIDS"
  until_true 10 is_there "$question" || fail "no question: $(cat "$T/log")"
}
answer_is () { code=0; wait $pid || code=$?; [ $code = "$1" ] || fail "$2: code $code instead of $1"; }

ask invoice.odt
key alt+r; sleep 0.2; [ -e /proc/$pid ] || fail "a key that came with the window replaced the original"
sleep 0.9; [ -z "${LOOK:-}" ] || import -window root "$LOOK"
key Return; answer_is 30 Return
ask "$(printf 'two\nlines \342\200\256 fdp.exe')"; sleep 1; key alt+s; answer_is 31 "Save as Copy"
ask invoice.odt; sleep 1; key alt+d; answer_is 32 "Discard Changes"
ask invoice.odt; key Escape; answer_is 31 Escape
ask invoice.odt; kill $pid; answer_is 31 "ended by force"

# What has to be told where no terminal is.
"$T/bin/sandglass-viewer" --question=tell --session=0123abcd --words="It was changed by somebody else." 2>"$T/log" & pid=$!
PIDS="$pid $PIDS"
until_true 10 is_there "$question" || fail "nothing is told: $(cat "$T/log")"
sleep 0.3; key Return; answer_is 0 "what is told"
