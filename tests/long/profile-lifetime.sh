#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lifetime of a profile: `command` ends a sandbox that stays with its commands, `idle` when nobody has used it
# for so long; the usual one stays.
set -eu
. "$(dirname "$0")/../e2e/policy-kit.sh"
gone_within () { # gone_within SECONDS ID
  for _ in $(seq "$1"); do "$S" list | grep -q "$2" || return 0; sleep 1; done
  return 1
}

# A minute is the least that can be said, so both wait at once, one of them with a command; meanwhile the third.
profile idle '<Lifetime>idle 1</Lifetime>'
"$S" profile check "$T/idle.wsb" | grep -q '^idle-minutes: 1 min' || fail "idle 1 is not understood"
busy=$("$S" start -q -p "$T/idle.wsb" --approve); ids=$busy
"$S" exec "$busy" -- sleep 90 & sleeper=$!
idle=$("$S" start -q -p "$T/idle.wsb"); ids="$ids $idle"
began=$(date +%s)

profile command '<Lifetime>command</Lifetime><LogonCommand><Command>sleep 8</Command></LogonCommand>'
id=$("$S" start -q -p "$T/command.wsb" --approve); ids="$ids $id"
sleep 1
"$S" list | grep -q "$id" || fail "it ended before its command"
gone_within 40 "$id" || fail "it does not end with its command"

while [ $(($(date +%s) - began)) -lt 50 ]; do sleep 1; done
"$S" list | grep -q "$idle" || fail "it ended too early"
gone_within 40 "$idle" || fail "it does not end when nobody uses it"
"$S" list | grep -q "$busy" || fail "it ended while a command ran"
kill $sleeper
