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
# The base alone, without a machine that is prepared from it.
alone=
! "$S" base build --help | grep -q -e --no-template || alone=--no-template
[ "$(id -u)" = 0 ] || skip "only root can be both"
command -v setpriv >/dev/null || skip "setpriv is not installed"
chmod 755 "$T"
mkdir "$T/root" "$T/user" "$T/other"
chown 65534:65534 "$T/user"
chown 4321:4321 "$T/other"

XDG_CACHE_HOME="$T/root" "$S" base build $alone >"$T/out-root" || fail "as root: $(tail -n 1 "$T/out-root")"
# nobody's number is one of the system: `sandbox` gets 1000, as when root builds
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/user" XDG_CACHE_HOME="$T/user" \
  "$S" base build $alone >"$T/out-user" || fail "as a user: $(tail -n 1 "$T/out-user")"
a=$T/root/sandglass/bases/current
b=$T/user/sandglass/bases/current
for file in left-out meta map blob initrd; do
  cmp "$a/$file" "$b/$file" || fail "root's $file is another than a user's"
done
[ "$(readlink "$a")" = "$(readlink "$b")" ] || fail "they are not called the same"

# Another user: the same entries; the number differs.
setpriv --reuid=4321 --regid=4321 --clear-groups env HOME="$T/other" XDG_CACHE_HOME="$T/other" \
  "$S" base build $alone >"$T/out-other" || fail "as user 4321: $(tail -n 1 "$T/out-other")"
c=$T/other/sandglass/bases/current
cmp "$a/left-out" "$c/left-out" || fail "user 4321 has other things left out"
files () { sed -n 's/^files=//p' "$1/info"; }
[ -n "$(files "$a")" ] && [ "$(files "$a")" = "$(files "$c")" ] || fail "$(files "$a") files and $(files "$c")"
grep -q '^user-uid=4321$' "$c/info" || fail "the user inside is not 4321: $(cat "$c/info")"

# --- a made-up system that root can see more of than others
R=$T/system
release=6.1.0-made-up
mkdir -p "$R/usr/bin" "$R/usr/share/closed/below" "$R/usr/share/passage" "$R/usr/share/list-only" "$R/etc/closed" \
  "$R/var/lib/dpkg/info" "$R/var/lib/mine" "$R/opt/app" "$R/usr/lib/modules/$release/kernel" "$R/boot"
echo kernel >"$R/boot/vmlinuz-$release"
: >"$R/usr/lib/modules/$release/modules.builtin"
for module in erofs ext4 overlay virtio_pci virtio_blk virtio_console virtio-gpu; do
  echo module >"$R/usr/lib/modules/$release/kernel/$module.ko"
  echo "kernel/$module.ko:" >>"$R/usr/lib/modules/$release/modules.dep"
done
for path in usr/bin/open usr/bin/closed usr/bin/su usr/share/closed/x usr/share/closed/below/x usr/share/passage/x \
  usr/share/list-only/x etc/closed/x etc/open.conf etc/closed.conf var/lib/mine/x opt/app/x; do
  echo "$path" >"$R/$path"
done
printf 'Package: one\nStatus: install ok installed\nConffiles:\n /etc/open.conf %s\n /etc/closed.conf %s\n' \
  "$(md5sum <"$R/etc/open.conf" | cut -d' ' -f1)" "$(md5sum <"$R/etc/closed.conf" | cut -d' ' -f1)" >"$R/var/lib/dpkg/status"
printf '%s\n' /usr/bin/su /etc/open.conf /etc/closed.conf /etc/closed /var/lib/mine /opt/app >"$R/var/lib/dpkg/info/one.list"
chmod -R go+rX "$R"
chmod 700 "$R/usr/share/closed" "$R/etc/closed" "$R/var/lib/mine"
chmod 711 "$R/usr/share/passage"
chmod 744 "$R/usr/share/list-only"
chmod 750 "$R/usr/bin/closed"
chmod 4711 "$R/usr/bin/su"
chmod 600 "$R/etc/closed.conf"
XDG_CACHE_HOME="$T/root" "$S" base build --root "$R" >"$T/out-root" || fail "the made-up system as root: $(tail -n 1 "$T/out-root")"
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/user" XDG_CACHE_HOME="$T/user" \
  "$S" base build --root "$R" >"$T/out-user" || fail "the made-up system as a user: $(tail -n 1 "$T/out-user")"
for file in left-out meta map blob; do
  cmp "$a/$file" "$b/$file" || fail "of the made-up system root's $file is another than a user's"
done
[ "$(grep -c closed "$a/left-out")" -ge 3 ] || fail "nothing of what is closed was left out: $(cat "$a/left-out")"
