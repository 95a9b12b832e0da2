#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Who builds does not matter: root and an ordinary user make the same base of this computer, to the
# byte, but for the one number of the user `sandbox`; so root's base holds nothing that others
# cannot read.
# run-as: root
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
[ -x "$S" ] || skip "$S is not built"
[ "$(id -u)" = 0 ] || skip "only root can be both"
command -v setpriv >/dev/null || skip "setpriv is not installed"
chmod 755 "$T"
mkdir "$T/root" "$T/user" "$T/other"
chown 65534:65534 "$T/user"
chown 4321:4321 "$T/other"

XDG_CACHE_HOME="$T/root" "$S" base build >"$T/out-root" || fail "as root: $(tail -n 1 "$T/out-root")"
# nobody's number is one of the system: `sandbox` gets 1000, as when root builds
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/user" XDG_CACHE_HOME="$T/user" \
  "$S" base build >"$T/out-user" || fail "as a user: $(tail -n 1 "$T/out-user")"
a=$T/root/sandglass/bases/current
b=$T/user/sandglass/bases/current
for file in left-out meta map blob initrd; do
  cmp "$a/$file" "$b/$file" || fail "root's $file is another than a user's"
done
[ "$(readlink "$a")" = "$(readlink "$b")" ] || fail "they are not called the same"

# Another user: the same entries; the number differs.
setpriv --reuid=4321 --regid=4321 --clear-groups env HOME="$T/other" XDG_CACHE_HOME="$T/other" \
  "$S" base build >"$T/out-other" || fail "as user 4321: $(tail -n 1 "$T/out-other")"
c=$T/other/sandglass/bases/current
cmp "$a/left-out" "$c/left-out" || fail "user 4321 has other things left out"
files () { sed -n 's/^files=//p' "$1/info"; }
[ -n "$(files "$a")" ] && [ "$(files "$a")" = "$(files "$c")" ] || fail "$(files "$a") files and $(files "$c")"
grep -q '^user-uid=4321$' "$c/info" || fail "the user inside is not 4321: $(cat "$c/info")"
