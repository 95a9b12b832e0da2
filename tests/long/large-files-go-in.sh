#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Files into a real sandbox: pasted on its window, they lie on the Desktop after the person has said yes; 2 GB
# go in byte by byte, with little memory here; cancelled in the middle, or when who copies is killed, nothing of it
# is left inside, nor of what was lent for it; and while it is lent, nothing else is.
# timeout: 900
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
question='^Copy into Sandbox'
# What QEMU of the sandbox has in its slots.
slots () {
  for p in $(ps -eo pid=,args= | awk -v n="sandglass-$id" '$0 ~ n { print $1 }'); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in
      */qemu-system-*) if [ -e "/proc/$p/root/sandbox/shares" ]; then awk '$5 ~ "/sandbox/shares/.*/" { print $5 }' "/proc/$p/mountinfo"; fi ;;
    esac
  done
}
nothing_lent () { [ -z "$(slots)" ] && [ -z "$(inside ls -A /run/sandglass/lent)" ]; }
asked () { [ -n "$(xdotool search --onlyvisible --name "$question")" ]; }
gone () { ! asked; }

mkdir -p "$T/box/sub"; echo one >"$T/one two.txt"; echo deep >"$T/box/sub/deep"
printf 'file://%s/one%%20two.txt\r\nfile://%s/box\r\n' "$T" "$T" | xclip -selection clipboard -t text/uri-list -i >/dev/null 2>&1
paste () { into; xdotool key ctrl+v; sleep 1; asked; }
until_true 60 paste || fail "pasted files, and nothing is asked: $(cat "$T/log")"
inside test -e Desktop/box && fail "inside before the answer"
sleep 1; xdotool key Return
until_true 60 gone || fail "the copying does not end"
inside sh -c 'cat "Desktop/one two.txt" Desktop/box/sub/deep' >"$T/out" || fail "not there: $(inside ls -R Desktop)"
printf 'one\ndeep\n' | cmp -s - "$T/out" || fail "inside is: $(cat "$T/out")"
[ -z "$(inside sh -c 'timeout 2 xclip -o -selection clipboard 2>/dev/null || :')" ] || fail "names went in as a clip"

# Most of it has no blocks here; the numbers at its ends and in its middle are looked at inside.
truncate -s 2G "$T/large"
for at in 0 1073741824 2147483640; do printf %s "at$at" | head -c 8 | dd of="$T/large" bs=1 seek=$at conv=notrunc 2>/dev/null; done
"$S" put-files "$id" "$T/large" 2>"$T/err" & put=$!
most=0
while [ -e /proc/$put ]; do
  now=$(awk '/VmHWM/ { print $2 }' /proc/$put/status 2>/dev/null || :)
  [ "${now:-0}" -le $most ] || most=$now
  sleep 0.5
done
wait $put || fail "2 GB: $(cat "$T/err")"
[ $most -lt 40000 ] || fail "2 GB took $most KiB of memory here"
# (A minute and more inside, under emulation.)
here=$(cksum <"$T/large"); there=$(timeout 300 "$S" exec "$id" -- sh -c 'cksum <Desktop/large') || fail "2 GB: no sum inside: $there"
[ "$here" = "$there" ] || fail "2 GB: not the same inside: $there, here $here"
until_true 10 nothing_lent || fail "it is inside, and still lent: $(slots)"
inside rm Desktop/large

"$S" put-files "$id" "$T/large" "$T/box" 2>"$T/err" & put=$!
began () { inside sh -c 'test $(cat Desktop/.sandglass.* | head -c 1000 | wc -c) = 1000'; }
until_true 60 began || fail "it does not begin"
# Who closes it now is asked: the session knows, also of what no window has started.
transfers () { "$B/tests/session-client" "$XDG_RUNTIME_DIR/sandglass/$id/control" transfers; }
none () { [ "$(transfers)" = 0 ]; }
[ "$(transfers)" = 1 ] || fail "the session does not know of a copy: $(transfers)"
kill -INT $put; code=0; wait $put || code=$?
[ $code != 0 ] || fail "cancelled, and all is well"
[ -z "$(inside sh -c 'ls -A Desktop | grep -e large -e sandglass -e "box (2)" || :')" ] || fail "left inside: $(inside ls -A Desktop)"
until_true 5 none || fail "the session still knows of a copy: $(transfers)"
until_true 10 nothing_lent || fail "cancelled, and still lent: $(slots)"

"$S" put-files "$id" "$T/large" 2>"$T/err" & put=$!
until_true 30 began || fail "it does not begin the second time"
kill -9 $put; wait $put 2>/dev/null || :
until_true 20 nothing_lent || fail "killed, and still lent: $(slots)"
none_left () { [ -z "$(inside sh -c 'ls -A Desktop | grep -e large -e sandglass || :')" ]; }
until_true 20 none_left || fail "killed, and left inside: $(inside ls -A Desktop)"
