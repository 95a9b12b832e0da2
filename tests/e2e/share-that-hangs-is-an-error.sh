#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder whose disk or network is gone does not answer, for ever: who uses it inside gets an error in
# bounded time, the person is told, and once it answers again all is as before.  Without a machine: a FUSE
# server that is stopped (SIGSTOP) is the network; what shows folders inside lies over it.
set -eu
B=${SG_BUILD:-build}
[ -x "$B/guest/sandglass-share" ] || { echo "skipped: $B/guest/sandglass-share is not built"; exit 77; }
[ -c /dev/fuse ] || { echo "skipped: no /dev/fuse here"; exit 77; }
if [ "${1:-}" != inside ]; then
  unshare -Urm true 2>/dev/null || { echo "skipped: no user namespaces here"; exit 77; }
  exec unshare -Urm "$0" inside
fi
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-hangs-XXXXXX")
server=
trap '[ -z "$server" ] || kill -CONT "$server" 2>/dev/null || true; exec 7>&-; umount -l "$T/view" "$T/far" 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
mkdir "$T/real" "$T/far" "$T/view"
echo hi >"$T/real/a"
head -c 3000000 /dev/urandom >"$T/real/big"

# over NAME FOLDER PLACE [SECONDS]: shows FOLDER at PLACE; the server's process is in $pid
over () {
  name=$1 folder=$2 place=$3; shift 3
  mkfifo "$T/$name-asked" "$T/$name-told"
  : >"$T/$name-said"
  exec 5<>"$T/$name-asked" 6<>"$T/$name-told"
  "$B/sandglass-share-index" "$folder" <"$T/$name-asked" >"$T/$name-told" 5>&- 6>&- &
  "$B/guest/sandglass-share" "$folder" "$place" rw "$@" <"$T/$name-told" >"$T/$name-asked" 2>"$T/$name-said" 5>&- 6>&- &
  pid=$!
  for _ in $(seq 100); do if grep -q shown "$T/$name-said"; then break; fi; sleep 0.1; done
  grep -q shown "$T/$name-said" || {
    if grep -qi 'permitted\|denied' "$T/$name-said"; then echo "skipped: no file system may be mounted here: $(cat "$T/$name-said")"; exit 77; fi
    fail "not shown: $(cat "$T/$name-said")"
  }
  exec 5>&- 6>&-
}
over far "$T/real" "$T/far"; server=$pid
over near "$T/far" "$T/view" 2
[ "$(cat "$T/view/a")" = hi ] && cmp -s "$T/real/big" "$T/view/big" || fail "not there at the start"
exec 7>>"$T/view/open"
ls "$T/view" >/dev/null

# --- it does not answer: each is an error, in bounded time
kill -STOP "$server"
within () { # within SECONDS COMMAND...: it fails, in that time
  start=$(date +%s) seconds=$1; shift
  timeout -s KILL 60 "$@" >"$T/out" 2>&1 && fail "it works: $*"
  took=$(($(date +%s) - start))
  [ "$took" -le "$seconds" ] || fail "$* took $took s"
}
within 6 sh -c "exec cat '$T/view/big'"
grep -q 'Input/output error' "$T/out" || fail "another error: $(cat "$T/out")"
for i in 1 2 3 4 5 6 7 8; do within 8 sh -c "exec cat '$T/view/other-$i'" & all="${all:-} $!"; done
for p in $all; do wait "$p" || fail "many at a time"; done
within 6 mkdir "$T/view/d"
grep -qx slow "$T/near-said" || fail "it is not said: $(cat "$T/near-said")"
[ "$(grep -c slow "$T/near-said")" = 1 ] || fail "it is said too often"

# --- it answers again
kill -CONT "$server"
for _ in $(seq 50); do if [ "$(timeout -s KILL 10 cat "$T/view/a" 2>/dev/null)" = hi ]; then break; fi; sleep 0.1; done
[ "$(cat "$T/view/a")" = hi ] && cmp -s "$T/real/big" "$T/view/big" || fail "it does not come back"
echo written >"$T/view/new" && [ "$(cat "$T/real/new")" = written ] || fail "it cannot be written to"
