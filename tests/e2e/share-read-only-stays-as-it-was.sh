#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder that is shared for reading is not changed, whatever the guest's root tries: contents, names,
# rights, owners, times (of access too), attributes; through the place, and through the device below it.
set -eu
. "$(dirname "$0")/share-kit.sh"
mkdir -p "$T/docs/sub/deep" "$T/outside"
echo secret >"$T/outside/secret"
echo hello >"$T/docs/a.txt"
echo deep >"$T/docs/sub/deep/b"
ln -s ../outside/secret "$T/docs/out"
ln -s /etc/hostname "$T/docs/abs"
ln "$T/docs/a.txt" "$T/docs/hard"
printf 'x' >"$T/docs/$(printf 'new\nline')"
mkfifo "$T/docs/fifo"
touch -d 2001-02-03 "$T/docs/a.txt" "$T/docs/sub"
chmod 640 "$T/docs/sub/deep/b"
photograph "$T" >"$T.before"
atimes () { find "$T" -printf '%p %A@\n' | sort; }

open_one
place=$("$S" share "$id" "$T/docs")
atimes >"$T.atimes"
[ "$place" = /home/sandbox/Desktop/docs ] || fail "the place is $place"
[ "$(inside 'cat ~/Desktop/docs/a.txt ~/Desktop/docs/sub/deep/b')" = "$(printf 'hello\ndeep')" ] || fail "it cannot be read"
[ "$(inside 'stat -c %U ~/Desktop/docs/a.txt')" = sandbox ] || fail "it is not the sandbox user's: $(inside 'ls -la ~/Desktop/docs')"
[ "$(inside 'readlink ~/Desktop/docs/out; ls ~/Desktop/docs | wc -l')" = "$(printf '../outside/secret\n8')" ] || fail "links or names are not as outside: $(inside 'ls -la ~/Desktop/docs')"
! inside 'cat ~/Desktop/docs/out' 2>/dev/null | grep -q secret || fail "a link leads out of the folder"
[ "$(inside 'cat ~/Desktop/docs/abs')" = "$(inside 'cat /etc/hostname')" ] || fail "an absolute link is not the sandbox's own"

# --- everything that writes; remounted writable first, by the place and by what is below it
as_root '
p=/home/sandbox/Desktop/docs
mount -o remount,bind,rw $p
mount -o remount,rw /run/sandglass/shares/ro
mkdir -p /tmp/again && mount --bind /run/sandglass/shares/ro /tmp/again && mount -o remount,bind,rw /tmp/again
umount /run/sandglass/shares/ro 2>/dev/null
mkdir -p /tmp/own && mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,access=any sandglass-ro /tmp/own
for d in $p /tmp/again/0 /tmp/own/0; do
  [ -d $d ] || continue
  echo x >$d/a.txt; echo x >>$d/a.txt; true >$d/new; mkdir $d/newdir; rm -f $d/a.txt; rm -rf $d/sub; rmdir $d/sub/deep
  mv $d/a.txt $d/moved; mv $d/sub $d/other; ln $d/a.txt $d/link; ln -s x $d/symlink; mknod $d/null c 1 3; mkfifo $d/pipe
  chmod 777 $d/a.txt $d $d/sub; chmod u+s $d/a.txt; chown 0:0 $d/a.txt $d; touch $d/a.txt $d; touch -h $d/out; truncate -s 0 $d/a.txt
  setfattr -n user.x -v y $d/a.txt; setfacl -m u:0:rwx $d/a.txt; fallocate -l 1M $d/a.txt; dd if=/dev/zero of=$d/a.txt bs=1 count=1 conv=notrunc
  python3 - $d <<"END"
import os, sys, mmap, fcntl
d = sys.argv[1]
def attempt(f, *a):
    try: f(*a)
    except OSError: pass
for flags in (os.O_RDWR, os.O_WRONLY | os.O_APPEND, os.O_RDONLY | os.O_TRUNC, os.O_RDWR | os.O_TMPFILE, os.O_WRONLY | os.O_CREAT):
    for name in ("a.txt", "", "sub", "fresh"):
        attempt(lambda: os.write(os.open(d + "/" + name, flags, 0o6777), b"x"))
def mapped():
    fd = os.open(d + "/a.txt", os.O_RDONLY)
    mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)[0] = 120
attempt(mapped)
def reopened():
    fd = os.open(d + "/a.txt", os.O_RDONLY)
    attempt(os.fchmod, fd, 0o777); attempt(os.fchown, fd, 0, 0); attempt(os.utime, fd, (1, 1)); attempt(os.ftruncate, fd, 0)
    os.write(os.open("/proc/self/fd/%d" % fd, os.O_WRONLY), b"x")
attempt(reopened)
attempt(os.rename, d + "/a.txt", d + "/sub/deep/b")
attempt(os.link, d + "/fifo", d + "/sub/fifo")
END
  for v in a.txt sub/deep/b; do cat $d/$v >/dev/null; done; ls -laR $d >/dev/null
done
:' >"$T.said" 2>&1 || true
[ "$(grep -c -i 'read-only' "$T.said")" -ge 20 ] || fail "few attempts were refused: $(head -40 "$T.said")"
atimes | cmp -s "$T.atimes" - || fail "times of access were changed: $(atimes | diff "$T.atimes" -)"
photograph "$T" >"$T.after"
cmp -s "$T.before" "$T.after" || fail "the folder was changed: $(diff "$T.before" "$T.after")"

# --- the same from the host's side: QEMU itself cannot write there, and nobody else sees it
qemu_mounts >"$T.mounts"
[ -s "$T.mounts" ] || fail "QEMU is not found"
awk '$5 ~ "^/sandbox/shares" { split($6, o, ","); if (o[1] != "ro") { print; bad = 1 } } END { exit bad }' "$T.mounts" \
  || fail "a mount of QEMU's is writable"
grep -q ' /sandbox/shares/ro/[0-9]* ro,.*nosuid.*nodev.*noexec' "$T.mounts" || fail "flags: $(grep shares "$T.mounts")"
! grep -q "sandglass/$id/shares" /proc/self/mountinfo || fail "the host sees the session's mounts"

# --- another sandbox sees nothing of it
first=$id
open_one
[ -z "$(inside 'ls -A ~/Desktop 2>/dev/null; ls -A /run/sandglass/shares 2>/dev/null')" ] || fail "a second sandbox sees it"
as_root 'modprobe 9pnet_virtio 9p; mkdir -p /tmp/m; mount -t 9p -o trans=virtio sandglass-ro /tmp/m' 2>/dev/null && fail "a second sandbox has the device"
second=$id id=$first

# --- taken away: gone at once; nothing stays
"$S" unshare "$id" "$T/docs" 2>/dev/null || fail "unshare"
[ -z "$(inside 'ls -A ~/Desktop')" ] || fail "it is still there: $(inside 'ls -la ~/Desktop')"
! qemu_mounts | grep -q 'shares/ro/' || fail "QEMU still has it"
"$S" unshare "$id" "$T/docs" 2>/dev/null && fail "it can be taken away twice"
"$S" discard "$first" && "$S" discard "$second"
ids=
[ ! -e "${XDG_RUNTIME_DIR:-/nonexistent}/sandglass/$first" ] || fail "the session's directory is still there"
photograph "$T" | cmp -s "$T.before" - || fail "the folder was changed at the end"
