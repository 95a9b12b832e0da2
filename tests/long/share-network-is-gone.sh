#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder on a network that is gone: a program inside gets an error and does not hang for ever, the person is
# told, other folders and the sandbox go on; the folder can be taken away while it hangs, and the sandbox ends.
# A FUSE server that is stopped (SIGSTOP) is the network.  e2e/share-that-hangs-is-an-error.sh is the quick part.
# run-as: root (to mount a file system)
# timeout: 900
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a file system needs root"; exit 77; }
[ -c /dev/fuse ] || { echo "skipped: no /dev/fuse here"; exit 77; }
if [ "${1:-}" != inside ]; then exec unshare -m --propagation shared "$0" inside; fi
. "$(dirname "$0")/../e2e/share-kit.sh"
B=${SG_BUILD:-build}
server=
trap '[ -z "$server" ] || kill -CONT "$server" 2>/dev/null || true; umount -l "$T/far" 2>/dev/null || true; cleanup' EXIT
mkdir "$T/real" "$T/far" "$T/near"
echo far >"$T/real/file"
echo near >"$T/near/file"
head -c 3000000 /dev/urandom >"$T/real/big"
mkfifo "$T/asked" "$T/told"
exec 5<>"$T/asked" 6<>"$T/told"
"$B/sandglass-share-index" "$T/real" <"$T/asked" >"$T/told" 5>&- 6>&- &
"$B/guest/sandglass-share" "$T/real" "$T/far" rw <"$T/told" >"$T/asked" 2>"$T/said" 5>&- 6>&- &
server=$!
exec 5>&- 6>&-
for _ in $(seq 100); do if grep -q shown "$T/said"; then break; fi; sleep 0.1; done
[ "$(cat "$T/far/file")" = far ] || { echo "skipped: no file system may be mounted here: $(cat "$T/said")"; exit 77; }

"$S" run -- sh -c 'echo up; exec sleep 800' >"$T.up" 2>"$T.notices" &
for _ in $(seq 600); do if grep -q up "$T.up"; then break; fi; sleep 0.2; done
id=$("$S" list --json | sed -n 's/.*"id" : "\(.*\)".*/\1/p' | head -n 1)
ids=$id
"$S" share "$id" "$T/far" --write >/dev/null
"$S" share "$id" "$T/near" --write >/dev/null
[ "$(inside 'cat ~/Desktop/far/file')" = far ] || fail "not there"
# A program that has a file open, and writes to it as long as it can.
"$S" exec "$id" -- sh -c 'cd ~/Desktop/far; exec 3>>file 4<big; echo up; while sleep 0.3; do echo x >&3 && echo wrote; done' >"$T.busy" 2>/dev/null &
for _ in $(seq 100); do if grep -q wrote "$T.busy"; then break; fi; sleep 0.1; done
grep -q wrote "$T.busy" || fail "nothing is written before"

kill -STOP "$server"
start=$(date +%s)
took () { echo $(($(date +%s) - start)); }
timeout 150 "$S" exec "$id" -- sh -c 'cat ~/Desktop/far/big >/dev/null' 2>"$T.err" && fail "it can be read"
echo "an error after $(took) s: $(tail -n 1 "$T.err")"
grep -qi 'input/output error' "$T.err" || fail "no error inside: $(cat "$T.err")"
grep -q "The folder '$T/far' does not answer" "$T.notices" || fail "not told: $(cat "$T.notices")"
start=$(date +%s)
timeout 60 "$S" exec "$id" -- sh -c 'cat ~/Desktop/far/big >/dev/null' 2>/dev/null && fail "it can be read the second time"
echo "the second one after $(took) s"
[ "$(timeout 60 "$S" exec "$id" -- cat /home/sandbox/Desktop/near/file)" = near ] || fail "another folder hangs as well"
[ "$(timeout 60 "$S" exec "$id" -- sh -c 'cp /etc/os-release /tmp/x && sync -f /tmp && echo alive')" = alive ] || fail "the sandbox hangs"

# It answers again.
if [ -z "${ONCE:-}" ]; then
  kill -CONT "$server"
  for _ in $(seq 30); do if [ "$(timeout 30 "$S" exec "$id" -- cat /home/sandbox/Desktop/far/file 2>/dev/null | head -n 1)" = far ]; then break; fi; sleep 0.3; done
  [ "$(inside 'sha256sum <~/Desktop/far/big')" = "$(sha256sum <"$T/real/big")" ] || fail "it does not come back"
  kill -STOP "$server"
fi

# --- taken away while it hangs; the rest goes on, and the sandbox ends
start=$(date +%s)
timeout 90 "$S" unshare "$id" "$T/far" 2>"$T.err" || fail "it cannot be taken away: $(cat "$T.err")"
echo "taken away after $(took) s: $(cat "$T.err")"
[ "$(took)" -le 30 ] || fail "taking it away took too long"
[ "$(timeout 60 "$S" exec "$id" -- cat /home/sandbox/Desktop/near/file)" = near ] || fail "another folder hangs once it is taken away"
if qemu_mounts | grep -q "$T/far"; then fail "QEMU still has it"; fi
start=$(date +%s)
timeout 60 "$S" exec "$id" -- sh -c 'ls ~/Desktop/far/file' 2>/dev/null && fail "it is still there"
[ "$(took)" -le 15 ] || fail "a program that looks for it hangs: $(took) s"
start=$(date +%s)
timeout 60 "$S" discard "$id" || echo "note: discard says that it is not all gone while the server is stopped"
echo "ended after $(took) s"
[ "$(took)" -le 30 ] || fail "the sandbox does not end"
ids=
kill -CONT "$server"
for _ in $(seq 50); do if ! ps -eo args= | grep -q "[s]andglass-$id"; then exit 0; fi; sleep 0.2; done
fail "something of it stays"
