#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Building the base, beside a bare walk of the same tree and beside mkfs.erofs with data.
set -eu
. "$(dirname "$0")/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(dirname "$S")
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
trap 'rm -rf "$T"' EXIT
export XDG_CACHE_HOME="$T/cache"
trees=/usr; [ ! -d /opt ] || trees="$trees /opt"

# Without the prepared machine for quick starts (--no-template): that one is a boot, see boot.sh.
"$S" base build --no-template --json >"$T/build" # warms the page cache for all that follow
pairs 7 "$S base build --no-template --force --json" "$B/tests/walk $trees" "$T/build.s" "$T/walk.s"
build=$(median "$T/build.s") walk=$(median "$T/walk.s")
status=$("$S" base status --json)
size=$(echo "$status" | sed -n 's/.*"disk-bytes" : \([0-9]*\).*/\1/p')
files=$(echo "$status" | sed -n 's/.*"files" : \([0-9]*\).*/\1/p')

# One package changed.  The host's packages are not ours to change: in a mount namespace of its own, other
# files lie where those of one package were.  Each of these builds, and the one after it that finds the host
# as it is, makes another base: both count.
changed=$(dpkg-query -W -f '${Package}\n' base-files 2>/dev/null || echo bash)
cat >"$T/changed" <<END
mount -t tmpfs tmpfs /usr/share/doc/$changed && echo new >/usr/share/doc/$changed/README && exec $S base build --no-template --force --json
END
rebuild=
if [ -d "/usr/share/doc/$changed" ] && unshare -rm true 2>/dev/null; then
  for _ in 1 2 3 4; do
    digest=$(readlink "$XDG_CACHE_HOME/sandglass/bases/current")
    seconds unshare -rm sh "$T/changed" >>"$T/rebuild.s"
    [ "$(readlink "$XDG_CACHE_HOME/sandglass/bases/current")" != "$digest" ] || { echo "bench: nothing changed" >&2; exit 1; }
    seconds "$S" base build --no-template --force --json >>"$T/rebuild.s"
  done
  rebuild=$(median "$T/rebuild.s")
fi

if command -v mkfs.erofs >/dev/null && [ "${BENCH_QUICK:-}" != 1 ]; then
  peer=$(seconds mkfs.erofs "$T/peer.erofs" /usr)
  peer_size=$(stat -c %s "$T/peer.erofs")
  rm -f "$T/peer.erofs"
else
  peer=
fi

cat <<END
## The base of this computer

| what | figure | beside it | ratio | target | |
| --- | --- | --- | --- | --- | --- |
| build, warm ($files entries; median of 7) | $build s | bare \`nftw\` walk: $walk s | $(ratio "$build" "$walk")x | <= 4x | $(verdict "$(ratio "$build" "$walk")" '<=' 4) |
END
[ -z "$rebuild" ] || echo "| rebuild after one package changed (median of 8) | $rebuild s | the walk: $walk s | $(ratio "$rebuild" "$walk")x | <= 2x | $(verdict "$(ratio "$rebuild" "$walk")" '<=' 2) |"
if [ -n "$peer" ]; then
  echo "| build | $build s | \`mkfs.erofs\` with data: $peer s | $(ratio "$peer" "$build")x faster | >= 80x | $(verdict "$(ratio "$peer" "$build")" '>=' 80) |"
  echo "| size | $(mb "$size") | \`mkfs.erofs\` with data: $(mb "$peer_size") | $(ratio "$peer_size" "$size")x smaller | >= 300x | $(verdict "$(ratio "$peer_size" "$size")" '>=' 300) |"
fi
echo
