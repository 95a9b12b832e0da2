#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `open FILE`: a copy for reading only, with this computer's program, without network and sudo; the sandbox ends
# soon after the file's window. An edit comes back only as it was answered. What cannot be opened is told.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
pid=
trap '"$S" standby 0 2>/dev/null || true; [ -z "$pid" ] || kill $pid 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
[ -x "$S" ] || skip "$S is not built"
program=
for p in display-im6.q16 display-im6.q32; do [ ! -e "/usr/share/applications/$p.desktop" ] || program=$p; done
[ -n "$program" ] || skip "ImageMagick's display is not installed"
command -v killall >/dev/null || skip "killall (psmisc) is not installed"
command -v xwininfo >/dev/null || skip "xwininfo (x11-utils) is not installed"

"$S" base build >/dev/null 2>&1 || skip "no base can be built here"

# What the usual viewer consists of is in a template's memory before it is started.
if command -v fincore >/dev/null && command -v gio >/dev/null && XDG_CONFIG_HOME=/nonexistent gio mime image/png | head -n 1 | grep -q $program; then
  kept=$("$S" run -q -- fincore -nbo RES "/usr/bin/$program")
  [ "${kept:-0}" -gt 0 ] || fail "the viewer is not in memory: $kept"
fi
export XDG_CONFIG_HOME="$T/config" XDG_DATA_HOME="$T/data"
mkdir "$T/config" "$T/data"
printf '[Default Applications]\nimage/png=%s.desktop\napplication/x-gameboy-rom=of-another-world.desktop\n' $program >"$T/config/mimeapps.list"
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\220wS\336\0\0\0\014IDATx\234c\370\317\300\0\0\3\1\1\0\311\376\222\357\0\0\0\0IEND\256B`\202' >"$T/dot.png"

ids () { "$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p' | sort; }
before=$(ids)
# Opens, waits until the program's window must be there, and leaves the id in $id.
opened () {
  "$S" open --no-window "$@" >"$T/out" 2>"$T/err" & pid=$!
  id=
  for _ in $(seq 600); do
    id=$(ids | grep -vxF "${before:-none}" || true)
    [ -z "$id" ] || ! "$S" exec "$id" -- pgrep -x "$program" >/dev/null 2>&1 || break
    kill -0 $pid 2>/dev/null || fail "open ended: $(cat "$T/err")"
    sleep 0.1
  done
  for _ in $(seq 300); do
    if "$S" exec "$id" -- sh -c 'xwininfo -root -tree | grep -q dot.png'; then break; fi
    sleep 0.1
  done
}
ended () {
  for _ in $(seq 300); do kill -0 $pid 2>/dev/null || break; sleep 0.1; done
  ! kill -0 $pid 2>/dev/null || fail "the window is closed, and the sandbox stays: $(cat "$T/err")"
  wait $pid && code=0 || code=$?
  pid=
  [ "$(ids)" = "$before" ] || fail "the sandbox is still there"
}

# --- view; in a machine that waits, where one may: with the rights of `open` all the same
waits () { for socket in "$XDG_RUNTIME_DIR"/sandglass/*/standby; do [ -e "$socket" ] && basename "${socket%/standby}"; done; }
waited=
if "$S" standby 1 2>/dev/null; then
  for _ in $(seq 300); do waited=$(waits) && break; sleep 0.1; done
  [ -n "$waited" ] || fail "no machine waits"
fi
opened "$T/dot.png"
[ -z "$waited" ] || [ "$id" = "$waited" ] || fail "one waits, and another one was taken: $id"
"$S" exec "$id" -- pgrep -f 'sandglass-open --later' >/dev/null || fail "its program did not get ready while the file went in"
"$S" exec "$id" -- sh -c 'cmp - Desktop/dot.png && [ "$(stat -c %a Desktop/dot.png)" = 444 ]' <"$T/dot.png" || fail "the copy inside"
if "$S" exec "$id" -- sudo -n true 2>/dev/null; then fail "sudo works"; fi
[ "$("$S" exec "$id" -- sh -c 'ls /sys/class/net')" = lo ] || fail "there is a network card"
if "$S" exec "$id" -- sh -c 'echo x >>Desktop/dot.png' 2>/dev/null; then fail "a view can be written to"; fi
sum=$(cksum <"$T/dot.png")
"$S" exec "$id" -- killall $program
ended
[ $code = 0 ] || fail "view: code $code, $(cat "$T/err")"

# --- edit, where nobody can be asked: both are kept
opened --edit "$T/dot.png"
"$S" exec "$id" -- sh -c 'echo more >>Desktop/dot.png'
"$S" exec "$id" -- killall $program
ended
[ $code = 0 ] && [ "$(cksum <"$T/dot.png")" = "$sum" ] || fail "edit: code $code, $(cat "$T/err")"
[ "$(tail -n 1 "$T/dot (edited in sandbox).png" | tail -c 5)" = more ] || fail "the edited one: $(ls "$T")"
rm "$T/dot (edited in sandbox).png"

# --- edit, replaced: the old one is in the Trash, or beside it; the mode stays
chmod 640 "$T/dot.png"
opened --edit --replace "$T/dot.png"
"$S" exec "$id" -- sh -c 'echo again >>Desktop/dot.png'
"$S" exec "$id" -- killall $program
ended
[ "$(tail -c 6 "$T/dot.png")" = again ] || fail "not replaced: $(cat "$T/err")"
[ "$(stat -c %a "$T/dot.png")" = 640 ] || fail "its mode is $(stat -c %a "$T/dot.png")"
old=$(find "$T" -name 'dot (before sandbox).png')
[ -n "$old" ] && [ "$(cksum <"$old")" = "$sum" ] || fail "the old one is not in the Trash: $(find "$T")"

# --- edit, and the original changes meanwhile: both are kept, though it was to be replaced
opened --edit --replace "$T/dot.png"
"$S" exec "$id" -- sh -c 'echo third >>Desktop/dot.png'
echo "somebody else" >"$T/dot.png"
"$S" exec "$id" -- killall $program
ended
[ "$(cat "$T/dot.png")" = "somebody else" ] || fail "the other's version is lost"
[ -e "$T/dot (edited in sandbox).png" ] || fail "ours is lost: $(cat "$T/err")"

# --- killed: nothing stays, the original is as it was
sum=$(cksum <"$T/dot.png")
cp "$old" "$T/dot.png"; sum=$(cksum <"$T/dot.png")
opened --edit "$T/dot.png"
kill -9 $pid; wait $pid 2>/dev/null || true; pid=
for _ in $(seq 100); do [ "$(ids)" != "$before" ] || break; sleep 0.1; done
[ "$(ids)" = "$before" ] || fail "killed, and the sandbox stays"
[ "$(cksum <"$T/dot.png")" = "$sum" ] || fail "killed, and the original changed"

# --- what cannot be opened is told at once, or with what there is inside.  A kind of file that no
# program of any computer that tests is likely to open: for a text, a terminal and vi would do.
echo text >"$T/a.gb"
if "$S" open --no-window "$T/a.gb" </dev/null 2>"$T/err"; then fail "opened with nothing"; fi
grep -q 'no program\|not there inside\|Nothing was opened' "$T/err" || fail "no program: $(cat "$T/err")"
{ printf 'MZ'; head -c 58 /dev/zero; printf '\100\0\0\0PE\0\0'; } >"$T/setup.pdf"
if "$S" open --no-window "$T/setup.pdf" 2>"$T/err"; then fail "a Windows program opened"; fi
command -v wine >/dev/null || grep -q 'Wine' "$T/err" || fail "Windows program: $(cat "$T/err")"
mkfifo "$T/pipe"
for what in "$T/pipe" "$T" /dev/zero "$T/nothing"; do
  if "$S" open --no-window "$what" 2>"$T/err"; then fail "$what was opened"; fi
  [ -s "$T/err" ] || fail "$what: nothing is said"
done
[ "$(ids)" = "$before" ] || fail "something is still open"
