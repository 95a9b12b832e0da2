#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In each window, what can be pressed is reached by Tab and the arrow keys, and it comes round again: nothing is
# left out, and nothing holds the keyboard.  What the windows have comes from what assistive technology sees.
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
. "$KIT/tree-kit.sh"
mkdir -p "$XDG_CONFIG_HOME/sandglass" "$T/home/Documents"
echo '<Configuration><Title>Bank</Title></Configuration>' >"$XDG_CONFIG_HOME/sandglass/Bank.wsb"
cat >"$T/run/changes" <<END
{ "cut": false, "files": [ { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000 } ] }
END
# What Tab stops at; rows of a list are the arrows', entries of a menu its own, and a box to choose from does not
# say that it can have the keyboard.
stops () { "$tree" stops "$1" | grep -E '^(push button|toggle button|check box|text|spin button|link|slider|entry)' | sort -u; }
# walks FRAME MOST: Tab until everything was met
walks () {
  has any "$1"; sleep 0.7
  stops "$1" >"$T/stops"; : >"$T/met"
  [ -s "$T/stops" ] || fail "$1 has nothing that can be pressed"
  n=0
  while :; do
    "$tree" focus >>"$T/met" || :
    sort -u "$T/met" | comm -23 "$T/stops" - >"$T/left"
    [ -s "$T/left" ] || break
    n=$((n + 1)); [ $n -le "$2" ] || fail "$1: Tab does not reach: $(tr '\n' ';' <"$T/left"), but $(tr '\n' ';' <"$T/met")"
    key Tab; sleep 0.1
  done
  echo "$1: $(wc -l <"$T/stops") things, $n times Tab"
}

app
walks Sandglass 12
key ctrl+d; walks 'What a Sandbox Is Given' 60; key Escape
until_true 5 is_gone '^What a Sandbox' || fail "Escape does not close the editor"
activate '^Sandglass$'; key F10; sleep 0.5; key Return; walks 'Check This Computer' 12; key Escape
until_true 5 is_gone '^Check This' || fail "Escape does not close Check This Computer"
activate '^Sandglass$'; sleep 0.5; key ctrl+n
has frame 'Sandbox - Desktop'
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2.5; key Control_R; sleep 0.5; key Left Left Left Left Left; sleep 0.3
walks 'Sandbox - Desktop' 8
key ctrl+l; walks 'Folders in This Sandbox' 12; key Escape
until_true 5 is_gone '^Folders' || fail "Escape does not close the folders"
activate '^Sandbox - '; sleep 0.5
close_window '^Sandbox - '
until_true 5 is_there '^Discard this' || fail "no question"
walks 'Discard this sandbox?' 8
key Escape; until_true 5 is_gone '^Discard this' || fail "Escape does not go back"
activate '^Sandbox - '; sleep 0.5; key Control_R+s
walks 'Save Files' 8
stop_app
