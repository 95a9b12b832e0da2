#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that fails starts again, and that is said; one that does not come up, or fails again and again, is the
# end, in words; so is a system that is restarted all the time.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
id=
trap '[ -z "$id" ] || "$S" discard $id 2>/dev/null || true; rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# --- the kernel fails once
id=$("$S" start -q)
"$S" exec "$id" -u root -- sh -c 'echo kept >/root/kept; sync; echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 1000' && code=0 || code=$?
[ "$code" = 137 ] || fail "a command in a kernel that failed ended with $code"
[ "$("$S" exec "$id" -u root -- cat /root/kept)" = kept ] || fail "what was saved is not there after the kernel failed"

# --- its init is gone: each boot fails
"$S" exec "$id" -u root -- sh -c 'rm -rf /usr/lib/systemd /lib/systemd /sbin/init; sync; echo b >/proc/sysrq-trigger; sleep 1000' 2>/dev/null || true
"$S" exec "$id" -- true 2>"$T/err" && fail "a system without an init runs commands"
grep -q 'did not come up again' "$T/err" || fail "the words: $(cat "$T/err")"
grep -q 'has no systemd' "$T/err" || fail "the last words from inside are missing: $(cat "$T/err")"
! "$S" list | grep -q "$id" || fail "it is still listed"

# --- it fails in the middle of each boot
id=$("$S" start -q)
"$S" exec "$id" -u root -- sh -c 'printf "#!/bin/sh\nmount -t proc proc /proc; echo b >/proc/sysrq-trigger\n" >/usr/lib/systemd/again; chmod 755 /usr/lib/systemd/again
  mv /usr/lib/systemd/again /usr/lib/systemd/systemd; sync; echo 1 >/proc/sys/kernel/sysrq; echo b >/proc/sysrq-trigger; sleep 1000' 2>/dev/null || true
"$S" exec "$id" -- true 2>"$T/err" && fail "a system that restarts all the time runs commands"
grep -q 'again and again' "$T/err" || fail "the words: $(cat "$T/err")"

# --- it is restarted from inside, time after time
id=$("$S" start -q)
for n in $(seq 12); do
  "$S" exec "$id" -u root -- reboot -ff 2>"$T/err" || true
  "$S" exec "$id" -- true 2>"$T/err" || break
done
[ "$n" = 11 ] || fail "it ended after $n restarts: $(cat "$T/err")"
grep -q 'again and again' "$T/err" || "$S" exec "$id" -- true 2>&1 | grep -q 'No sandbox' || fail "the words: $(cat "$T/err")"
id=
