#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Saved sandboxes by keyboard: one is made in the editor, opened without a question, copied, deleted
# and brought back; and what *Open a Sandbox* gives is changed.
# beside: others
. "$(dirname "$0")/kit.sh"
saved="$XDG_CONFIG_HOME/sandglass"

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.5; key ctrl+shift+n
until_true 5 is_there '^New Saved Sandbox$' || fail "Ctrl+Shift+N opens no editor"
sleep 0.3; key ctrl+s; sleep 0.3
is_there '^New Saved Sandbox$' || fail "a nameless one was saved"
# Saying so has put the keyboard on its name.
xdotool type Bank; key ctrl+s
until_true 5 test -s "$saved/Bank.wsb" || fail "Ctrl+S saves nothing"
until_true 3 is_gone '^New Saved Sandbox$' || fail "the editor stays after it has saved"
grep -q '<Title>Bank</Title>' "$saved/Bank.wsb" || fail "its name is not in it"
grep -q "$(sha256sum <"$saved/Bank.wsb" | cut -c1-64)" "$saved/approved" || fail "it would be shown as unknown"

# Its card: a file, the card, its menu.
chmod 600 "$saved/Bank.wsb"
activate '^Sandglass$'; sleep 0.7
to_menu () { key Tab; key Tab; key Tab; key Tab; key space; sleep 0.5; }
to_menu; key Down Return
until_true 5 test -s "$saved/Bank (2).wsb" || fail "Copy makes no copy"
grep -q '<Title>Bank (2)</Title>' "$saved/Bank (2).wsb" || fail "the copy has the other's name"
[ "$(stat -c %a "$saved/Bank (2).wsb")" = 600 ] || fail "others may read the copy, and not the original"
sleep 0.3; stop_app

# Delete and Undo.
rm "$saved/Bank (2).wsb"
app
until_true 10 is_there '^Sandglass$' || fail "no window the second time"
sleep 0.7
to_menu; key Down Down Down Return
until_true 3 test ! -e "$saved/Bank.wsb" || fail "Delete does not delete"
sleep 0.5; key space # the keyboard is on Undo
until_true 3 test -e "$saved/Bank.wsb" || fail "Undo does not bring it back"

# The same when another one has got its name meanwhile: both are there.
cp "$saved/Bank.wsb" "$T/bank"; echo '<Configuration><Title>Other</Title></Configuration>' >"$T/other"
activate '^Sandglass$'; sleep 0.5; stop_app; app
until_true 10 is_there '^Sandglass$' || fail "no window the third time"
sleep 0.7
to_menu; key Down Down Down Return
until_true 3 test ! -e "$saved/Bank.wsb" || fail "Delete does not delete a second time"
cp "$T/other" "$saved/Bank.wsb"
sleep 0.5; key space
until_true 3 test -e "$saved/Bank (2).wsb" || fail "what was deleted is lost: $(ls -a "$saved")"
cmp -s "$saved/Bank (2).wsb" "$T/bank" && cmp -s "$saved/Bank.wsb" "$T/other" || fail "one was written over"

# What opens: the microphone is asked for, and the session is told which file to read.
key ctrl+d
until_true 5 is_there '^What a Sandbox Is Given$' || fail "Ctrl+D opens no editor"
sleep 0.5; key alt+m; sleep 0.3; key ctrl+s
until_true 3 test -s "$saved/.usual.wsb" || fail "what opens was not saved"
grep -q '<AudioInput>Enable</AudioInput>' "$saved/.usual.wsb" || fail "the switch changed nothing: $(cat "$saved/.usual.wsb")"
until_true 3 is_gone '^What a Sandbox Is Given$' || fail "the editor stays"
sleep 0.3; key ctrl+n
until_true 10 is_there '^Sandbox - ' || fail "no sandbox"
tr '\0' ' ' <"/proc/$(pgrep -P "$APP" -f sandglass-session)/cmdline" | grep -q -- "--profile $saved/.usual.wsb" ||
  fail "the session was not told what to give"
