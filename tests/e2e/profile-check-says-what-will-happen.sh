#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `sandglass profile check` says for each sample of tests/wsb what is written in tests/wsb/expected; with
# UPDATE=1 that is written anew (then read the difference before you keep it).
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
sandglass=$(realpath "${SANDGLASS:-build/sandglass}")
if [ -n "$(ls -A /etc/sandglass/policy.d 2>/dev/null)" ]; then
  echo "skipped: this computer has rules of an administrator"; exit 77
fi
cd "$here/tests/wsb" || exit 1
failed=0 n=0

say () { # what is said about a sample, on a computer that is the same everywhere
  env -i LC_ALL=C.UTF-8 HOME=/nonexistent/maria "$sandglass" profile check --computer-memory=16000 \
    --computer-cpus=8 "$1" 2>&1 | sed "s|$PWD|@DIR@|g"
  echo "exit code: ${PIPESTATUS[0]}"
}

for sample in *.wsb refused/*.wsb; do
  expected=expected/$(basename "$sample" .wsb).txt
  got=$(say "$sample")
  if [ "${UPDATE:-}" = 1 ]; then printf '%s\n' "$got" >"$expected"; fi
  if ! diff -u "$expected" <(printf '%s\n' "$got"); then failed=$((failed + 1)); fi
  case $sample in
    refused/*) printf '%s\n' "$got" | grep -q "^sandglass: $sample:[0-9]*:[0-9]*: " ||
      { echo "$sample: no file, line and column"; failed=$((failed + 1)); } ;;
  esac
  n=$((n + 1))
done
[ "$n" -ge 30 ] || { echo "only $n samples"; failed=$((failed + 1)); }

# What is written back is read again as the same.
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
for sample in *.wsb; do
  HOME=/nonexistent/maria "$sandglass" profile format "$sample" >"$T/once.wsb" 2>/dev/null || continue
  HOME=/nonexistent/maria "$sandglass" profile format "$T/once.wsb" >"$T/twice.wsb" 2>/dev/null
  cmp "$T/once.wsb" "$T/twice.wsb" || { echo "$sample is not stable"; failed=$((failed + 1)); }
done

# An administrator's "no" is named with file and line; JSON says the same.
mkdir "$T/policy.d" && printf '# lab\n[policy]\n\nAllowNetworking=false\n' >"$T/policy.d/20-lab.conf"
chmod 755 "$T" "$T/policy.d"; chmod 644 "$T/policy.d/20-lab.conf"
printf '<Configuration><Networking>Enable</Networking></Configuration>' >"$T/net.wsb"
said=$("$sandglass" policy show --policy-dir "$T/policy.d" "$T/net.wsb" | grep '^networking:')
[ "$said" = "networking: none  (policy: $T/policy.d/20-lab.conf:4, AllowNetworking=false; asked: internet)" ] ||
  { echo "policy show says: $said"; failed=$((failed + 1)); }
"$sandglass" policy show --json --policy-dir "$T/policy.d" "$T/net.wsb" | tr -d ' \n' |
  grep -q '"networking":{"value":"none","reason":{"by":"policy","file":"[^"]*20-lab.conf","line":4,' ||
  { echo "policy show --json does not"; failed=$((failed + 1)); }

# A file that others may write closes everything, and the message mends it.
chmod 666 "$T/policy.d/20-lab.conf"
"$sandglass" policy show --policy-dir "$T/policy.d" >"$T/out" 2>"$T/err"
[ $? = 1 ] || { echo "an insecure policy is no failure"; failed=$((failed + 1)); }
grep -q "chmod go-w '$T/policy.d/20-lab.conf'" "$T/err" || { cat "$T/err"; failed=$((failed + 1)); }
grep -q '^may-run: no' "$T/out" || { echo "an insecure policy lets run"; failed=$((failed + 1)); }
exit $((failed > 0))
