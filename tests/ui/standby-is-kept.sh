#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The app keeps one sandbox ready, not while another one opens; in Preferences it says what that costs, and
# Off ends it; a person who has said Off is not asked again, and what others keep ready stays.
# beside: others
. "$(dirname "$0")/kit.sh"
asked () { grep -c "^standby $1 --json\$" "$T/run/sandglass.log" 2>/dev/null || :; }

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
until_true 60 grep -q '^standby 1 --json$' "$T/run/sandglass.log" || fail "none is kept ready: $(cat "$T/run/sandglass.log")"
[ "$(asked 1)" = 1 ] || fail "it was asked for $(asked 1) times"

# The foreground first.
behave stuck
key ctrl+n
until_true 10 is_there '^Sandbox' || fail "no sandbox: $(cat "$T/app.log")"
sleep 5
[ "$(asked 1)" = 1 ] || fail "one is woken while another one opens"
close_window '^Sandbox'
until_true 5 is_gone '^Sandbox' || fail "the window is still there"
until_true 60 sh -c "[ \"\$(grep -c '^standby 1 --json\$' '$T/run/sandglass.log')\" -ge 2 ]" || fail "none is kept ready after it was closed"

# Off, by the keyboard: the third line's box.
key ctrl+comma
until_true 5 is_there '^Preferences$' || fail "no preferences"
key alt+r; key space; sleep 0.5; key Up; key Return
until_true 60 grep -q '^standby 0 --json$' "$T/run/sandglass.log" || fail "Off ended none: $(tail -n 3 "$T/run/sandglass.log")"
grep -q '^ReadySandboxes=off$' "$XDG_CONFIG_HOME/sandglass/preferences" || fail "Off is not kept"
stop_app

# Where Open a Sandbox was changed, they are for that.
mkdir -p "$XDG_CONFIG_HOME/sandglass"
printf '<Configuration><Networking>Disable</Networking></Configuration>' >"$XDG_CONFIG_HOME/sandglass/.usual.wsb"
mv "$XDG_CONFIG_HOME/sandglass/preferences" "$T/off"
: >"$T/run/sandglass.log"
app
until_true 10 is_there '^Sandglass$' || fail "no window with changed settings"
until_true 60 grep -q "^standby 1 --json --profile $XDG_CONFIG_HOME/sandglass/.usual.wsb\$" "$T/run/sandglass.log" ||
  fail "they are not for what is opened: $(cat "$T/run/sandglass.log")"
stop_app
rm "$XDG_CONFIG_HOME/sandglass/.usual.wsb"
mv "$T/off" "$XDG_CONFIG_HOME/sandglass/preferences"

: >"$T/run/sandglass.log"
app
until_true 10 is_there '^Sandglass$' || fail "no window the second time"
until_true 60 grep -q '^standby --json$' "$T/run/sandglass.log" || fail "it does not look"
sleep 2
[ "$(asked 1)$(asked 0)" = 00 ] || fail "asked for though Off: $(cat "$T/run/sandglass.log")"
