#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that is dropped or chosen goes to `sandglass open`; a saved sandbox is a row, and opens with
# what it wants only after a person has said so; what goes wrong is told.
. "$(dirname "$0")/../ui/kit.sh"
mkdir -p "$XDG_CONFIG_HOME/sandglass"
echo '<Configuration/>' >"$XDG_CONFIG_HOME/sandglass/Web test.wsb"
echo text >"$T/home/a letter.txt"; echo text >"$T/home/broken.xyz"
asked () { grep -q -- "$1" "$T/run/sandglass.log"; }

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1
[ -z "${LOOK:-}" ] || import -window "$(window '^Sandglass$')" "$LOOK"

# By keyboard: Ctrl+O, the path, Return.
choose () {
  key ctrl+o
  until_true 5 is_there 'Open a file safely' || fail "Ctrl+O does not let choose a file"
  sleep 0.7; xdotool type --delay 20 "$1"; sleep 0.7; key Return
}
choose "$T/home/a letter.txt"
until_true 5 asked "^open --quiet $T/home/a letter.txt" || fail "the file was not opened: $(cat "$T/run/sandglass.log")"
sleep 0.5
choose "$T/home/broken.xyz"
until_true 5 asked "^open --quiet $T/home/broken.xyz" || fail "the second file was not opened"
sleep 1
[ -z "${LOOK2:-}" ] || import -window "$(window '^Sandglass$')" "$LOOK2"
key Escape; sleep 0.7

# The saved one: Tab from Open a Sandbox; Cancel is the default, and opens nothing.
key Tab Tab; sleep 0.3; key Return
until_true 5 asked '^open --quiet .*Web test.wsb' || fail "the saved sandbox was not asked for"
sleep 1
[ -z "${LOOK3:-}" ] || import -window root "$LOOK3"
key Escape; sleep 0.7
asked '--approve' && fail "approved by Escape"
key Return; sleep 1; key alt+o
until_true 5 asked '^open --approve --quiet .*Web test.wsb' || fail "Open does not approve it"
stop_app
