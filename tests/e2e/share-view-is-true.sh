#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The file system that shows a shared folder inside, and the index that it asks, without a machine: both
# over one folder here.  What it shows is what is there, at once after a change by either side; what is
# written through it is in the folder when the call returns; and it is quick.
set -eu
B=${SG_BUILD:-build}
[ -x "$B/guest/sandglass-share" ] || { echo "skipped: $B/guest/sandglass-share is not built"; exit 77; }
[ -c /dev/fuse ] || { echo "skipped: no /dev/fuse here"; exit 77; }
if [ "${1:-}" != inside ]; then
  unshare -Urm true 2>/dev/null || { echo "skipped: no user namespaces here"; exit 77; }
  exec unshare -Urm "$0" inside
fi
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-view-XXXXXX")
trap 'exec 3>&- 4>&-; cd /; umount -l "$T/view" 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
mkdir "$T/real" "$T/view" "$T/outside" "$T/real/d"
echo hi >"$T/real/a"
echo x >"$T/real/d/f"
ln -s a "$T/real/link"
ln -s ../outside "$T/real/out"
mkfifo "$T/asked" "$T/told"
: >"$T/said"
exec 5<>"$T/asked" 6<>"$T/told"
"$B/sandglass-share-index" "$T/real" <"$T/asked" >"$T/told" 5>&- 6>&- &
"$B/guest/sandglass-share" "$T/real" "$T/view" rw <"$T/told" >"$T/asked" 2>"$T/said" 5>&- 6>&- &
server=$!
for _ in $(seq 100); do if grep -q shown "$T/said"; then break; fi; sleep 0.1; done
grep -q shown "$T/said" || {
  if grep -qi 'permitted\|denied' "$T/said"; then echo "skipped: no file system may be mounted here: $(cat "$T/said")"; exit 77; fi
  fail "not shown: $(cat "$T/said")"
}
exec 5>&- 6>&-
same () { # same WORDS: both sides are equal
  (cd "$T/real" && find . -printf '%p %i %y %m %s %n %l %T@\n' | sort) >"$T/1"
  for _ in $(seq 20); do
    (cd "$T/view" && find . -printf '%p %i %y %m %s %n %l %T@\n' | sort) >"$T/2"
    if cmp -s "$T/1" "$T/2"; then return; fi
    sleep 0.1
  done
  fail "$1: $(diff "$T/1" "$T/2")"
}
soon () { # soon WORDS COMMAND...: within a second
  words=$1; shift
  for _ in $(seq 10); do if "$@"; then return; fi; sleep 0.1; done
  fail "$words"
}
says () { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
absent () { ! ls "$1" >/dev/null 2>&1; }
same "at the start"

# --- the host changes, after it was looked at
echo changed >"$T/real/a"
soon "changed contents are not seen" says "$T/view/a" changed
exec 3<"$T/view/d/f"
cat <&3 >/dev/null
echo more >>"$T/real/d/f"
sleep 1.2
[ "$(cat <&3)" = more ] || fail "what is added to an open file is not seen"
exec 3<&-
absent "$T/view/new" || fail "a name that is not there"
echo new >"$T/real/new"
soon "a new file is not seen" says "$T/view/new" new
rm "$T/real/new"
soon "a removed file is seen" absent "$T/view/new"
echo other >"$T/real/tmp" && mv "$T/real/tmp" "$T/real/a"
soon "a replaced file is not seen" says "$T/view/a" other
mv "$T/real/d" "$T/real/e"
soon "a renamed folder is not seen" says "$T/view/e/f" "$(cat "$T/real/e/f")"
soon "a renamed folder is seen by its old name" absent "$T/view/d/f"
same "after the host's changes"

# --- changes through it: there when the call returns
cd "$T/view"
mkdir x && cd x && echo 1 >one && sleep 0.3 && [ "$(/bin/pwd)" = "$T/view/x" ] || fail "the folder that one works in: $(/bin/pwd)"
cd ..
echo written >w && says "$T/real/w" written || fail "what is written is not there"
echo more >>w && says "$T/real/w" "$(printf 'written\nmore')" || fail "what is added is not there"
mv w v && [ ! -e "$T/real/w" ] && ln v hard && ln -s v soft && chmod 640 v && touch -d @1000 v && truncate -s 3 v && mkfifo p || fail "a change"
[ "$(stat -c '%a %s %h' "$T/real/v" v hard | sort -u)" = '640 3 2' ] || fail "rights, size or links: $(stat -c '%a %s %h' "$T/real/v" v hard)"
mv e x/e && mv x y && says y/e/f "$(cat "$T/real/y/e/f")" || fail "a moved folder"
exec 4>gone && rm gone && echo z >&4 || fail "a file that is removed while it is open"
exec 4>&-
same "after our changes"
rm -r y && [ ! -e "$T/real/y" ] || fail "removing"
head -c 5000000 /dev/urandom >big && cmp big "$T/real/big" || fail "contents"
python3 - <<'END2' || fail "mapped, or in the middle"
import mmap, os
fd = os.open("big", os.O_RDWR)
with mmap.mmap(fd, 0) as m: m[4096:4100] = b"abcd"; m.flush()
os.pwrite(fd, b"efgh", 4999990); os.fsync(fd)
b = os.open(os.environ.get("T", "..") + "/real/big", os.O_RDONLY) if "T" in os.environ else os.open("../real/big", os.O_RDONLY)
assert os.pread(b, 4, 4096) == b"abcd" and os.pread(b, 4, 4999990) == b"efgh"
END2
cat out/../a >/dev/null 2>&1 && fail "a link is followed by the server"

# --- many names: as they are, also when they come and go
python3 - <<'END2' || fail "many names"
import os, random
os.mkdir("many")
names = [b"n" * 255, b"new\nline", b"bad\xff\xfe", b"-rf", b" "] + [b"%d" % i for i in range(2000)]
for n in names: open(b"many/" + n, "w").write("x")
assert sorted(os.listdir(b"many")) == sorted(names) == sorted(os.listdir(b"../real/many"))
random.seed(1)
for i in range(3000):
    side = b"many/" if random.random() < 0.5 else b"../real/many/"
    n = side + b"%d" % random.randrange(2000)
    try: os.unlink(n)
    except FileNotFoundError: open(n, "w").write("%d" % i)
END2
same "after many changes of both sides"
# --- a folder that is read all the time: what comes and goes on the host is seen in it at once
python3 - <<'END2' || fail "a folder's names that are kept"
import os, threading, time
os.mkdir("../real/busy")
for i in range(60): open("../real/busy/%d" % i, "w").close()
over = False
def read():
    while not over: os.listdir("busy")
reader = threading.Thread(target=read); reader.start()
try:
    for i in range(60):
        for there in (True, False):
            if there: open("../real/busy/new", "w").close()
            else: os.unlink("../real/busy/new")
            end = time.monotonic() + 1
            while ("new" in os.listdir("busy")) != there:
                assert time.monotonic() < end, "round %d: %s" % (i, "not seen" if there else "still seen")
finally:
    over = True; reader.join()
END2

# --- who looks at many files by their names asks for few of them: the rest was read before
python3 - "$server" <<'END2' || fail "many files, by their names"
import os, sys
def asked(): return int(open("/proc/%s/io" % sys.argv[1]).read().split("syscr: ")[1].split()[0])
names = ["looked/d%02d/f%02d" % (d, f) for d in range(60) for f in range(50)]
for n in names:
    os.makedirs("../real/" + os.path.dirname(n), exist_ok=True); open("../real/" + n, "w").close()
before = asked()
for n in names: os.lstat(n)
print("share: %d requests and answers for %d names" % (asked() - before, len(names)))
assert asked() - before < len(names) / 2
END2
cd /
umount "$T/view" || fail "it cannot be unmounted"
wait
