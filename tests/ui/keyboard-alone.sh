#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything without a pointer: the first run, go into the sandbox, leave it, take a screenshot, close it;
# show and close it from the launcher's list; the menu, the shortcuts, help, Preferences, Check This Computer.
# The editor and saved sandboxes: saved-sandboxes.sh; the network: network-is-switched.sh; saving files, folders, full
# screen, a file: few-steps.sh; that nothing is left out: long/keyboard-reaches-all.sh.
# beside: others
. "$(dirname "$0")/kit.sh"
pictures () { [ "$(ls "$HOME/Pictures" 2>/dev/null | wc -l)" = "$1" ]; }

copy missing; echo 5 >"$T/run/steps"
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return # Make It Ready
until_true 20 is_there '^Sandbox - ' || fail "Enter makes nothing ready, or opens no sandbox"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 3

# Save Files, the clipboard's two, then it.
to_screenshot () { key Down; key Down; key Down; key Down; [ -z "${LOOK:-}" ] || import -window root "$LOOK"; sleep 0.3; }
# Inside, Tab, F10 and Alt+letters are the sandbox's; Right Ctrl leads to the bar, on its menu.
key Tab; key F10; key alt+c; sleep 0.5
is_there '^Sandbox - ' || fail "a key for the sandbox closed it"
key Control_R; sleep 0.6; key space; sleep 1; to_screenshot; key Return
until_true 5 pictures 1 || fail "no screenshot from the menu"
file=$(ls "$HOME/Pictures"/*.png)
until_true 5 identify "$file" || fail "the screenshot is no picture"
[ "$(identify -format '%m %wx%h' "$file")" = "PNG 720x400" ] || fail "the screenshot: $(identify "$file")"
sleep 1
key Control_R; sleep 0.6; key space; sleep 1; to_screenshot; key Return
until_true 5 pictures 2 || fail "no second screenshot"

# Escape leads back inside: Tab and Space then do not reach the bar.
key Control_R; sleep 0.6; key Escape; sleep 0.6; key Tab; key space; sleep 0.5
is_there '^Sandbox - ' || fail "after Escape, keys still reach the bar"
# Close stands beside the menu.
key Control_R; sleep 0.6; key Tab; key space
until_true 2 is_gone '^Sandbox - ' || fail "Right Ctrl, Tab, Space does not close it"
until_true 5 log_has ended || fail "closed, but not gone"

# The launcher's list.
activate '^Sandglass$'; sleep 0.6
key ctrl+n
until_true 10 is_there '^Sandbox - ' || fail "Ctrl+N opens no sandbox"
sleep 2
activate '^Sandglass$'; sleep 0.5
key Tab; sleep 0.4; key Tab; sleep 0.4; key Tab; sleep 0.4; key Tab; sleep 0.4; key space; sleep 0.5 # Change, a file, its row, Show
[ "$(xdotool getactivewindow)" = "$(window '^Sandbox - ')" ] || fail "Show does not bring it to the front"
[ "$(log_count started)" = 2 ] || fail "another sandbox was opened"
activate '^Sandglass$'; sleep 0.5
key Tab; sleep 0.4; key space # Close
until_true 2 is_gone '^Sandbox - ' || fail "Close in the list does not close it"
ended () { [ "$(log_count ended)" = 2 ]; }
until_true 5 ended || fail "closed from the list, but not gone"

key ctrl+question
until_true 3 is_there '^Keyboard Shortcuts$' || fail "Ctrl+? shows no shortcuts"
key Escape; sleep 0.5
for page in 'F1 ^Help$' 'ctrl+comma ^Preferences$' 'ctrl+d ^What a Sandbox'; do
  key "${page%% *}"; until_true 5 is_there "${page#* }" || fail "${page%% *} shows nothing"
  sleep 0.3; key Escape; until_true 3 is_gone "${page#* }" || fail "Escape does not close ${page#* }"
done
key F10; sleep 0.5; key Return
until_true 5 is_there '^Check This Computer$' || fail "F10, Enter does not check this computer"
key Escape
until_true 3 is_gone '^Check This Computer$' || fail "Escape does not close it"
key ctrl+q
until_true 5 test ! -e "/proc/$APP" || fail "Ctrl+Q does not end the app"
