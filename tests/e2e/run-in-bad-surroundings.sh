#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Without XDG_RUNTIME_DIR or a display a sandbox runs; with a read-only HOME, without QEMU or another
# tool, or with one that is too old, the person is told what and how to mend it.
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# --- runs all the same
got=$(env -u XDG_RUNTIME_DIR -u DISPLAY -u WAYLAND_DISPLAY "$S" run -- echo fine) || true
[ "$got" = fine ] || fail "without XDG_RUNTIME_DIR and display: '$got'"

# --- no display for the window
code=0
env -u DISPLAY -u WAYLAND_DISPLAY "$S" 2>"$T/err" || code=$?
[ "$code" = 1 ] || fail "the window without a display: code $code"
grep -q 'no display' "$T/err" || fail "the window without a display says: $(cat "$T/err")"

# --- tools that are missing: a PATH of links to all the others
only () { # only WITHOUT: a directory with every program of PATH but one
  rm -rf "$T/bin"; mkdir "$T/bin"
  for dir in /usr/sbin /usr/bin /sbin /bin; do
    for program in "$dir"/*; do ln -sf "$program" "$T/bin/" 2>/dev/null || true; done
  done
  rm -f "$T/bin/$1"
}
for tool in qemu-system-x86_64 nbdkit bwrap; do
  only "$tool"
  code=0
  PATH=$T/bin "$S" run -- true 2>"$T/err" || code=$?
  [ "$code" = 125 ] || fail "without $tool: code $code"
  grep -q "not installed" "$T/err" || fail "without $tool: $(cat "$T/err")"
done

# --- QEMU too old
only qemu-system-x86_64
printf '#!/bin/sh\necho "QEMU emulator version 6.2.0"\n' >"$T/bin/qemu-system-x86_64"
chmod +x "$T/bin/qemu-system-x86_64"
code=0
PATH=$T/bin timeout 120 "$S" run -- true 2>"$T/err" || code=$?
[ "$code" = 125 ] || fail "with an old QEMU: code $code"
grep -q '6.2 is too old' "$T/err" || fail "with an old QEMU: $(cat "$T/err")"

# --- HOME read-only: root may write anyway, so an ordinary user is needed
mkdir "$T/home"; chmod 555 "$T/home"; chmod 755 "$T"
if [ "$(id -u)" = 0 ]; then as='setpriv --reuid=65534 --regid=65534 --clear-groups'; else as=; fi
code=0
$as env -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR HOME="$T/home" "$S" run -- true 2>"$T/err" || code=$?
[ "$code" = 125 ] || fail "with a read-only HOME: code $code"
grep -q "$T/home" "$T/err" || fail "with a read-only HOME: $(cat "$T/err")"
