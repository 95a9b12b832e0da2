#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder that is dropped or pasted by itself is offered to be shared, for reading, after the person has seen its
# path and said yes; it can be copied all the same; what the session refuses is told.  The question is put as the
# keeper puts it, so no screen is needed.
# beside: others
. "$(dirname "$0")/kit.sh"
question='^Share with Sandbox'
mkdir -p "$T/home/invoices" "$T/home/more"; echo one >"$T/home/file.txt"
ln -s invoices "$T/home/link"
behave clips
start "$T/bin/sandglass-session" --alone
until_true 10 log_has started || fail "no session"
sleep 1.5
id=$(ls "$T/run/sandglass")
log=$T/run/sandglass.log
: >"$log"
ask () {
  for path; do printf '%s\0' "$path"; done >"$T/paths"
  "$T/bin/sandglass-viewer" --question=put --session="$id" <"$T/paths" >"$T/viewer.log" 2>&1 &
  ASKED=$!; PIDS="$ASKED $PIDS"
}
ended () { ! kill -0 "$ASKED" 2>/dev/null; }
shares () { grep -c '^share ' "$log" || :; }

# --- Escape shares nothing (that keys sleep at first: files-go-in.sh)
ask "$T/home/invoices"
until_true 10 is_there "$question" || fail "no question: $(cat "$T/viewer.log")"
[ -z "${LOOK:-}" ] || { sleep 1; import -window root "$LOOK"; }
sleep 0.8; key Escape
until_true 5 ended || fail "Escape does not answer"
[ "$(shares)" = 0 ] || fail "Escape shares"

# --- Enter shares it, read-only, as it was shown: a link is what it leads to
ask "$T/home/link"
until_true 10 is_there "$question" || fail "no question about a link to a folder"
sleep 1.5; key Return
until_true 5 ended || fail "it is shared, and the window stays"
[ "$(tail -n 1 "$log")" = "share --as-shown -- $id $T/home/invoices" ] || fail "it runs $(tail -n 1 "$log")"

# --- it can be copied
ask "$T/home/invoices"
until_true 10 is_there "$question" || fail "no third question"
sleep 1.5; key alt+p
until_true 5 grep -q '^put-files --json' "$log" || fail "it cannot be copied: $(cat "$log")"
until_true 5 ended || fail "it is copied, and the window stays"
[ "$(shares)" = 1 ] || fail "copied and shared"

# --- refused
echo "this folder may not be given to a sandbox" >"$T/run/share"
ask "$T/home/invoices"
until_true 10 is_there "$question" || fail "no fourth question"
sleep 1.5; key Return; sleep 1
ended && fail "nobody tells that it was refused"
[ -z "${LOOK2:-}" ] || import -window root "$LOOK2"
key Return
until_true 5 ended || fail "Close does not close"

# --- several, or a file: copied, as ever
ask "$T/home/invoices" "$T/home/more"
until_true 10 is_there '^Copy into Sandbox' || fail "no question about two folders"
sleep 0.5; key Escape; until_true 5 ended || fail "Escape"
ask "$T/home/file.txt"
until_true 10 is_there '^Copy into Sandbox' || fail "no question about a file"
sleep 0.5; key Escape; until_true 5 ended || fail "Escape"
log_has OpenDisplay && fail "it has asked for a screen"
exit 0
