#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The clipboard on a Wayland desktop, with a real sandbox: nothing goes in before a person pastes, text and a
# picture then, never a password; what is copied inside waits for an answer, and then other programs have it.
PROFILE=$(mktemp --suffix=.wsb)
echo '<Configuration><Networking>Disable</Networking><Clipboard><Content>all</Content></Clipboard></Configuration>' >"$PROFILE"
WAYLAND=sway
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
rm -f "$PROFILE"
nothing_inside () { [ -z "$(inside sh -c 'timeout 2 xclip -o -selection clipboard 2>/dev/null || :')" ]; }

asked_about () { copy_inside "$1"; sleep 1; logged 'out, text, .*: asked'; }
until_true 60 asked_about ready || fail "the clipboard of the sandbox is not heard: $(cat "$T/log")"
picture asked
[ -z "$(here)" ] || fail "it left before anybody answered: $(here)"
answer alt+a
[ "$(here)" = ready ] || fail "allowed, and yet here is: $(here); $(cat "$T/log")"
copy_inside secret; until_true 5 logged 'out, text, 6 bytes: asked'; answer alt+d
[ "$(here)" = ready ] || fail "refused, and yet here is: $(here)"
logged 'out, text, 6 bytes: stopped: refused' || fail "no word of the refusal: $(cat "$T/log")"
inside sh -c 'pkill xclip || :'

printf 'from here €' | copied 'text/plain;charset=utf-8'
into; key x; nothing_inside || fail "inside before anybody pasted"
paste_with clipboard ctrl+v
[ "$(cat "$T/seen")" = 'from here €' ] || fail "inside is: $(cat "$T/seen"); $(cat "$T/log")"

convert -size 7x5 xc:'#123456' "$T/picture.png"
copied image/png <"$T/picture.png"
inside sh -c 'for i in $(seq 60); do timeout 2 xclip -o -selection clipboard -t image/png >/tmp/p.png 2>/dev/null && [ -s /tmp/p.png ] && break; sleep 0.1; done; cat /tmp/p.png' >"$T/inside.png" & watcher=$!
sleep 0.5; into; key ctrl+v; wait $watcher || :
[ "$(convert "$T/inside.png" -format '%wx%h %[hex:u.p{3,3}]' info: 2>&1)" = '7x5 123456' ] || fail "the picture inside: $(convert "$T/inside.png" info: 2>&1; cat "$T/log")"

printf secret | copied x-kde-passwordManagerHint
into; key ctrl+v; until_true 5 logged 'in, .*stopped: marked as a password' || fail "no word of the password: $(cat "$T/log")"
nothing_inside || fail "a password went in"
grep -E 'from here|secret' "$T/log" && fail "the journal tells contents"
exit 0
