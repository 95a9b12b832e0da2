#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# AllowAdministrator=false: the user inside cannot become root, by any of the ways that are there otherwise;
# commands as root are refused from outside, the profile's too; with the rule gone it is as usual.
set -eu
. "$(dirname "$0")/policy-kit.sh"

"$S" run -q -- sudo -n id -u | grep -qx 0 || fail "sudo does not work as usual: this test could not fail"

rules 'Administrator=deny'
profile root '<LogonCommand><Command user="root">id -u >/root/was-here</Command><Command>id -un</Command></LogonCommand>'
"$S" run -q "$P" -- sh -c 'sudo -n id -u; su -c "id -u" </dev/null; doas -n id -u; pkexec id -u </dev/null
  systemd-run -q --pipe id -u </dev/null; systemctl start nothing.service </dev/null; id -u' >"$T/out" 2>"$T/err" || true
! grep -qx 0 "$T/out" || fail "root inside: $(cat "$T/out" "$T/err")"
[ "$(tail -n 1 "$T/out")" != 0 ] && [ -s "$T/out" ] || fail "the command did not run: $(cat "$T/err")"

"$S" run -q "$P" -u root -- id 2>"$T/err" && fail "a command as root was run"
grep -q "administrator" "$T/err" && grep -q '20-test.conf, line 2' "$T/err" || fail "not told who refuses root: $(cat "$T/err")"

id=$("$S" start -q "$P" -p "$T/root.wsb" --approve); ids=$id
"$S" exec "$id" -u root -- id 2>"$T/err" && fail "exec -u root works"
"$S" exec "$id" -u daemon -- id 2>"$T/err" && fail "exec -u daemon works"
for _ in $(seq 600); do "$S" steps "$id" | grep -q '^ 2  ended' && break; sleep 0.2; done
"$S" steps "$id" >"$T/steps"
grep -q '^ 1  not-allowed .*root .*Set by your administrator (20-test.conf, line 2)' "$T/steps" || fail "steps: $(cat "$T/steps")"
grep -q '^ 2  ended  *0  user' "$T/steps" || fail "steps: $(cat "$T/steps")"
"$S" exec "$id" -- sh -c 'sudo -n cat /root/was-here' 2>/dev/null && fail "the step as root has run"
exit 0
