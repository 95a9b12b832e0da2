#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `base explain` says of any path whether it is inside and by which rule, and that is what the base
# does; --rules prints the table, --identifying what a stranger could learn.
set -eu
S=${SANDGLASS:-build/sandglass}
case $S in /*) ;; *) S=$PWD/$S ;; esac
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
# The base alone, without a machine that is prepared from it.
alone=
! "$S" base build --help | grep -q -e --no-template || alone=--no-template
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
export XDG_CACHE_HOME="$T/cache"

# says PATH WHERE SOURCE RULE
says () {
  "$S" base explain --json "$1" >"$T/json" || [ "$2" = nowhere ] || fail "explain $1"
  got=$(python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["where"], d["source"], d["rule"])' "$T/json")
  [ "$got" = "$2 $3 $4" ] || fail "explain $1: '$got', not '$2 $3 $4'"
  "$S" base explain "$1" >"$T/text" || [ "$2" = nowhere ] || fail "explain $1 in words"
  [ -s "$T/text" ] || fail "explain $1 says nothing"
}
says /usr/bin/env in linked system
says /bin/../usr/bin/env in linked system
says /etc/passwd in written etc-ours
says /etc/ld.so.cache in copied etc-libraries
says /etc/shadow in written etc-ours
says /root in None homes
says /home in None homes
says /var/lib/sandglass-does-not-exist nowhere None state
says /usr/lib/sandglass/sandglass-agent in written None
(cd /usr && "$S" base explain bin/env | grep -q '^/usr/bin/env is inside') || fail "a path from here"

# What it says is what is built.
"$S" base build $alone >"$T/out" || fail "base build: $(tail -n 1 "$T/out")"
"$S" base left-out >"$T/left-out"
checked=0
while IFS="$(printf '\t')" read -r path why; do
  checked=$((checked + 1))
  [ $checked -le 12 ] || break
  rule=${why%%: *}
  "$S" base explain --json "$path" >"$T/json"
  grep -q "\"rule\" : \"$rule\"" "$T/json" || fail "$path was left out by $rule, and explain says $(cat "$T/json")"
done <"$T/left-out"
[ $checked -gt 3 ] || fail "nothing is left out of this computer: $(cat "$T/left-out")"

"$S" base left-out --json | python3 -c '
import json, sys
lines = open(sys.argv[1]).read().splitlines()
said = ["%s\t%s: %s" % (one["path"], one["rule"], one["reason"]) for one in json.load(sys.stdin)]
assert said == lines, [pair for pair in zip(said, lines) if pair[0] != pair[1]][:3]' "$T/left-out" || fail "left-out as JSON"

"$S" base explain --rules --json | python3 -c '
import json, sys
rules = json.load(sys.stdin)
assert len(rules) > 30 and all(r["reason"] and r["rule"] and r["where"] for r in rules)
assert {"linked", "copied", "cleaned", "written", "empty", "out"} == {r["verdict"] for r in rules}
' || fail "--rules"
"$S" base explain --identifying --json | python3 -c '
import json, sys
facts = json.load(sys.stdin)
assert any(f["topic"] == "your user number" for f in facts)
assert all(f["topic"] and f["value"] for f in facts)
' || fail "--identifying"

code=0; "$S" base explain 2>/dev/null || code=$?
[ $code = 2 ] || fail "explain without a path: code $code"
code=0; "$S" base explain /a /b 2>/dev/null || code=$?
[ $code = 2 ] || fail "explain with two paths: code $code"
