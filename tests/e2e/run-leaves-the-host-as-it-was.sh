#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is done inside as root stays inside; the next sandbox is clean; nothing of either is left.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

"$S" base build --json >/dev/null # so that none is made in the background meanwhile
marker=sandglass-e2e-$$
doc_before=$(ls /usr/share/doc | sha256sum)
left () { ls -d /tmp/*sandglass* /dev/shm/*sandglass* /var/tmp/*sandglass* "${XDG_RUNTIME_DIR:-/nonexistent}"/sandglass/* 2>/dev/null | sort; }
left_before=$(left)

"$S" run -u root -- sh -c "touch /usr/bin/$marker && rm -rf /usr/share/doc && id -u" >"$T/out" \
  || fail "root inside may not do what it wants: $(cat "$T/out")"
[ "$(cat "$T/out")" = 0 ] || fail "id inside: $(cat "$T/out")"
[ ! -e "/usr/bin/$marker" ] || fail "a file from inside is on the host"
[ "$(ls /usr/share/doc | sha256sum)" = "$doc_before" ] || fail "the host's /usr/share/doc changed"

"$S" run -- sh -c "test ! -e /usr/bin/$marker && ls /usr/share/doc | head -n 1" >"$T/out" \
  || fail "the second sandbox sees the first one's file"
[ -s "$T/out" ] || fail "the second sandbox has no /usr/share/doc"

# Programs that lock others in (Flatpak, browsers) can do so inside, too.
"$S" run -- bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all cat /proc/uptime >"$T/out" 2>"$T/err" \
  || fail "bubblewrap inside: $(cat "$T/err")"
"$S" run -- ls /run/sandglass/plain/proc >/dev/null 2>&1 && fail "the plain /proc is open to everybody inside"

sleep 2
[ "$(left)" = "$left_before" ] || fail "left behind: $(left)"
