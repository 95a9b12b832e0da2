#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The clipboard, with a real sandbox and a real X clipboard: each gesture that pastes, with each kind of contents;
# forty copies are few questions; "Allow for This Sandbox" holds.
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"

asked_about () { copy_inside "$1"; sleep 2; logged 'out, text, .*: asked'; }
until_true 120 asked_about ready || fail "the clipboard of the sandbox is not heard: $(cat "$T/log")"
[ -z "$(here)" ] || fail "it left before anybody answered: $(here)"

answer alt+a
comes ready || fail "allowed, and yet here is: $(here)"
copy_inside secret; until_true 15 logged 'out, text, 6 bytes: asked'; answer alt+d
until_true 15 logged 'out, text, 6 bytes: stopped: refused' || fail "no word of the refusal: $(cat "$T/log")"
[ "$(here)" = ready ] || fail "refused, and yet here is: $(here)"

printf 'from here €' | xclip -selection clipboard -i >/dev/null 2>&1
printf 'selected' | xclip -selection primary -i >/dev/null 2>&1
inside sh -c 'pkill xclip || :'; sleep 1
into; xdotool key x ctrl+c Return; xdotool click 1
[ -z "$(empty_inside)" ] || fail "inside before anybody pasted: $(empty_inside)"
wiped () { [ -z "$(empty_inside)" ]; }
for keys in ctrl+v shift+Insert ctrl+shift+v; do
  paste_with clipboard key $keys
  [ "$(cat "$T/seen")" = 'from here €' ] || fail "$keys: inside is: $(cat "$T/seen")"
  until_true 10 wiped || fail "$keys: still inside: $(empty_inside)"
done
paste_with primary click 2
[ "$(cat "$T/seen")" = selected ] || fail "middle click: inside is: $(cat "$T/seen")"

# A password.
printf 'secret' | xclip -selection clipboard -t x-kde-passwordManagerHint -i >/dev/null 2>&1
paste_with clipboard key ctrl+v
[ -z "$(cat "$T/seen")" ] || fail "a password went in: $(cat "$T/seen")"
logged 'in, .*stopped: marked as a password' || fail "no word of the password: $(cat "$T/log")"

# What is too often.
before=$(lines ': asked')
inside sh -c 'for i in $(seq 40); do printf "flood $i" | xclip -selection clipboard -i >/dev/null 2>&1; done'
sleep 3
[ $(($(lines ': asked') - before)) -lt 30 ] || fail "forty copies are $(($(lines ': asked') - before)) questions"
answer alt+s
comes 'flood 40' || fail "allowed for this sandbox; here is: $(here)"
copy_inside 'no question'
comes 'no question' || fail "allowed for this sandbox, yet here is: $(here)"

grep -E 'from here|selected|secret|flood|no question' "$T/log" && fail "the journal tells contents"
exit 0
