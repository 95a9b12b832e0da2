#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that is dropped or chosen goes to `sandglass open`; a saved sandbox is a row, and opens with
# what it wants only after a person has said so; what goes wrong is told.
KIT="$(dirname "$0")/../ui"; . "$KIT/kit.sh"
mkdir -p "$XDG_CONFIG_HOME/sandglass"
echo '<Configuration/>' >"$XDG_CONFIG_HOME/sandglass/Web test.wsb"
echo text >"$T/home/a letter.txt"; echo text >"$T/home/broken.xyz"
asked () { grep -q -- "$1" "$T/run/sandglass.log"; }

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1
[ -z "${LOOK:-}" ] || import -window "$(window '^Sandglass$')" "$LOOK"

# By keyboard: Ctrl+O, the path, Return.  The chooser lists folders while it is typed into, and may then
# lose a key: what came of it is looked at, and it is typed once more.
choose () { # choose PATH WORDS-OF-OPEN
  for try in 1 2 3; do
    key ctrl+o
    until_true 5 is_there 'Open a file safely' || fail "Ctrl+O does not let choose a file"
    activate 'Open a file safely'; sleep "$try"
    # The chooser's own row has no key of ours: by mouse, and before the path.
    [ -z "${EDIT:-}" ] || { eval "$(xdotool getwindowgeometry --shell "$(window 'Open a file safely')")"
      xdotool mousemove --window "$WINDOW" 18 $((HEIGHT - 63)) click 1; sleep 0.5; }
    xdotool type --delay 40 "$1"; sleep 1; key Return
    ! until_true 4 asked "^open $2$1" || return 0
    ! is_there 'Open a file safely' || { key Escape Escape; until_true 3 is_gone 'Open a file safely' || key Escape; }
  done
  fail "not opened: $1: $(cat "$T/run/sandglass.log")"
}
choose "$T/home/a letter.txt" '--quiet '
sleep 0.5
EDIT=yes choose "$T/home/a letter.txt" '--edit --quiet '
sleep 0.5
choose "$T/home/broken.xyz" '--quiet '
sleep 1
[ -z "${LOOK2:-}" ] || import -window "$(window '^Sandglass$')" "$LOOK2"
key Escape; sleep 0.7

# The saved one: Tab from Open a Sandbox; Cancel is the default, and opens nothing.
key Tab; key Tab; key Tab; sleep 0.3; key Return
until_true 5 asked '^open --quiet .*Web test.wsb' || fail "the saved sandbox was not asked for"
sleep 1
[ -z "${LOOK3:-}" ] || import -window root "$LOOK3"
key Escape; sleep 0.7
asked '--approve' && fail "approved by Escape"
key Return; sleep 1; key alt+o
until_true 5 asked '^open --approve --quiet .*Web test.wsb' || fail "Open does not approve it"
stop_app
