#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands of a profile run one after the other, as the user or as root, after its folders are there; each
# has its log and exit code; one that fails is told and does not keep the next from running.  With `run` they
# come before the command.  A folder that cannot be had is told, and is no reason not to open.
set -eu
. "$(dirname "$0")/policy-kit.sh"

mkdir "$T/given" "$T/looked-at"
: >"$T/letter"; ln -s circle "$T/circle"
echo from outside >"$T/given/in"
profile steps "<MappedFolders>
<MappedFolder><HostFolder>$T/given</HostFolder><SandboxFolder>C:\\Users\\WDAGUtilityAccount\\given</SandboxFolder><ReadOnly>false</ReadOnly></MappedFolder>
<MappedFolder><HostFolder>$T/looked-at</HostFolder></MappedFolder>
<MappedFolder><HostFolder>$T/nowhere</HostFolder></MappedFolder>
<MappedFolder><HostFolder>$T/letter</HostFolder></MappedFolder>
<MappedFolder><HostFolder>$T/circle</HostFolder></MappedFolder></MappedFolders>
<LogonCommand>
<Command>sleep 1; cat given/in; id -un; echo 1 &gt;&gt;given/order</Command>
<Command user=\"root\">id -un; echo 2 &gt;&gt;/home/sandbox/given/order; echo oops &gt;&amp;2; exit 7</Command>
<Command>echo 3 &gt;&gt;given/order; kill -9 \$\$</Command>
<Command>echo 4 &gt;&gt;given/order; head -c 300000 /dev/zero | tr '\\\\0' a; echo end</Command>
</LogonCommand>"

# --- run: the steps come first, the failures are told
"$S" run -p "$T/steps.wsb" --approve -- sh -c 'cat given/order; touch Desktop/looked-at/x 2>&1' >"$T/out" 2>"$T/err" && code=0 || code=$?
[ "$code" = 1 ] || fail "the command's code is $code: $(cat "$T/err")"
[ "$(head -n 4 "$T/out" | tr '\n' ' ')" = "1 2 3 4 " ] || fail "the order: $(cat "$T/out")"
grep -q 'Read-only file system' "$T/out" || fail "a folder without ReadOnly is not read-only: $(cat "$T/out")"
grep -q "'$T/nowhere' cannot be shared: No such" "$T/err" && grep -q "'$T/letter' is not a folder" "$T/err" &&
  grep -q "'$T/circle' cannot be shared: .*in a circle" "$T/err" || fail "folders that cannot be had: $(cat "$T/err")"
grep -q 'Step 2 of the profile failed with exit code 7' "$T/err" || fail "step 2: $(cat "$T/err")"
grep -q 'Step 3 of the profile failed with exit code 137' "$T/err" || fail "step 3: $(cat "$T/err")"
[ "$(tr '\n' ' ' <"$T/given/order")" = "1 2 3 4 " ] || fail "the folder outside: $(cat "$T/given/order")"

# --- a sandbox that stays: now the profile is known, so --approve is not needed; and the answer is remembered
id=$("$S" start -q -p "$T/steps.wsb" --allow-changes "$T/looked-at"); ids=$id
for _ in $(seq 600); do "$S" steps "$id" | grep -q '^ 4  ended' && break; sleep 0.2; done
"$S" steps "$id" >"$T/steps"
grep -q '^ 1  ended *0  user ' "$T/steps" && grep -q '^ 2  ended *7  root ' "$T/steps" \
  && grep -q '^ 3  ended *137  user ' "$T/steps" && grep -q '^ 4  ended *0  user ' "$T/steps" || fail "steps: $(cat "$T/steps")"
[ "$("$S" steps "$id" --log 1)" = "$(printf 'from outside\nsandbox')" ] || fail "log 1: $("$S" steps "$id" --log 1)"
[ "$("$S" steps "$id" --log 2)" = "$(printf 'root\noops')" ] || fail "log 2: $("$S" steps "$id" --log 2)"
"$S" steps "$id" --log 4 >"$T/log"
[ "$(wc -c <"$T/log")" = 65536 ] && [ "$(tail -n 1 "$T/log" | tail -c 4)" = end ] || fail "log 4 has $(wc -c <"$T/log") bytes"
"$S" steps "$id" --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
assert [x["exit-code"] for x in s] == [0, 7, 137, 0], s
assert [x["user"] for x in s] == ["user", "root", "user", "user"], s'
"$S" steps "$id" --log 5 2>"$T/err" && fail "there is a fifth log"
"$S" exec "$id" -- touch Desktop/looked-at/x || fail "the folder that may be changed cannot be"
[ -e "$T/looked-at/x" ] || fail "the change is not outside"
