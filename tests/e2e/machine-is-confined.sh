#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU, nbdkit and the relay of a running session: no capability, a filter of system calls, namespaces
# of their own, no network card, nothing writable, no descriptor that they have no use for, no core
# dumps; and the supervisor's memory and descriptors are closed to others.  Looked at from outside, in
# /proc, as whoever runs the test.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

: >"$T/up"
"$S" run -q ${MODE:-} -- sh -c 'echo up; cat >/dev/null; exec sleep 600' >"$T/up" 2>"$T/err" </dev/null &
run=$!
for i in $(seq 1800); do
  if grep -q up "$T/up"; then break; fi
  kill -0 $run 2>/dev/null || fail "it ended before the command was up: $(cat "$T/err")"
  sleep 0.1
done
trap 'kill -9 $run 2>/dev/null || true; rm -rf "$T"' EXIT

family () { # family PID: its descendants
  ps -eo pid=,ppid= | awk -v root="$1" '
    { parent[$1] = $2 }
    END { for (p in parent) { q = parent[p]; while (q != "" && q != root && q > 1) q = parent[q]
            if (q == root) print p } }'
}
all=$(family $run)
find_exe () { # find_exe NAME: the process of the family that runs it
  for p in $all; do
    case $(readlink "/proc/$p/exe") in */"$1") echo "$p" ;; esac
  done
}
qemu=$(find_exe qemu-system-x86_64)
nbdkit=$(find_exe nbdkit)
relay=$(find_exe sandglass-relay)
supervisor=$(ps -eo pid=,ppid=,args= | awk -v p=$run '$2 == p && $3 ~ /sandglass-session/ { print $1 }')
[ -n "$qemu" ] && [ -n "$nbdkit" ] && [ -n "$relay" ] && [ -n "$supervisor" ] \
  || fail "not a whole session: qemu '$qemu', nbdkit '$nbdkit', relay '$relay'"

# status PID FIELD
status () { awk -v f="$2:" '$1 == f { print $2 }' "/proc/$1/status"; }
# open_files PID: what its descriptors name
open_files () { for f in "/proc/$1/fd/"*; do readlink "$f" 2>/dev/null || true; done; }

check () { # check NAME PID
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    [ "$(status "$2" $set)" = 0000000000000000 ] || fail "$1 has capabilities: $set $(status "$2" $set)"
  done
  [ "$(status "$2" NoNewPrivs)" = 1 ] || fail "$1 can get new privileges"
  [ "$(status "$2" Seccomp)" = 2 ] || fail "$1 has no filter of system calls"
  # A process that closed itself (the relay) shows the rest to root only.
  if [ "$(id -u)" != 0 ] && ! ls "/proc/$2/fd" >/dev/null 2>&1; then
    [ "$1" = 'the relay' ] || fail "$1 cannot be looked at"
    return
  fi
  for ns in user pid ipc uts net cgroup mnt; do
    theirs=$(readlink "/proc/$2/ns/$ns")
    [ "$theirs" != "$(readlink /proc/self/ns/$ns)" ] || fail "$1 shares the $ns namespace with us"
    for other in $qemu $nbdkit; do
      [ "$other" = "$2" ] || [ "$theirs" != "$(readlink "/proc/$other/ns/$ns")" ] \
        || fail "$1 shares the $ns namespace with process $other"
    done
  done
  cards=$(awk 'NR > 2 { sub (":", "", $1); print $1 }' "/proc/$2/net/dev")
  [ "$cards" = lo ] || fail "$1 has network cards: $cards"
  writable=$(awk '{ split ($6, o, ","); if (o[1] != "ro") print $5 }' "/proc/$2/mountinfo" \
    | grep -vxE '/dev/(null|zero|full|random|urandom|tty|pts)' || true)
  [ -z "$writable" ] || fail "$1 can write to: $writable"
  for secret in /home /root /etc/passwd /var/log /sys /run; do
    [ ! -e "/proc/$2/root$secret" ] || fail "$1 sees $secret"
  done
  # A /proc shows the process itself, and nobody else.
  seen=$(ls "/proc/$2/root/proc" 2>/dev/null | grep -x '[0-9]*' || true)
  [ -z "$seen" ] || [ "$1 $seen" = 'QEMU 1' ] || fail "$1 sees other processes: $seen"
  grep -q '^Max core file size *1 *1 ' "/proc/$2/limits" || fail "$1 may dump its memory to a file"
  [ -z "$(tr '\0' '\n' <"/proc/$2/environ" | grep -vxE 'LC_ALL=C.UTF-8|PWD=/|LD_PRELOAD=(/sandbox/sandglass-(ram|revoke)-preload.so:?)+')" ] \
    || fail "$1 has an environment: $(tr '\0' ' ' <"/proc/$2/environ")"
}
check QEMU "$qemu"
check nbdkit "$nbdkit"
check 'the relay' "$relay"

# QEMU's files: its scratch, which has no name; the base's empty disk and, out of a template, that one's
# memory and disk, all of which it can only read.
open_files "$qemu" | grep -vE '^(socket|pipe|anon_inode):|^/dev/null$|/#[0-9]+( \(deleted\))?$|/memfd:|/bases/[0-9a-f]+/scratch$|^/sandbox/ram$|/templates/[0-9a-f]+/disk$' >"$T/extra" || true
[ ! -s "$T/extra" ] || fail "QEMU has open: $(cat "$T/extra")"
for f in "/proc/$qemu/fd/"*; do
  case $(readlink "$f") in
    */bases/*/scratch | */templates/*/disk | /sandbox/ram)
      flags=$(awk '$1 == "flags:" { print $2 }' "/proc/$qemu/fdinfo/${f##*/}")
      [ $((flags & 3)) = 0 ] || fail "QEMU can write to $(readlink "$f")" ;;
  esac
done
[ "$(awk 'NR > 1 && $6 == "01"' "/proc/$qemu/net/unix" | wc -l)" = 0 ] || fail "QEMU listens"
[ "$(awk 'NR > 1' "/proc/$qemu/net/tcp" | wc -l)" = 0 ] || fail "QEMU has network sockets"
open_files "$nbdkit" | grep -vE '^(socket|pipe|anon_inode):|^/dev/null$|^/sandbox/(host|base)(/|$)' >"$T/extra" || true
[ ! -s "$T/extra" ] || fail "nbdkit has open: $(cat "$T/extra")"
open_files "$relay" | grep -vE '^(socket|pipe|anon_inode):|^/dev/null$' | grep -vxF -e "$T/up" -e "$T/err" >"$T/extra" || true
[ ! -s "$T/extra" ] || fail "the relay has open: $(cat "$T/extra")"

# The supervisor's memory: closed even to the same user (root may everything).
if [ "$(id -u)" != 0 ]; then
  ! cat "/proc/$supervisor/environ" >/dev/null 2>&1 || fail "the supervisor's memory is open to others"
fi
[ "$(stat -c %a "$(dirname "$(ls -d "${XDG_RUNTIME_DIR:-/nonexistent}"/sandglass/*/control 2>/dev/null | head -n 1)")" 2>/dev/null || echo 700)" = 700 ] \
  || fail "the session's directory is open to others"

kill -9 $run
wait $run 2>/dev/null || true

# The same for one that boots by itself, where this one may have come out of a template.
[ -n "${MODE:-}" ] || MODE=--cold sh "$0"
