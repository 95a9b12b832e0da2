# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of shared folders have in common.  Sourced by sh.
S=${SANDGLASS:-build/sandglass}
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-share-XXXXXX")
ids=
cleanup () {
  for id in $ids; do "$S" discard "$id" 2>/dev/null || true; done
  chmod -R u+rwX "$T" 2>/dev/null || true
  rm -rf "$T" "$T".*
}
trap cleanup EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }

# open_one: a sandbox that stays; its id is in $id
open_one () { id=$("$S" start -q) || fail "no sandbox"; ids="$ids $id"; }
# inside SCRIPT, as_root SCRIPT: in that sandbox
inside () { "$S" exec "$id" -- sh -c "$1"; }
as_root () { "$S" exec "$id" -u root -- sh -c "$1"; }

# qemu_mounts: what QEMU of that sandbox has mounted
qemu_mounts () {
  for p in $(ps -eo pid=,args= | awk -v n="sandglass-$id" '$0 ~ n { print $1 }'); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in
      */qemu-system-*) if [ -e "/proc/$p/root/sandbox/shares" ]; then cat "/proc/$p/mountinfo"; fi ;;
    esac
  done
}

# photograph DIR: everything about it that a change would change, but for times of access
photograph () {
  (cd "$1" && find . -printf '%p\0' | LC_ALL=C sort -z | xargs -0 stat --printf '%n|%i|%f|%u|%g|%s|%y|%z|%h|%t,%T\n'
    find . -type f -printf '%p\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum
    getfattr -R -d -m - . 2>/dev/null || true)
}
