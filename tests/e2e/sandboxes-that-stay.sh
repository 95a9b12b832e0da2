#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `start` opens sandboxes that stay, each its own; exec, list, wait and discard find them by id; a discarded
# one leaves nothing.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
ids=
trap 'for i in $ids; do "$S" discard $i 2>/dev/null || true; done; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

a=$("$S" start -q); ids=$a
b=$("$S" start -q); ids="$a $b"
case $a in [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]) ;; *) fail "start printed '$a'" ;; esac
[ "$a" != "$b" ] || fail "two sandboxes have one id"

# --- the output, the code and the user are the command's; one does not see the other's file
"$S" exec "$a" -- sh -c 'echo mine >/tmp/mine; echo said; exit 5' >"$T/out" && code=0 || code=$?
[ "$code" = 5 ] && [ "$(cat "$T/out")" = said ] || fail "exec gave $code: $(cat "$T/out")"
[ "$("$S" exec "$a" -u root -d /etc -- sh -c 'echo $(id -u) $PWD $(cat /tmp/mine)')" = "0 /etc mine" ] || fail "exec -u -d"
"$S" exec "$b" -- test ! -e /tmp/mine || fail "a file of one sandbox is in the other"
printf 'a\0b' | "$S" exec "$b" -- od -An -c | tr -d ' \n' | grep -qxF 'a\0b' || fail "exec's standard input"

# --- the beginning of an id is enough where it is the only one; a wrong one is told
first=$(echo "$a" | cut -c1-6)
[ "$first" = "$(echo "$b" | cut -c1-6)" ] || "$S" exec "$first" -- true || fail "the beginning of an id"
"$S" exec 00000000x -- true 2>"$T/err" && fail "a wrong id works"
grep -q 'sandglass list' "$T/err" || fail "a wrong id: $(cat "$T/err")"

# --- the list tells both, with their memory
"$S" list | grep -q "^$a  running" || fail "list: $("$S" list)"
"$S" list --json >"$T/json"
for id in $a $b; do grep -q "\"id\" : \"$id\"" "$T/json" || fail "$id is not in list --json"; done
[ "$(grep -c '"private-bytes" : [1-9]' "$T/json")" = 2 ] || fail "no memory in: $(cat "$T/json")"

# --- wait ends with the sandbox, discard verifies
"$S" wait "$a" & waiter=$!
"$S" discard "$a" || fail "discard"
wait $waiter || fail "wait"
! "$S" list | grep -q "$a" || fail "a discarded sandbox is listed"
[ ! -e "${XDG_RUNTIME_DIR:-/nonexistent}/sandglass/$a" ] || fail "its directory is still there"

# --- shut down inside, it is gone as well
"$S" exec "$b" -u root -- systemctl poweroff || true
for _ in $(seq 300); do
  if ! "$S" list | grep -q "$b"; then break; fi
  sleep 0.1
done
! "$S" list | grep -q "$b" || fail "a sandbox that was shut down inside is listed"
ids=
