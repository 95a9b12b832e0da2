#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder that is shared for writing: what the guest writes is the host user's, exact in every byte of
# name and contents; no set-id bit, no device node; no link, swap or rename leads out of the folder; a
# full disk is an error inside and nothing more.
set -eu
. "$(dirname "$0")/share-kit.sh"
SWAPS=${SWAPS:-150}
mkdir -p "$T/work" "$T/other" "$T/outside"
echo canary >"$T/other/canary"
echo canary >"$T/outside/canary"
echo mine >"$T/work/mine"
photograph "$T/outside" >"$T.outside"
photograph "$T/other" >"$T.other"
small=
if [ "$(id -u)" = 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=4m tmpfs "$T/small"; then
  small=yes
  trap 'umount -l "$T/small" 2>/dev/null || true; cleanup' EXIT
fi
open_one
"$S" share "$id" "$T/work" --write >/dev/null
"$S" share "$id" "$T/other" >/dev/null

# --- everyday work
inside 'cd ~/Desktop/work && cat mine && echo more >>mine && mkdir -p d/e && printf abc >d/e/f && mv d/e/f d/g && cp d/g h \
  && ln h hard && ln -s h soft && rm h && chmod 750 d && chmod 600 d/g && touch -d @1000000000 d/g && truncate -s 10 mine' >/dev/null \
  || fail "everyday work: $(ls -la "$T/work")"
[ "$(cat "$T/work/d/g" "$T/work/hard")" = abcabc ] || fail "contents"
[ "$(stat -c '%a %Y %u %g' "$T/work/d/g")" = "600 1000000000 $(id -u) $(id -g)" ] || fail "rights, time or owner: $(stat "$T/work/d/g")"
[ "$(stat -c '%a %s' "$T/work/d")" = "$(stat -c '750 %s' "$T/work/d")" ] && [ "$(stat -c %s "$T/work/mine")" = 10 ] || fail "chmod or truncate"
[ "$(readlink "$T/work/soft")" = h ] || fail "link"
as_root 'cd /home/sandbox/Desktop/work && echo r >of-root && mkdir dir-of-root'
[ "$(stat -c %u:%g "$T/work/of-root" "$T/work/dir-of-root" | sort -u)" = "$(id -u):$(id -g)" ] || fail "a file of the guest's root is not the host user's"
echo host >"$T/work/from-host"
[ "$(inside 'cat ~/Desktop/work/from-host')" = host ] || fail "what the host adds is not seen"
echo changed >"$T/work/from-host"
[ "$(inside 'cat ~/Desktop/work/from-host')" = changed ] || fail "what the host changes is not seen"
head -c 3000000 /dev/urandom >"$T/work/random"
[ "$(inside 'cd ~/Desktop/work && cp random copy && sha256sum <copy')" = "$(sha256sum <"$T/work/copy")" ] && cmp -s "$T/work/random" "$T/work/copy" || fail "bytes"

# --- names: every byte but / and NUL, 255 of them, a new line, no UTF-8
inside 'cd ~/Desktop/work && python3 -c "
import os
long = b\"n\" * 255
for name in (long, b\"new\\nline\", b\"bad\\xff\\xfe\", b\"-rf\", b\" \", b\"\\x01\\x1b[31m\", bytes(range(1, 47)) + bytes(range(48, 250))):
    open(name, \"wb\").write(name)
try:
    open(b\"n\" * 256, \"w\"); print(\"256 bytes work\")
except OSError: pass
"' | grep . && fail "a name of 256 bytes works"
python3 - "$T/work" <<'END' || fail "names are not as they were given"
import os, sys
d = os.fsencode(sys.argv[1])
for name in (b"n" * 255, b"new\nline", b"bad\xff\xfe", b"-rf", b" ", b"\x01\x1b[31m", bytes(range(1, 47)) + bytes(range(48, 250))):
    assert open(d + b"/" + name, "rb").read() == name, name
    os.unlink(d + b"/" + name)
END

# --- nothing that could be run with other rights, no device
as_root 'cd /home/sandbox/Desktop/work; mount -o remount,suid,dev /run/sandglass/shares/rw; mount -o remount,bind,suid,dev .
  cp /bin/true set; chmod u+s set; chmod g+s set; chmod 6755 set; chmod 4755 set; chmod g+s .; chmod +t .
  install -m 4755 /bin/true inst; cp -p /usr/bin/passwd pw; mkdir -m 2755 sg
  mknod null c 1 3; mknod disk b 8 0; setcap cap_setuid+ep set
  python3 -c "
import os
for f, a in ((os.mknod, (\"n1\", 0o104755)), (os.mknod, (\"n2\", 0o20666, os.makedev(1, 3))), (os.open, (\"n3\", os.O_CREAT | os.O_RDWR, 0o6777)), (os.mkdir, (\"n4\", 0o6777))):
    try: f(*a)
    except OSError: pass
fd = os.open(\"n5\", os.O_CREAT | os.O_RDWR, 0o755)
try: os.fchmod(fd, 0o4755)
except OSError: pass
"' >/dev/null 2>&1 || true
bad=$(find "$T/work" \( -perm /6000 -o -type b -o -type c \) -printf '%M %p\n')
[ -z "$bad" ] || fail "on the host: $bad"
[ -z "$(getcap -r "$T/work" 2>/dev/null)" ] || fail "capabilities: $(getcap -r "$T/work")"
rm -rf "$T/work/"*

# --- links: what the server follows could be another share, QEMU's own files, or the host's
as_root "cd /home/sandbox/Desktop/work
  for to in ../0 ../1 ../../ro/0 / /proc/1/root /proc/self/fd '$T/outside' '../../../../$T/outside'; do
    ln -s \"\$to\" link; cat link/canary link/../canary; ls link/; echo x >link/new; mkdir link/d; mv link/canary stolen; rm link/canary; ln link/canary stolen; rm -f link
  done; for up in .. ../.. ../../.. ../1 ../../ro/0; do ls \$up/canary; cat \$up/canary; done" >"$T.said" 2>&1 || true
! grep -q '^canary' "$T.said" || fail "a link was followed: $(cat "$T.said")"

# --- a folder becomes a link between look and use
inside "cd ~/Desktop/work && mkdir d && echo harmless >d/canary && cat >/tmp/swap.py" <<'END'
import os, sys, threading
swaps, targets = int(sys.argv[1]), ["../1", "../../ro/0", "/sandbox/shares/ro/0", sys.argv[2]]
os.mkdir("keep")
bad, tries, done = [], 0, threading.Event()
def look():
    global tries
    while not done.is_set():
        for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT):
            try:
                fd = os.open("d/canary" if flags == os.O_RDONLY else "d/fresh", flags)
                if flags == os.O_RDONLY and os.read(fd, 100) == b"canary\n": bad.append("read")
                os.close(fd)
            except OSError: pass
            tries += 1
        try: os.listdir("d")
        except OSError: pass
threads = [threading.Thread(target=look) for _ in range(3)]
for t in threads: t.start()
held = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
for i in range(swaps):
    try:
        os.rename("d", "keep/d"); os.symlink(targets[i % len(targets)], "d")
        try:
            fd = os.open("canary", os.O_RDONLY, dir_fd=held)
            if os.read(fd, 100) == b"canary\n": bad.append("held")
            os.close(fd)
        except OSError: pass
        os.unlink("d"); os.rename("keep/d", "d")
    except OSError as e: print(e)
    if (i + 1) % 5000 == 0: print(i + 1, "swaps,", tries, "tries", file=sys.stderr, flush=True)
done.set()
for t in threads: t.join()
print("bad" if bad else "good", tries > swaps / 10)
END
said=$("$S" exec "$id" -d /home/sandbox/Desktop/work -- timeout "${SWAP_SEC:-300}" python3 /tmp/swap.py "$SWAPS" "$T/outside" | tail -n 1)
[ "$said" = 'good True' ] || fail "swapping a folder for a link: $said"
photograph "$T/outside" | cmp -s "$T.outside" - || fail "something outside was changed"
photograph "$T/other" | cmp -s "$T.other" - || fail "another folder was changed: $(photograph "$T/other" | diff "$T.other" -)"
[ "$(ls "$T" | grep -vx small)" = "$(printf 'other\noutside\nwork')" ] || fail "something appeared beside the folder: $(ls "$T")"

# --- a full disk of the host
if [ -n "$small" ]; then
  "$S" share "$id" "$T/small" --write >/dev/null
  inside 'cd ~/Desktop/small; dd if=/dev/zero of=big bs=1M count=16' >"$T.said" 2>&1 && fail "a full disk takes everything"
  grep -qi 'no space' "$T.said" || fail "a full disk: $(cat "$T.said")"
  inside 'rm ~/Desktop/small/big && echo fits >~/Desktop/small/new' && [ "$(cat "$T/small/new")" = fits ] || fail "after the full disk"
  "$S" unshare "$id" "$T/small"
else
  echo "note: a full disk was not tried (mounting a small one needs root)"
fi
"$S" discard "$id"
ids=
