#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What was saved inside is listed, and comes out by `save-files` alone: nothing is overwritten, nothing can be
# run by mistake, a full disk leaves nothing half written, and the sandbox stays as it is.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard $id 2>/dev/null || true; umount "$T/small" 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

id=$("$S" start -q)
[ "$("$S" changes "$id")" = "Nothing was saved in this sandbox since it opened." ] || fail "new, and changed: $("$S" changes "$id")"

"$S" exec "$id" -- sh -c '
  mkdir -p Documents/deep Downloads .config/autostart
  echo letter >Documents/letter.txt
  touch -d 2001-01-01 Documents/letter.txt
  printf "#!/bin/sh\n" >Downloads/setup; chmod 4755 Downloads/setup
  echo half >Downloads/film.mkv.part
  echo odd >"Documents/$(printf "two\nlines \377")"
  echo deep >Documents/deep/x
  ln -s /etc/passwd Documents/link; mkfifo Documents/pipe
  echo x >.config/autostart/evil.desktop'
"$S" exec "$id" -u root -- sh -c 'echo 1.2.3.4 bank >>/etc/hosts; echo >/etc/systemd/system/evil.service; rm /etc/shells'

# --- the list: what a person saved; with --all, also what starts by itself, and what is gone
"$S" changes "$id" --json >"$T/json"
for word in Documents/letter.txt Downloads/setup film.mkv.part Documents/deep/x 'two.nlines'; do
  grep -q "$word" "$T/json" || fail "$word is not in: $(cat "$T/json")"
done
[ "$(grep -c '"path" :' "$T/json")" = 5 ] || fail "too much or too little: $(cat "$T/json")"
"$S" changes "$id" | grep -q 'setup (Downloads) - program, may harm this computer' || fail "a program is not told: $("$S" changes "$id")"
"$S" changes "$id" --all >"$T/all"
grep -q 'evil.desktop .* starts by itself' "$T/all" || fail "no autostart in $(cat "$T/all")"
grep -q 'evil.service .* starts by itself' "$T/all" || fail "no service in $(cat "$T/all")"
grep -q 'removed  shells (/etc)' "$T/all" || fail "no removed file in $(cat "$T/all")"

# --- all that was saved, twice: nothing is overwritten, no exec bit, no set-id, marked
mkdir "$T/out"; echo mine >"$T/out/letter.txt"
"$S" save-files "$id" --to "$T/out" >/dev/null || fail "save-files"
[ "$(cat "$T/out/letter.txt")" = mine ] || fail "a file was overwritten"
[ "$(cat "$T/out/letter (2).txt")" = letter ] || fail "no second name: $(ls "$T/out")"
[ "$(stat -c %Y "$T/out/letter (2).txt")" = "$(date -d 2001-01-01 +%s)" ] || fail "its date is another one"
case $(stat -c %a "$T/out/setup") in *[1357]*|????) fail "setup is $(stat -c %a "$T/out/setup")" ;; esac
[ "$(ls "$T/out" | wc -l)" = 6 ] || fail "saved: $(ls "$T/out")"
if command -v getfattr >/dev/null && setfattr -n user.test -v x "$T/out" 2>/dev/null; then
  getfattr --only-values -n user.sandglass.origin "$T/out/x" 2>/dev/null | grep -qx "$id" || fail "no mark"
fi

# --- a folder as a whole; what is no file is refused, with words
"$S" rescue "$id" --to "$T/out" Documents >/dev/null || fail "rescue Documents"
[ "$(cat "$T/out/Documents/deep/x")" = deep ] || fail "the folder: $(find "$T/out")"
[ "$(find "$T/out/Documents" ! -type f ! -type d | wc -l)" = 0 ] || fail "a link or a pipe came out"
for what in Documents/pipe /dev/vda nothing /proc/kmsg; do
  if "$S" save-files "$id" --to "$T/out" "$what" >/dev/null 2>"$T/err"; then fail "$what came out"; fi
  grep -q 'was not saved' "$T/err" || fail "$what: $(cat "$T/err")"
done

# --- a file that grows all the time, and one that is larger than the disk here
"$S" exec "$id" -- sh -c 'truncate -s 9T Documents/huge 2>/dev/null || truncate -s 1T Documents/huge'
if "$S" save-files "$id" --to "$T/out" Documents/huge >/dev/null 2>"$T/err"; then fail "1 TB came out"; fi
grep -q 'not enough room' "$T/err" || fail "huge: $(cat "$T/err")"
[ ! -e "$T/out/huge" ] || fail "a part of it is there"
if mkdir "$T/small" && mount -t tmpfs -o size=70m none "$T/small" 2>/dev/null; then
  "$S" exec "$id" -- sh -c 'head -c 20000000 /dev/zero >Documents/large'
  if "$S" save-files "$id" --to "$T/small" Documents/large >/dev/null 2>"$T/err"; then fail "it cannot fit"; fi
  [ "$(find "$T/small" -mindepth 1 | wc -l)" = 0 ] || fail "half written: $(ls -la "$T/small")"
fi

# --- a name that would turn what is read around, or move the terminal's cursor (U+202E, U+009B)
"$S" exec "$id" -- sh -c 'echo x >"Documents/$(printf "bill\342\200\256fdp.\302\23331m.exe")"'
"$S" changes "$id" >"$T/list"
"$S" changes "$id" --json >"$T/json"
grep -q 'bill?fdp' "$T/list" && grep -q 'bill.u202efdp..u009b31m' "$T/json" || fail "it is not listed: $(cat -v "$T/list" "$T/json")"
if LC_ALL=C grep -q "$(printf '\342\200\256\|\302\233')" "$T/list" "$T/json"; then fail "the name as it is: $(cat -v "$T/list")"; fi

# --- the sandbox is as it was
[ "$("$S" exec "$id" -- cat Documents/letter.txt)" = letter ] || fail "the sandbox changed"
