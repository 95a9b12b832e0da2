#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# However a session ends - its command does, its owner leaves, its supervisor or its machine is killed,
# the machine is switched off from inside - two seconds later there is no process, file, socket or
# directory of it.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# Everything in places of the test's own, so that other sessions are no concern of it.
mkdir -m 700 "$T/run" "$T/tmp" "$T/home" "$T/config"
export XDG_RUNTIME_DIR="$T/run" TMPDIR="$T/tmp" XDG_CONFIG_HOME="$T/config"
: "${XDG_CACHE_HOME:=$HOME/.cache}"
export XDG_CACHE_HOME
"$S" base build >"$T/build" 2>&1 || fail "no base: $(cat "$T/build")"

# Processes that have our runtime directory, or one of us as an ancestor, in common: found by the
# session's mark in their environment, which confined ones do not have; so all by their parent, too.
family () { # family PID: it and its descendants that are not zombies
  ps -eo pid=,ppid=,stat= | awk -v root="$1" '
    { parent[$1] = $2; state[$1] = $3 }
    END { for (p in parent) { q = p; while (q != "" && q != root && q > 1) q = parent[q]
            if (q == root && state[p] !~ /^Z/) print p } }'
}
supervisor_of () { ps -eo pid=,ppid=,args= | awk -v p="$1" '$2 == p && $3 ~ /sandglass-session/ { print $1 }'; }
qemu_of () { # the process in the innermost pid namespace
  for p in $(family "$1"); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in */qemu-system-x86_64) echo "$p" ;; esac
  done
}
marks () { # what has a name, and holds a session
  find "$T/run" "$T/tmp" "$T/config" -mindepth 1 | sort
  find "$XDG_CACHE_HOME/sandglass" -mindepth 1 ! -name accelerator | sort
  ls -d /dev/shm/*sandglass* 2>/dev/null | sort || true
}
before=$(marks)

start () { # start COMMAND...: sets $run, $supervisor, $all
  : >"$T/up"
  "$S" run -q -- sh -c "echo up; $*" >"$T/up" 2>"$T/err" </dev/null &
  run=$!
  for i in $(seq 1800); do
    if grep -q up "$T/up"; then break; fi
    kill -0 $run 2>/dev/null || fail "it ended before the command was up: $(cat "$T/err")"
    sleep 0.1
  done
  supervisor=$(supervisor_of $run)
  [ -n "$supervisor" ] || fail "no supervisor"
  all=$(family "$supervisor")
  [ "$(echo "$all" | wc -l)" -ge 7 ] || fail "too few processes to be a session: $all"
  [ -S "$T"/run/sandglass/*/control ] || fail "no socket"
}
gone () { # gone WHAT: two seconds later nothing is left
  sleep 2
  for p in $all; do
    case $(ps -o stat= -p "$p") in '' | Z*) ;; *) fail "$1: left: $(ps -o pid=,args= -p "$p")" ;; esac
  done
  [ "$(marks)" = "$before" ] || fail "$1: left: $(marks)"
}

start 'sleep 1'
wait $run || fail "the command's end"
gone 'the command ended'

start 'sleep 600'
kill -9 $run
gone 'the owner was killed'

start 'sleep 600'
kill -9 "$supervisor"
code=0; wait $run || code=$?
[ $code = 125 ] || fail "the supervisor was killed: code $code"
gone 'the supervisor was killed'

start 'sleep 600'
kill -9 $(qemu_of "$supervisor")
code=0; wait $run || code=$?
[ $code = 125 ] || fail "the machine was killed: code $code"
grep -q 'stopped unexpectedly' "$T/err" || fail "the machine was killed: $(cat "$T/err")"
gone 'the machine was killed'

start 'sleep 600'
guardian=$(for p in $all; do ps -o pid=,args= -p "$p"; done | awk '$2 ~ /guardian/ { print $1 }')
kill -9 $guardian
sleep 0.5
all="$all $(family "$supervisor")"
kill -9 "$supervisor"
wait $run || true
gone 'the guardian and then the supervisor were killed'

# Both at once: the next start clears it.
start 'sleep 600'
guardian=$(for p in $all; do ps -o pid=,args= -p "$p"; done | awk '$2 ~ /guardian/ { print $1 }')
kill -STOP $guardian; kill -9 "$supervisor"; kill -9 $guardian
wait $run || true
[ -d "$T/run/sandglass" ] || fail "the guardian was too fast for this test"
start 'sleep 1'
wait $run || fail "the command's end after a dead session"
gone 'a dead session was cleared'

code=0
"$S" run -q -u root -- sh -c 'echo o >/proc/sysrq-trigger; sleep 600' 2>"$T/err" || code=$?
[ $code = 125 ] || fail "switched off inside: code $code"
grep -q 'switched off from inside' "$T/err" || fail "switched off inside: $(cat "$T/err")"
all=
gone 'switched off from inside'
