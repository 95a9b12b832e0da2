#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lifetime of a profile: `command` ends a sandbox that stays with its commands, `idle` when nobody has used it
# for so long; the usual one stays.
set -eu
. "$(dirname "$0")/policy-kit.sh"
gone_within () { # gone_within SECONDS ID
  for _ in $(seq "$1"); do "$S" list | grep -q "$2" || return 0; sleep 1; done
  return 1
}

profile command '<Lifetime>command</Lifetime><LogonCommand><Command>sleep 12</Command></LogonCommand>'
id=$("$S" start -q -p "$T/command.wsb" --approve); ids=$id
sleep 2
"$S" list | grep -q "$id" || fail "it ended before its command"
gone_within 40 "$id" || fail "it does not end with its command"

profile idle '<Lifetime>idle 1</Lifetime>'
"$S" profile check "$T/idle.wsb" | grep -q '^idle-minutes: 1 min' || fail "idle 1 is not understood"
id=$("$S" start -q -p "$T/idle.wsb" --approve); ids=$id
"$S" exec "$id" -- sleep 70
"$S" list | grep -q "$id" || fail "it ended while a command ran"
sleep 40
"$S" list | grep -q "$id" || fail "it ended too early"
gone_within 40 "$id" || fail "it does not end when nobody uses it"
ids=
