#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Folders are given and taken while a sandbox runs; what must not be shared is refused with the reason; a
# folder that is renamed, deleted or ejected under the sandbox is an error inside and hangs nothing.
set -eu
. "$(dirname "$0")/share-kit.sh"
mkdir -p "$T/a" "$T/b" "$T/home/.ssh" "$T/home/.config/x" "$T/home/bin" "$T/home/project/.git" "$T/home/pictures"
echo a >"$T/a/file"
echo key >"$T/home/.ssh/id"
echo picture >"$T/home/pictures/1"
export HOME="$T/home"
open_one

# --- given at several places, more than once, and taken by either name
[ "$("$S" share "$id" "$T/a" /mnt/here/there)" = /mnt/here/there ] || fail "an absolute place"
[ "$("$S" share "$id" "$T/a" in/it -w)" = /home/sandbox/Desktop/in/it ] || fail "a place below the Desktop"
[ "$(inside 'cat /mnt/here/there/file; stat -c %U ~/Desktop/in')" = "$(printf 'a\nsandbox')" ] || fail "not there"
inside 'echo no >/mnt/here/there/file' 2>/dev/null && fail "the read-only one is writable"
inside 'echo yes >~/Desktop/in/it/file' || fail "the writable one is not"
[ "$(inside 'cat /mnt/here/there/file')" = yes ] || fail "what is written in one is not seen in the other"
"$S" share "$id" "$T/b" in/it 2>"$T.err" && fail "one place twice"
grep -q 'already' "$T.err" || fail "one place twice: $(cat "$T.err")"
"$S" share "$id" "$T/b" /etc 2>"$T.err" && fail "over a folder with files"
grep -q 'there are files there' "$T.err" || fail "over a folder with files: $(cat "$T.err")"
for place in / .. a/../../b /x/./y; do
  "$S" share "$id" "$T/b" "$place" 2>/dev/null && fail "the place $place"
done
"$S" unshare "$id" in/it && "$S" unshare "$id" /mnt/here/there || fail "unshare by place"
inside 'ls /mnt/here/there/file' 2>/dev/null && fail "it is still there"
inside 'rmdir ~/Desktop/in'

# --- refused, with the reason; nothing of it is seen inside
refused () { # refused WORDS ARGUMENT...
  words=$1; shift
  "$S" share "$id" "$@" >/dev/null 2>"$T.err" && fail "shared: $*"
  grep -q "$words" "$T.err" || fail "$*: $(cat "$T.err")"
}
ln -s "$T/home/.ssh" "$T/a/link-to-keys"
refused 'not shared.*whole computer' /
for f in /proc /proc/self /sys /sys/class /dev /dev/shm; do refused 'not shared' "$f"; done
refused 'running programs' "${XDG_RUNTIME_DIR:-/run/user}"
refused 'Sandglass keeps' "${XDG_CACHE_HOME:-$HOME/.cache}/sandglass"
refused 'keys and passwords' "$T/home/.ssh"
refused 'keys and passwords' "$T/a/link-to-keys"
refused 'keys and passwords' "$T/home/pictures/../.ssh"
for f in .config .config/x bin .; do refused 'not shared for writing' "$T/home/$f" --write; done
refused 'not shared for writing' "$T" --write
refused 'not a folder' "$T/a/file"
refused 'No such file' "$T/missing"
refused 'cannot be shared' /proc/self/cwd
[ -z "$(inside 'ls -A ~/Desktop')" ] || fail "something refused left a folder: $(inside 'ls -A ~/Desktop')"

# --- a folder that contains a refused one has it covered, and that is said; a repository is warned of
"$S" share "$id" "$T/home" >/dev/null 2>"$T.err" || fail "the home folder for reading: $(cat "$T.err")"
grep -q "'.ssh' in it is empty inside" "$T.err" || fail "not told what is hidden: $(cat "$T.err")"
[ "$(inside 'cat ~/Desktop/home/pictures/1')" = picture ] || fail "the home folder is not there"
[ -z "$(as_root 'ls -A /home/sandbox/Desktop/home/.ssh; umount /home/sandbox/Desktop/home/.ssh 2>/dev/null; ls -A /home/sandbox/Desktop/home/.ssh')" ] || fail "the keys are seen"
as_root 'cat /home/sandbox/Desktop/home/.ssh/id' 2>/dev/null && fail "the keys are read"
mv "$T/home/.ssh" "$T/home/.ssh2"
as_root 'cat /home/sandbox/Desktop/home/.ssh2/id' 2>/dev/null && fail "the keys are read once renamed"
mv "$T/home/.ssh2" "$T/home/.ssh"
"$S" unshare "$id" "$T/home"
"$S" share "$id" "$T/home/project" --write >/dev/null 2>"$T.err"
grep -q 'Git repository' "$T.err" || fail "no warning of the repository: $(cat "$T.err")"
"$S" unshare "$id" project

# --- renamed and deleted under the sandbox: the folder stays the one that was shared; no hang
"$S" share "$id" "$T/b" --write >/dev/null
mv "$T/b" "$T/c" && mkdir "$T/b"
inside 'echo 1 >~/Desktop/b/one'
[ -e "$T/c/one" ] && [ ! -e "$T/b/one" ] || fail "another folder took the place of the shared one"
rm -rf "$T/c"
timeout 60 "$S" exec "$id" -- sh -c 'ls -A ~/Desktop/b; echo 2 >~/Desktop/b/two' >/dev/null 2>&1 && fail "writing to a deleted folder"
[ "$(timeout 60 "$S" exec "$id" -- echo alive)" = alive ] || fail "the sandbox hangs"
"$S" unshare "$id" b
[ ! -e "$T/c" ] && [ -z "$(ls -A "$T/b")" ] || fail "the deleted folder came back"

# --- taken while it is used: an error inside, no hang, no way to go on, neither by name nor by what is open
head -c 1000000 /dev/urandom >"$T/a/big"
echo kept >"$T/a/open"
mkdir "$T/a/dir"
"$S" share "$id" "$T/a" --write >/dev/null
"$S" exec "$id" -u root -d /home/sandbox/Desktop/a -- sh -c 'exec 3<big 4>>open 5<dir; dd bs=4k count=1 of=/dev/null <&3 2>/dev/null; echo up
  while :; do dd bs=4k count=1 of=/dev/null status=none <&3 && echo read; echo x >&4 && echo wrote; echo x >note || echo failed; sleep 0.2; done' >"$T.busy" 2>/dev/null &
busy=$!
for _ in $(seq 100); do if grep -q wrote "$T.busy"; then break; fi; sleep 0.1; done
grep -q wrote "$T.busy" || fail "nothing is written before: $(cat "$T.busy")"
start=$(date +%s)
"$S" unshare "$id" "$T/a" 2>"$T.err" || fail "unshare while it is used: $(cat "$T.err")"
[ $(($(date +%s) - start)) -le 15 ] || fail "unshare took $(($(date +%s) - start)) s"
[ ! -s "$T.err" ] || fail "unshare while it is used says: $(cat "$T.err")"
rm -f "$T/a/note"
: >"$T.busy"
sum=$(sha256sum <"$T/a/open")
for _ in $(seq 100); do if [ "$(grep -c failed "$T.busy")" -ge 3 ]; then break; fi; sleep 0.1; done
grep -q failed "$T.busy" || fail "the program inside is stuck: $(cat "$T.busy")"
! grep -q 'read\|wrote' "$T.busy" || fail "what was open can still be used: $(cat "$T.busy")"
[ ! -e "$T/a/note" ] && [ "$(sha256sum <"$T/a/open")" = "$sum" ] || fail "a folder that was taken away is written to"
kill $busy
wait $busy 2>/dev/null || true
[ "$(timeout 60 "$S" exec "$id" -- echo alive)" = alive ] || fail "the sandbox hangs once it lost a folder"

# --- a large file that is put in is lent for as long; one of a place that is never shared is not, and goes in all the same
head -c 17000000 /dev/urandom >"$T/large"
cp "$T/large" "$T/home/.ssh/large2"
put () { # put FILE: what the command line says of it, for those who look for a fault, is in $T.put
  G_MESSAGES_DEBUG=all "$S" put-files "$id" "$1" >"$T.put" 2>&1 || fail "$1 does not go in: $(cat "$T.put")"
  [ "$(inside "cksum <~/Desktop/${1##*/}; rm ~/Desktop/${1##*/}")" = "$(cksum <"$T/large")" ] || fail "$1 is another one inside"
}
put "$T/large"
! grep 'not lent' "$T.put" || fail "a large file is not lent"
put "$T/home/.ssh/large2"
grep -q 'not lent.*keys and passwords' "$T.put" || fail "a file among the keys is lent: $(cat "$T.put")"
for _ in $(seq 50); do if ! qemu_mounts | grep -q 'shares/ro/'; then break; fi; sleep 0.1; done
! qemu_mounts | grep 'shares/ro/' || fail "what is inside is still lent"

# --- a sandbox that does not answer cannot keep a folder
"$S" share "$id" "$T/a" --write >/dev/null
as_root 'for p in $(pidof sandglass-agent); do kill -STOP $p; done' >/dev/null 2>&1 &
stopper=$!
sleep 2
timeout 60 "$S" unshare "$id" "$T/a" 2>"$T.err" || fail "a stopped sandbox keeps the folder: $(cat "$T.err")"
kill $stopper 2>/dev/null || true
! qemu_mounts | grep -q 'shares/rw/' || fail "QEMU still has the folder"
"$S" discard "$id"
ids=
