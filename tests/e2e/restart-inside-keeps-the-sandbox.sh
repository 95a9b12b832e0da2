#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A restart inside boots the same sandbox again: its files, its id, its folders and who it is stay; a command that
# ran ends with 137 after all its output.  `restart` gives a clean one under the same id.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard $id 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

mkdir "$T/folder"
echo outside >"$T/folder/file"
id=$("$S" start -q)
"$S" share "$id" "$T/folder" >/dev/null || fail "share"
"$S" wait "$id" & waiter=$!
facts='cat /etc/machine-id /etc/hostname; id -un'
"$S" exec "$id" -- sh -c "echo kept >~/kept; sync; $facts" >"$T/before"
"$S" exec "$id" -- cat /proc/sys/kernel/random/boot_id >"$T/boot"

# --- what ran is told how it ended, after all that it said
"$S" exec "$id" -u root -- sh -c 'seq 1000; reboot -ff; sleep 1000' >"$T/out" 2>"$T/err" && code=0 || code=$?
[ "$code" = 137 ] || fail "the command that restarted it ended with $code: $(cat "$T/err")"
[ "$(sed -n '1000p' "$T/out")" = 1000 ] || fail "output from before the restart is missing"
grep -q 'was restarted' "$T/err" || fail "nothing is said of the restart: $(cat "$T/err")"

# --- it is the same sandbox, booted again; what is asked meanwhile waits for it
[ "$("$S" exec "$id" -- sh -c 'cat ~/kept ~/Desktop/folder/file')" = "$(printf 'kept\noutside')" ] || fail "files are not there again"
"$S" exec "$id" -- grep -q '/folder fuse.sandglass-share ' /proc/mounts || fail "the folder is there, but slow"
"$S" exec "$id" -- sh -c "$facts" >"$T/after"
cmp -s "$T/before" "$T/after" || fail "it is another one now: $(cat "$T/before" "$T/after")"
[ "$("$S" exec "$id" -- cat /proc/sys/kernel/random/boot_id)" != "$(cat "$T/boot")" ] || fail "it did not boot"
"$S" list | grep -q "^$id  running" || fail "list: $("$S" list)"
kill -0 $waiter 2>/dev/null || fail "wait ended with the restart"

# --- a clean one
"$S" restart "$id" || fail "restart"
"$S" exec "$id" -- sh -c 'test ! -e ~/kept && cat ~/Desktop/folder/file' >"$T/out" || fail "it is not clean, or has lost its folder"
[ "$(cat "$T/out")" = outside ] || fail "the folder shows $(cat "$T/out")"

# --- switched off inside, it is gone
"$S" exec "$id" -u root -- poweroff -ff || true
wait $waiter || fail "wait"
! "$S" list | grep -q "$id" || fail "a sandbox that was switched off inside is listed"
id=
