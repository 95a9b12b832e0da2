#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel's own EROFS mounts from a base is this computer's files: every entry's type, mode,
# owner, time and target, and the contents of a sample, read through nbdkit and the link map.
# Generated entries are not the host's and are left out of the comparison: a file counts when it
# lies in /usr on both sides.  BASE_ROOT: another tree than / (its "usr" is compared).
# run-as: root
set -eu
S=${SANDGLASS:-build/sandglass}
ROOT=${BASE_ROOT:-/}
SAMPLE=${SAMPLE:-1500}
PLUGIN=${PLUGIN:-$(dirname "$S")/nbdkit-sandglass-plugin.so}
T=$(mktemp -d)
server=
clean () {
  umount "$T/mnt" 2>/dev/null || true
  # A sandbox that was opened meanwhile has a copy of the mount and keeps the loop device busy.
  fusermount3 -u "$T/disk" 2>/dev/null || fusermount3 -u -z "$T/disk" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$T"
}
trap clean EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }

[ -x "$S" ] || skip "$S is not built"
[ "$(id -u)" = 0 ] || skip "only root can mount"
[ -e /dev/fuse ] && [ -e /dev/loop-control ] || skip "no /dev/fuse or no loop devices"
for tool in nbdkit nbdfuse fusermount3 python3; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
grep -qw erofs /proc/filesystems || modprobe erofs 2>/dev/null || skip "this kernel has no EROFS"

export XDG_CACHE_HOME="$T/cache"
# The base alone, without a machine that is prepared from it.
alone=
! "$S" base build --help | grep -q -e --no-template || alone=--no-template
"$S" base build $alone --root "$ROOT" >"$T/progress" || fail "base build: $(tail -n 1 "$T/progress")"
base=$(readlink -f "$T/cache/sandglass/bases/current")
if command -v fsck.erofs >/dev/null; then
  # Metadata alone is enough for it: a file's blocks may be a hole.
  cp "$base/meta" "$T/meta"
  truncate -s "$("$S" base status --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["image-bytes"])')" "$T/meta"
  fsck.erofs "$T/meta" >"$T/fsck" 2>&1 || fail "fsck.erofs: $(tail -n 3 "$T/fsck")"
  rm "$T/meta"
fi

mkdir "$T/mnt"
: >"$T/disk"
nbdfuse -r "$T/disk" --command nbdkit -s -f "$PLUGIN" "base=$base" "root=$ROOT" 2>"$T/nbdkit" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ ! -s "$T/disk" ] || break
  sleep 0.3
done
mount -t erofs -o loop,ro "$T/disk" "$T/mnt" || fail "cannot mount the base: $(cat "$T/nbdkit")"

python3 - "$ROOT" "$T/mnt" "$SAMPLE" <<'PYTHON' || fail "the base differs from this computer"
import filecmp, os, random, stat, sys
root, mnt, sample = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2]), int(sys.argv[3])
differ, entries, files = 0, 0, []

def facts(s):
    kind = stat.S_IFMT(s.st_mode)
    size = s.st_size if kind in (stat.S_IFREG, stat.S_IFLNK) else 0
    return kind, stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns, size

for at, dirs, names in os.walk(os.path.join(mnt, b"usr")):
    for name in dirs + names:
        inside = os.path.join(at, name)
        outside = os.path.join(root, os.path.relpath(inside, mnt))
        if not os.path.lexists(outside):
            continue  # generated
        a, b = os.lstat(outside), os.lstat(inside)
        entries += 1
        same = facts(a) == facts(b)
        if same and stat.S_ISLNK(a.st_mode):
            same = os.readlink(outside) == os.readlink(inside)
        if same and stat.S_ISREG(a.st_mode):
            files.append((outside, inside))
        # A directory that something is left out of, or a file that is replaced by rule.
        if not same and not (stat.S_ISDIR(a.st_mode) and facts(a)[:4] == facts(b)[:4]):
            differ += 1
            print("differs:", os.fsdecode(outside), facts(a), facts(b))
random.seed(1)
for outside, inside in random.sample(files, min(sample, len(files))):
    if not filecmp.cmp(outside, inside, shallow=False):
        differ += 1
        print("other contents:", os.fsdecode(outside))
print(f"{entries} entries, {len(files)} files, contents of {min(sample, len(files))}: {differ} differ")
sys.exit(entries < 100 or differ > entries // 1000)
PYTHON
