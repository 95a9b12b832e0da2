#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A shared folder beside the guest's own disk, in the same sandbox and in turn: one large file written and
# read, and `git status` of many small ones; and the same large file dropped in (put-files).
#
# The guest's disk is encrypted and a copy on write; the share is the host's file system.  The guest's
# cache is emptied before each read and each status (but `again`: the one after), and what is written counts
# once it is on the disk, also what is dropped in.  Rounds are made until SHARE_SECONDS are over, one at least.
set -eu
. "$(dirname "$0")/lib.sh"
S=${SANDGLASS:-build/sandglass}
MB=${SHARE_MB:-1000}
FILES=${SHARE_FILES:-50000}
SECONDS_MOST=${SHARE_SECONDS:-300}
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
id=
trap '[ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || true; rm -rf "$T"' EXIT
for tool in git python3; do command -v $tool >/dev/null || { echo "bench: $tool is missing" >&2; exit 1; }; done
mkdir "$T/share"
begun=$(date +%s)
at () { echo "bench: shares: $(($(date +%s) - begun)) s: $*" >&2; }

# --- a repository of small files, 50 in a folder, made here once; inside it is unpacked from one stream (made
# there under emulation it took ten minutes).  checkStat: the owner inside is another, and the times come in
# whole seconds; an old time: else git reads all contents once more at the first look.
mkdir "$T/share/tree"
(cd "$T/share/tree"
  git init -q . && git config gc.auto 0 && git config core.checkStat minimal && git config core.trustctime false
  python3 - "$FILES" <<'END'
import os, sys
n = int(sys.argv[1])
for d in range((n + 49) // 50):
    folder = 'd%02d/e%03d' % (d // 50, d % 50)
    os.makedirs(folder)
    for f in range(min(50, n - d * 50)):
        path = '%s/f%02d' % (folder, f)
        open(path, 'w').write('%d %d\n' % (d, f))
        os.utime(path, (1500000000, 1500000000))
END
  git add . && git -c user.name=n -c user.email=e@e commit -q -m tree && git repack -q -a -d)
at "the tree is made here"
id=$("$S" start -q -m 3072)
"$S" share "$id" "$T/share" /mnt/share --write >/dev/null
as_root () { "$S" exec "$id" -u root -- sh -c "$1"; }
as_root 'mkdir -p /mnt/disk/tree && git config --system --add safe.directory "*"; cat >/tmp/measure' <<'END'
#!/bin/sh
# measure WHAT DIR MB: seconds; `status`: of both
empty () { sync; echo 3 >/proc/sys/vm/drop_caches; }
clock () { date +%s%N; }
tell () { awk "BEGIN { printf \"%.3f\n\", ($2 - $1) / 1e9 }"; }
look () { git -C "$1/tree" status --porcelain >/tmp/said; [ ! -s /tmp/said ] || echo "status is not clean" >&2; }
empty
start=$(clock)
case $1 in
  read) dd if="$2/new" of=/dev/null bs=1M status=none ;;
  write) dd if=/dev/zero of="$2/new" bs=1M count="$3" conv=fsync status=none ;;
  status) look "$2"; tell "$start" "$(clock)"; start=$(clock); look "$2" ;;
esac
tell "$start" "$(clock)"
END
tar -c -C "$T/share/tree" . | as_root 'tar -x -C /mnt/disk/tree && sync'
at "and is inside"
measure () { # measure WHAT WHERE FILE...: a line for each file
  as_root "sh /tmp/measure $1 /mnt/$2 $MB" >"$T/said"
  shift 2
  for file; do sed -n 1p "$T/said" >>"$T/$file"; sed -i 1d "$T/said"; done
}
rounds=0 round_began=$(date +%s)
while [ $rounds = 0 ] || [ $((2 * $(date +%s) - round_began - begun)) -lt "$SECONDS_MOST" ]; do
  round_began=$(date +%s)
  for where in share disk; do measure write $where write-$where; done
  for where in share disk; do measure read $where read-$where; done
  as_root 'rm /mnt/disk/new; sync'
  start=$(date +%s%N)
  "$S" put-files "$id" "$T/share/new" >/dev/null && as_root sync
  end=$(date +%s%N)
  awk "BEGIN { printf \"%.3f\n\", ($end - $start) / 1e9 }" >>"$T/put"
  as_root 'rm /home/sandbox/Desktop/new'
  rm "$T/share/new"
  at "round $((rounds + 1)): the large file"
  for where in share disk; do measure status $where status-$where again-$where; done
  rounds=$((rounds + 1))
  at "round $rounds"
done
row () { # row WHAT WORDS UNIT
  share=$(median "$T/$1-share") disk=$(median "$T/$1-disk")
  if [ "$3" = speed ]; then
    r=$(ratio "$disk" "$share")
    echo "| $2 | $(speed "$share") | $(speed "$disk") | $(percent "$r") | >= 60 % | $(verdict "$r" '>=' 0.6) |"
  else
    r=$(ratio "$share" "$disk")
    echo "| $2 | $share s | $disk s | $r x | <= 4 x | $(verdict "$r" '<=' 4) |"
  fi
}
speed () { awk "BEGIN { printf \"%s s, %.0f MB/s\", $1, $MB * 1.048576 / $1 }"; }
percent () { awk "BEGIN { printf \"%.0f %%\", 100 * $1 }"; }
put=$(median "$T/put") written=$(median "$T/write-share")
put_ratio=$(ratio "$written" "$put")
cat <<END
## Shared folders

The share (contents by 9p in QEMU, names and attributes from an index; docs/shares.md) beside the guest's own disk, in turn;
$MB MiB in one file, $FILES files in the tree; rounds: $rounds, medians.

| what | share | the guest's disk | ratio | target | |
| --- | --- | --- | --- | --- | --- |
$(row read 'one file, read' speed)
$(row write 'one file, written and synced' speed)
$(row status '`git status`, nothing cached' time)
$(row again '`git status`, again' time)

| what | dropped in, until it is on the guest's disk | written to the share from inside | ratio | target | |
| --- | --- | --- | --- | --- | --- |
| one file | $(speed "$put") | $(speed "$written") | $(percent "$put_ratio") | >= 100 % | $(verdict "$put_ratio" '>=' 1) |
| | | the guest's disk: $(speed "$(median "$T/write-disk")") | $(percent "$(ratio "$(median "$T/write-disk")" "$put")") | | |

END
