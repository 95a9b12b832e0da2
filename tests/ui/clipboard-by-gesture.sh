#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The clipboard, with a real sandbox, a real X clipboard and the window between them: nothing goes in before a
# person pastes, text and pictures then, never a password, and of formatted text nothing; what is copied inside
# waits for an answer.  Each cell of the rules: unit/test-clipboard-policy; each gesture: long/clipboard-each-gesture.sh.
PROFILE=$(mktemp --suffix=.wsb)
echo '<Configuration><Networking>Disable</Networking><Clipboard><Content>all</Content></Clipboard></Configuration>' >"$PROFILE"
. "$(dirname "$0")/clipboard-kit.sh"
rm -f "$PROFILE"
nothing_inside () { [ -z "$(inside sh -c 'timeout 2 xclip -o -selection clipboard 2>/dev/null || :')" ]; }

asked_about () { copy_inside "$1"; sleep 1; logged 'out, text, .*: asked'; }
until_true 60 asked_about ready || fail "the clipboard of the sandbox is not heard: $(cat "$T/log")"
[ -z "$(here)" ] || fail "it left before anybody answered: $(here)"
answer alt+a
[ "$(here)" = ready ] || fail "allowed, and yet here is: $(here)"
copy_inside secret; until_true 5 logged 'out, text, 6 bytes: asked'; answer alt+d
[ "$(here)" = ready ] || fail "refused, and yet here is: $(here)"
logged 'out, text, 6 bytes: stopped: refused' || fail "no word of the refusal: $(cat "$T/log")"
inside sh -c 'pkill xclip || :'

# Text, by the key.
printf 'from here €' | xclip -selection clipboard -i >/dev/null 2>&1
into; xdotool key x ctrl+c Return; xdotool click 1
nothing_inside || fail "inside before anybody pasted"
paste_with clipboard key ctrl+v
[ "$(cat "$T/seen")" = 'from here €' ] || fail "inside is: $(cat "$T/seen")"

# A picture, without what its file tells about itself.
convert -size 7x5 xc:'#123456' -set comment 'taken at home' "$T/picture.png"
xclip -selection clipboard -t image/png -i "$T/picture.png" >/dev/null 2>&1
inside sh -c 'for i in $(seq 60); do timeout 2 xclip -o -selection clipboard -t image/png >/tmp/p.png 2>/dev/null && [ -s /tmp/p.png ] && break; sleep 0.1; done; cat /tmp/p.png' >"$T/inside.png" & watcher=$!
sleep 0.5; into; xdotool key ctrl+v; wait $watcher || :
[ "$(convert "$T/inside.png" -format '%wx%h %[hex:u.p{3,3}]' info: 2>&1)" = '7x5 123456' ] || fail "the picture inside: $(convert "$T/inside.png" info: 2>&1; cat "$T/log")"
! grep -q 'at home' "$T/inside.png" || fail "a picture tells inside where it was taken"
inside sh -c 'timeout 60 xclip -selection clipboard -t image/png -i /tmp/p.png >/dev/null 2>&1'
until_true 5 logged 'out, image, .*: asked' || fail "a picture from inside is not asked about: $(cat "$T/log")"
answer alt+a
xclip -o -selection clipboard -t image/png >"$T/out.png" 2>/dev/null
[ "$(convert "$T/out.png" -format '%wx%h %[hex:u.p{3,3}]' info: 2>&1)" = '7x5 123456' ] || fail "the picture out here: $(convert "$T/out.png" info: 2>&1)"
inside sh -c 'pkill xclip || :'

# A password; formatted text alone.
printf 'secret' | xclip -selection clipboard -t x-kde-passwordManagerHint -i >/dev/null 2>&1
# One at once after the other: each thing a person does has a line in the journal.
into; xdotool key ctrl+v; until_true 5 logged 'in, .*stopped: marked as a password' || fail "no word of the password: $(cat "$T/log")"
printf '<b>bold</b>' | xclip -selection clipboard -t text/html -i >/dev/null 2>&1
xdotool key ctrl+v; until_true 5 logged 'in, other, .*stopped: this kind is not granted' || fail "HTML: $(cat "$T/log")"
nothing_inside || fail "a password or HTML went in"

grep -E 'from here|secret|bold' "$T/log" && fail "the journal tells contents"
exit 0
