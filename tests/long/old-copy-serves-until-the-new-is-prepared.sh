#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# After an update of the computer sandboxes go on waking from the old copy until a sandbox is prepared for
# the new one; a renewal that is stopped leaves the old one as it was.  Sandboxes that are open then go on, with
# what was and was not installed, and the old copy goes with the last of them; one that waited ends by itself.
set -eu
S=${SANDGLASS:-build/sandglass}
unshare -rm true 2>/dev/null || { echo "skipped: no user namespaces"; exit 77; }
[ -d /usr/local/bin ] || { echo "skipped: no /usr/local/bin"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-test-XXXXXX")
export XDG_CACHE_HOME="$T/cache" XDG_RUNTIME_DIR="$T/run"
mkdir -m 700 "$XDG_RUNTIME_DIR"
builder= id=
cleanup () { [ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1 || :; "$S" standby 0 >/dev/null 2>&1 || :; [ -z "$builder" ] || { kill "$builder" 2>/dev/null || :; wait "$builder" 2>/dev/null || :; }; rm -rf "$T"; }
trap cleanup EXIT
fail () { echo "FAIL: $*" >&2; [ ! -e "$T/said" ] || cat "$T/said" >&2; exit 1; }
current () { readlink "$XDG_CACHE_HOME/sandglass/bases/current"; }
woken () { "$S" run --plan | grep -q '^Start: *woken'; }
# at_template: builds until a sandbox is being prepared
at_template () {
  "$S" base build --json >"$T/said" 2>&1 & builder=$!
  tries=600
  until grep -q 'Starting the system inside' "$T/said"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] && kill -0 "$builder" 2>/dev/null || fail "no sandbox is prepared for the new copy"
    sleep 0.1
  done
}

unshare -rm sh -c "mount -t tmpfs tmpfs /usr/local/bin && exec '$S' base build --json" >"$T/said" 2>&1 || fail "the first build"
"$S" base status --json | grep -q '"state" : "stale"' || fail "the copy is not old"
old=$(current)
woken || fail "no sandbox is prepared for the old copy"

at_template
[ "$(current)" = "$old" ] || fail "the new copy is the current one before a sandbox is prepared for it"
woken || fail "sandboxes boot while another copy is made"
kill -INT "$builder"; wait "$builder" 2>/dev/null || :; builder=
[ "$(current)" = "$old" ] || fail "a build that was stopped changed the copy"
[ "$(ls "$XDG_CACHE_HOME/sandglass/bases" | sort | tr '\n' ' ')" = "$(printf '%s\n' "$old" current lock | sort | tr '\n' ' ')" ] \
  || fail "left behind: $(ls "$XDG_CACHE_HOME/sandglass/bases")"
woken || fail "a build that was stopped took the prepared sandbox away"

# One that is open, and one that waits; opened while the copy is renewed, or they would have it renewed themselves.
bases=$XDG_CACHE_HOME/sandglass/bases templates=$XDG_CACHE_HOME/sandglass/templates
old_template=$(ls "$templates" | grep -v '^lock$')
at_template
id=$("$S" start -q)
inside='ls /usr/local/bin 2>/dev/null | wc -l'
[ "$("$S" exec "$id" -- sh -c "$inside")" = 0 ] || fail "the old copy is not without the new programs"
"$S" standby 1 2>/dev/null && waits=yes || waits=
wait "$builder" || fail "the second build"
builder=
[ "$(current)" != "$old" ] || fail "the copy was not renewed"
"$S" base status --json | grep -q '"state" : "fresh"' || fail "the copy is not fresh"
woken || fail "no sandbox is prepared for the new copy"
[ "$(ls /usr/local/bin | wc -l)" = 0 ] || [ "$("$S" run -q -- sh -c "$inside")" != 0 ] || fail "a new sandbox has not what was installed since"
"$S" exec "$id" -- sh -c 'find /usr/share/doc -type f | head -n 300 | xargs cat | wc -c' >"$T/read" 2>&1 || fail "the open sandbox does not go on: $(cat "$T/read")"
[ "$(cat "$T/read")" -gt 1000 ] || fail "the open sandbox reads nothing any more: $(cat "$T/read")"
[ "$("$S" exec "$id" -- sh -c "$inside")" = 0 ] || fail "the open sandbox is not as it was"
[ -e "$bases/$old" ] && [ -e "$templates/$old_template" ] || fail "the old copy is gone while it is used"
tries=400
while [ -n "$waits" ] && ls "$T"/run/sandglass/*/standby >/dev/null 2>&1; do
  tries=$((tries - 1)); [ $tries -gt 0 ] || fail "one goes on waiting that is as the computer was before"
  sleep 0.1
done
[ -e "$bases/$old" ] || fail "the old copy is gone with one of two users"
"$S" discard "$id"; id=
tries=50
while [ -e "$bases/$old" ] || [ "$(ls "$templates" | grep -vc '^lock$')" != 1 ]; do
  tries=$((tries - 1)); [ $tries -gt 0 ] || fail "the old copy stays: $(ls "$bases" "$templates")"
  sleep 0.1
done
[ ! -e "$templates/$old_template" ] || fail "another template went: $(ls "$templates")"
woken || fail "the new sandbox was taken away with the old one"
