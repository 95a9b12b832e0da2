#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A shared folder beside the guest's own disk, in the same sandbox and in turn: one large file read and
# written, and `git status` of many small ones.
#
# The guest's disk is encrypted and a copy on write; the share is the host's file system.  The guest's
# cache is emptied before each read and each status (but `again`: the second of two), and what is written counts
# once it is on the disk.  The large file is also dropped in (put-files), until it is on the guest's disk.
set -eu
. "$(dirname "$0")/lib.sh"
S=${SANDGLASS:-build/sandglass}
MB=${SHARE_MB:-1000}
FILES=${SHARE_FILES:-50000}
ROUNDS=${SHARE_ROUNDS:-3}
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
id=
trap '[ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || true; rm -rf "$T"' EXIT
for tool in git python3; do command -v $tool >/dev/null || { echo "bench: $tool is missing" >&2; exit 1; }; done
mkdir "$T/share"
begun=$(date +%s)
at () { echo "bench: shares: $(($(date +%s) - begun)) s: $*" >&2; }

# --- a repository of small files, 50 in a folder; the same is made inside.  checkStat: the owner inside is
# another, and all contents would be read again at the first look (minutes, and nothing of it is measured).
cat >"$T/share/make-tree" <<'END'
mkdir -p "$1" && cd "$1" && git init -q . && git config gc.auto 0 && git config core.checkStat minimal && git config core.trustctime false && python3 -c "
import os, sys
n = int(sys.argv[1])
for d in range((n + 49) // 50):
    os.makedirs('d%02d/e%03d' % (d // 50, d % 50))
    for f in range(min(50, n - d * 50)):
        open('d%02d/e%03d/f%02d' % (d // 50, d % 50, f), 'w').write('%d %d\n' % (d, f))
" "$2" && git add . && git -c user.name=n -c user.email=e@e commit -q -m tree
END
sh "$T/share/make-tree" "$T/share/tree" "$FILES" >&2
head -c "$((MB * 1000000))" /dev/urandom >"$T/share/file"

at "the tree is made here"
id=$("$S" start -q -m 3072)
"$S" share "$id" "$T/share" /mnt/share --write >/dev/null
as_root () { "$S" exec "$id" -u root -- sh -c "$1"; }
as_root "mkdir -p /mnt/disk && cp /mnt/share/file /mnt/disk/file && sh /mnt/share/make-tree /mnt/disk/tree $FILES && sync
  git config --system --add safe.directory '*'
  cat >/tmp/measure" <<'END'
#!/bin/sh
# measure WHAT DIR: seconds
sync; echo 3 >/proc/sys/vm/drop_caches
start=$(date +%s%N)
case $1 in
  read) dd if=$2/file of=/dev/null bs=1M status=none ;;
  write) dd if=/dev/zero of=$2/new bs=1M count=$3 conv=fsync status=none ;;
  status) git -C $2/tree status --porcelain >/tmp/said; [ ! -s /tmp/said ] || echo "status is not clean" >&2 ;;
  again) git -C $2/tree status --porcelain >/dev/null; start=$(date +%s%N); git -C $2/tree status --porcelain >/dev/null ;;
esac
end=$(date +%s%N)
awk "BEGIN { printf \"%.3f\n\", ($end - $start) / 1e9 }"
rm -f $2/new
END
as_root 'git -C /mnt/disk/tree status --porcelain >/dev/null; git -C /mnt/share/tree status --porcelain >/dev/null' # both indexes learn the inodes
at "and inside"
measure () { as_root "sh /tmp/measure $1 /mnt/$2 $MB" >>"$T/$1-$2"; }
for i in $(seq "$ROUNDS"); do
  for what in read write status again; do
    measure $what share
    measure $what disk
  done
  at "round $i of $ROUNDS"
  as_root 'sync; rm -f /home/sandbox/Desktop/file*; sync'
  start=$(date +%s%N)
  "$S" put-files "$id" "$T/share/file" >/dev/null && as_root sync
  end=$(date +%s%N)
  awk "BEGIN { printf \"%.3f\n\", ($end - $start) / 1e9 }" >>"$T/put"
done
put=$(median "$T/put") written=$(median "$T/write-share") put_ratio=$(ratio "$(median "$T/write-share")" "$(median "$T/put")")
row () { # row WHAT WORDS OP TARGET UNIT
  share=$(median "$T/$1-share") disk=$(median "$T/$1-disk")
  if [ "$5" = speed ]; then
    r=$(ratio "$disk" "$share")
    echo "| $2 | $share s, $(awk "BEGIN { printf \"%.0f MB/s\", $MB / $share }") | $disk s, $(awk "BEGIN { printf \"%.0f MB/s\", $MB / $disk }") | $(awk "BEGIN { printf \"%.0f %%\", 100 * $r }") | >= 60 % | $(verdict "$r" '>=' 0.6) |"
  else
    r=$(ratio "$share" "$disk")
    echo "| $2 | $share s | $disk s | $r x | <= 4 x | $(verdict "$r" '<=' 4) |"
  fi
}
cat <<END
## Shared folders

The share (contents by 9p in QEMU, names and attributes from an index; docs/shares.md) beside the guest's own disk, in turn, median of $ROUNDS; $MB MB, $FILES files.

| what | share | the guest's disk | ratio | target | |
| --- | --- | --- | --- | --- | --- |
$(row read 'one file, read' '>=' 0.6 speed)
$(row write 'one file, written and synced' '>=' 0.6 speed)
$(row status '`git status`, nothing cached' '<=' 4 time)
$(row again '`git status`, again' '<=' 4 time)

| what | dropped in | written to the share from inside | ratio | target | |
| --- | --- | --- | --- | --- | --- |
| one file, on the disk | $put s, $(awk "BEGIN { printf \"%.0f MB/s\", $MB / $put }") | $written s, $(awk "BEGIN { printf \"%.0f MB/s\", $MB / $written }") | $(awk "BEGIN { printf \"%.0f %%\", 100 * $put_ratio }") | >= 100 % | $(verdict "$put_ratio" '>=' 1) |

END
