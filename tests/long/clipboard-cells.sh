#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The cells of the clipboard's table, driven from outside: direction x kind x size x gesture or consent x switch, with
# a real sandbox, a real X clipboard and the window's own menu.  (All cells, by the rules alone: test-clipboard-policy.)
# timeout: 900
PROFILE=$(mktemp --suffix=.wsb)
echo '<Configuration><Networking>Disable</Networking><Clipboard><Content>all</Content><MaxKiB>16</MaxKiB></Clipboard></Configuration>' >"$PROFILE"
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
rm -f "$PROFILE"
command -v convert >/dev/null || skip "convert is not installed"

printf 'few words €' >"$T/small.text"
head -c 20000 /dev/zero | tr '\0' x >"$T/large.text"
convert -size 7x5 xc:'#123456' png:"$T/small.image"
convert -size 200x200 xc:gray +noise Random png:"$T/large.image"
printf '<b>bold</b>' >"$T/small.html"
printf secret >"$T/small.password"
echo one >"$T/file"; printf 'file://%s/file\r\n' "$T" >"$T/small.files"
type_of () {
  case $1 in text) echo UTF8_STRING ;; image) echo image/png ;; html) echo text/html ;; files) echo text/uri-list ;; password) echo x-kde-passwordManagerHint ;; esac
}
lines_before=0
mark () { lines_before=$(wc -l <"$T/log"); }
since () { tail -n +$((lines_before + 1)) "$T/log"; }
told () { since | grep -q "$1"; }
copied_here () { xclip -selection "${3:-clipboard}" -t "$(type_of "$1")" -i "$T/$2.$1" >/dev/null 2>&1; }
copied_inside () { inside sh -c "cat >/tmp/clip; pkill xclip; timeout 120 xclip -selection clipboard -t $(type_of "$1") -i /tmp/clip >/dev/null 2>&1" <"$T/$2.$1"; }
# switch SUBMENU CHOICE: by the letters under which the menu has them
switch () {
  sleep 0.5; xdotool key Control_R; sleep 0.6; xdotool key space; sleep 0.8; xdotool key "alt+$1"; sleep 0.8; xdotool key "alt+$2"; sleep 0.5; xdotool key Escape; sleep 0.8
}
gesture () {
  into
  case $1 in
  middle) xdotool click 2 ;;
  menu) xdotool key Control_R; sleep 0.6; xdotool key space; sleep 0.8; xdotool key alt+p; sleep 0.5 ;;
  *) xdotool key "$1" ;;
  esac
}
cells=0
# in_is KIND SIZE GESTURE WORDS: what the journal says of it
in_is () {
  selection=clipboard; [ "$3" != middle ] || selection=primary
  copied_here "$1" "$2" $selection; sleep 0.3; mark; gesture "$3"
  until_true 5 told "$4" || fail "in, $2 $1, $3: not \"$4\", but: $(since)"
  ! told ': passed' || fail "in, $2 $1, $3: it passed"
  cells=$((cells + 1)); sleep 0.3
}
# taken KIND GESTURE: a small one, which a program inside gets
taken () {
  selection=clipboard; [ "$2" != middle ] || selection=primary
  copied_here "$1" small $selection
  inside sh -c "for i in \$(seq 60); do timeout 2 xclip -o -selection $selection -t $(type_of "$1") >/tmp/got 2>/dev/null && [ -s /tmp/got ] && break; sleep 0.1; done; cat /tmp/got; : >/tmp/got" >"$T/got" & watcher=$!
  sleep 1; mark; gesture "$2"; wait $watcher || :
  until_true 3 told "in, $1, .*: passed" || fail "in, small $1, $2: $(since)"
  case $1 in
  text) cmp -s "$T/got" "$T/small.text" || fail "in, small text, $2: inside is: $(cat "$T/got")" ;;
  image) [ "$(convert "$T/got" -format '%wx%h %[hex:u.p{3,3}]' info: 2>&1)" = '7x5 123456' ] || fail "in, small image, $2: $(since)" ;;
  esac
  cells=$((cells + 1)); sleep 1
}
asked () { copied_inside text small; sleep 1; logged 'out, text, .*: asked'; }
until_true 60 asked || fail "the clipboard of the sandbox is not heard: $(cat "$T/log")"
answer alt+d; inside sh -c 'pkill xclip || :'; sleep 1

# --- in
for how in ctrl+v ctrl+shift+v shift+Insert middle menu; do taken text $how; done
for how in ctrl+v menu; do taken image $how; done
for how in ctrl+v ctrl+shift+v shift+Insert middle; do
  in_is text large $how 'in, text, 20000 bytes: stopped: too large'
  in_is html small $how 'in, other, .*: stopped: this kind is not granted'
  in_is password small $how 'in, other, .*: stopped: marked as a password'
done
in_is image large ctrl+v 'in, image, .*: stopped: too large'
for how in ctrl+v menu; do
  in_is files small $how 'in, files, 1 bytes: asked'
  until_true 5 xdotool search --onlyvisible --name '^Copy into Sandbox' || fail "files by $how are not asked about"
  sleep 1; xdotool windowactivate --sync "$(xdotool search --onlyvisible --name '^Copy into Sandbox')" key Escape; sleep 1
done
switch i n
for how in ctrl+v ctrl+shift+v shift+Insert middle; do
  for kind in text image files; do in_is $kind small $how 'in, other, .*: stopped: switched off'; done
done
switch i p
taken text ctrl+v

# --- out
out_is () { # out_is KIND SIZE WORDS
  mark; copied_inside "$1" "$2"
  until_true 8 told "$3" || fail "out, $2 $1: not \"$3\", but: $(since)"
  cells=$((cells + 1))
}
here_is () { xclip -o -selection clipboard -t "$(type_of "$1")" >"$T/here" 2>/dev/null || :; }
before_here () { printf before | xclip -selection clipboard -i >/dev/null 2>&1; }
before_here
out_is text small 'out, text, .*: asked'; answer alt+d
told 'stopped: refused' && [ "$(here)" = before ] || fail "refused text left: $(here)"
out_is text small 'out, text, .*: asked'; [ "$(here)" = before ] || fail "it left before the answer"
answer alt+a; here_is text; cmp -s "$T/here" "$T/small.text" || fail "allowed text is not here: $(here)"
out_is image small 'out, image, .*: asked'; answer alt+a; here_is image
[ "$(convert "$T/here" -format '%wx%h' info: 2>&1)" = 7x5 ] || fail "an allowed picture is not here"
before_here
for kind in text image; do out_is $kind large "out, $kind, .*: stopped: too large"; done
switch o n
for kind in text image; do out_is $kind small "out, $kind, .*: stopped: switched off"; sleep 1; done
[ "$(here)" = before ] || fail "something left: $(here)"
switch o l
out_is text small 'out, text, .*: passed'; here_is text; cmp -s "$T/here" "$T/small.text" || fail "always, and text is not here: $(here)"
out_is image small 'out, image, .*: passed'
before_here
out_is text large 'out, text, .*: stopped: too large'; [ "$(here)" = before ] || fail "too large, and here"
switch o a
out_is text small 'out, text, .*: asked'; [ "$(here)" = before ] || fail "asked again, and left before the answer"
answer alt+d
grep -E 'few words|secret|bold' "$T/log" && fail "the journal tells contents"
echo "$cells cells"
