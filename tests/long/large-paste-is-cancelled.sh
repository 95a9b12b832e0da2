#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 2 GB are pasted into a sandbox and stopped in the window that copies them, by its button's key and by closing it:
# the half file inside is gone, the file here is as it was, nothing of it is lent any more, and the sandbox goes on.
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
question='^Copy into Sandbox'
question_window () { xdotool search --onlyvisible --name "$question" 2>/dev/null | tail -n 1; }
asked () { [ -n "$(question_window)" ]; }
gone () { [ -z "$(question_window)" ]; }
paste () { into; xdotool key ctrl+v; sleep 1; asked; }
copied () { printf 'file://%s\r\n' "$1" | xclip -selection clipboard -t text/uri-list -i >/dev/null 2>&1; }
# Most of it has no blocks here.
truncate -s 2G "$T/large"; printf begin | dd of="$T/large" conv=notrunc 2>/dev/null; printf end >>"$T/large"
was=$(stat -c '%s %Y %Z %a %h' "$T/large")
is_as_it_was () { [ "$(stat -c '%s %Y %Z %a %h' "$T/large")" = "$was" ] && [ "$(head -c 5 "$T/large")$(tail -c 3 "$T/large")" = beginend ]; }
half () { inside sh -c 'for f in Desktop/.sandglass.*; do test $(stat -c %s "$f") -ge 50000000; done'; }
nothing_inside () { [ -z "$(inside ls -A Desktop | grep -e large -e sandglass)" ]; }
nothing_lent () { [ -z "$(inside ls -A /run/sandglass/lent)" ]; }
is_over () { [ "$("$B/tests/session-client" "$XDG_RUNTIME_DIR/sandglass/$id/control" transfers)" = 0 ]; }
nothing_inside || fail "before: $(inside ls -A Desktop)"

for how in Escape alt+F4; do
  copied "$T/large"
  until_true 60 paste || fail "pasted, and nothing is asked: $(cat "$T/log")"
  sleep 1; xdotool windowactivate --sync "$(question_window)"; xdotool key Return
  until_true 60 half || fail "the copying does not begin: $(inside ls -lA Desktop) $(cat "$T/log")"
  asked || fail "it copies, and no window shows it"
  ! is_over || fail "it copies, and the session does not know"
  xdotool windowactivate --sync "$(question_window)"; xdotool key "$how"
  until_true 20 gone || fail "$how: the window stays"
  until_true 20 nothing_inside || fail "$how: left inside: $(inside ls -lA Desktop)"
  until_true 20 nothing_lent || fail "$how: still lent: $(inside ls -A /run/sandglass/lent)"
  until_true 10 is_over || fail "$how: the session still knows of a copy"
  is_as_it_was || fail "$how: here it was $was, and is $(stat -c '%s %Y %Z %a %h' "$T/large")"
done

# It goes on, and so does its window: the next one, a small one, goes in.
echo small >"$T/small"; copied "$T/small"
until_true 60 paste || fail "after that, a paste is not asked about: $(cat "$T/log")"
sleep 1; xdotool windowactivate --sync "$(question_window)"; xdotool key Return
there_now () { [ "$(inside cat Desktop/small)" = small ]; }
until_true 60 there_now || fail "after that, a paste does not go in: $(inside ls -lA Desktop)"
