#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A saved sandbox's window opens as large as it was closed, also after full screen; one that is not saved leaves
# nothing; a file of sizes that makes no sense is as none.  No session: the window is there before it.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
sizes=$XDG_CONFIG_HOME/sandglass/windows
mkdir -p "$XDG_CONFIG_HOME/sandglass"
echo '<Configuration/>' >"$XDG_CONFIG_HOME/sandglass/Work.wsb"
mkfifo "$T/id"
exec 7<>"$T/id"

# open ARGUMENT...: the window, as the app opens it; W: its number
open_window () {
  "$T/bin/sandglass-viewer" --session-fd=3 "$@" 3<"$T/id" >"$T/viewer.log" 2>&1 &
  VIEWER=$!; PIDS="$VIEWER $PIDS"
  until_true 10 is_there '^Sandbox' || fail "no window: $(cat "$T/viewer.log")"
  sleep 0.7; W=$(window '^Sandbox')
}
ended () { ! kill -0 "$VIEWER" 2>/dev/null; }
close_it () {
  activate '^Sandbox'; sleep 0.3; key alt+F4
  until_true 5 ended || fail "the window does not close"
}
size () { xdotool getwindowgeometry --shell "$W" | sed -n 's/^WIDTH=//p; s/^HEIGHT=//p' | tr '\n' ' '; }

open_window
xdotool windowsize --sync "$W" 820 610; sleep 0.5
close_it
[ ! -e "$sizes" ] || fail "one that is not saved leaves its size: $(cat "$sizes")"

open_window --size-of=Work.wsb
usual=$(size)
xdotool windowsize --sync "$W" 820 610; sleep 0.5
smaller=$(size)
[ "$smaller" != "$usual" ] || fail "the window stays $usual"
close_it
grep -q '^\[Work.wsb\]' "$sizes" || fail "nothing is remembered: $(cat "$T/viewer.log")"

open_window --size-of=Work.wsb
[ "$(size)" = "$smaller" ] || fail "it was $smaller, and opens $(size)"
key F11; sleep 1
[ "$(size)" != "$smaller" ] || fail "no full screen"
close_it
open_window --size-of=Work.wsb
[ "$(size)" = "$smaller" ] || fail "after full screen it opens $(size), not $smaller"
close_it

printf '[Work.wsb]\nwidth=99999999\nheight=-5\n' >"$sizes"
open_window --size-of=Work.wsb
[ "$(size)" = "$usual" ] || fail "it believes a mad size: $(size)"
close_it
open_window --size-of=../../etc/passwd
[ "$(size)" = "$usual" ] || fail "a name that is a path: $(size)"
close_it
grep -q passwd "$sizes" && fail "a name that is a path is remembered"
exit 0
