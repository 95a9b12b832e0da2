#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Neither the contents nor the names of personal files get into a base, nor keys, passwords and
# logs: of this computer (markers in $HOME and, as root, in /root), and of a made-up system that has
# them in every corner.
# run-as: both
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
marks=
trap 'rm -rf "$T" $marks' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
# The base alone, without a machine that is prepared from it.
alone=
! "$S" base build --help | grep -q -e --no-template || alone=--no-template
export XDG_CACHE_HOME="$T/cache"
bases=$T/cache/sandglass/bases
# Where PATTERN is among all that a base has.  (Not in `scratch`: an empty disk of 64 GiB.)
holding () {
  (cd "$bases/current/" && grep -l -a "$@" meta map blob left-out info stamps initrd)
}
marker=marker-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')

# --- this computer
for dir in "${HOME:-/nonexistent}" /root; do
  if [ -d "$dir" ] && [ -w "$dir" ]; then
    mark=$dir/$marker-$(basename "$dir")
    echo "$marker" >"$mark"
    chmod 644 "$mark"
    marks="$marks $mark"
  fi
done
"$S" base build $alone >"$T/out" || fail "base build: $(tail -n 1 "$T/out")"
! holding -e "$marker" || fail "a personal file is in the base"
if [ -r /etc/shadow ]; then
  sed -n 's/^[^:]*:\(\$[^:]*\):.*/\1/p' /etc/shadow >"$T/hashes"
  [ ! -s "$T/hashes" ] || ! holding -F -f "$T/hashes" || fail "password hashes are in the base"
fi
for key in /etc/ssh/ssh_host_*_key; do
  [ ! -r "$key" ] || [ "$("$S" base explain "$key" --json | grep -c '"where" : "out"')" = 1 ] || fail "$key is inside"
done
"$S" base remove

# --- a made-up system
R=$T/system
release=6.1.0-made-up
mkdir -p "$R/usr/bin" "$R/usr/lib/modules/$release/kernel" "$R/boot" "$R/var/lib/dpkg/info"
echo kernel >"$R/boot/vmlinuz-$release"
for module in erofs ext4 overlay virtio_pci virtio_blk virtio_console virtio-gpu; do
  echo module >"$R/usr/lib/modules/$release/kernel/$module.ko"
  echo "kernel/$module.ko:" >>"$R/usr/lib/modules/$release/modules.dep"
done
: >"$R/usr/lib/modules/$release/modules.builtin"
echo true >"$R/usr/bin/this-is-inside"
printf 'Package: one\nStatus: install ok installed\nConffiles:\n /etc/one.conf %s\n' \
  "$(echo shipped | md5sum | cut -d' ' -f1)" >"$R/var/lib/dpkg/status"
echo /etc/one.conf >"$R/var/lib/dpkg/info/one.list"
# plant PATH [MODE]: a file with the marker in it
plant () {
  mkdir -p "$R/$(dirname "$1")"
  printf '%s\n' "${3:-$marker}" >"$R/$1"
  chmod "${2:-644}" "$R/$1"
}
plant home/alice/diary
plant root/.ssh/id_rsa
plant srv/www/x
plant var/log/auth.log
plant var/mail/alice
plant var/spool/cron/alice
plant var/lib/bluetooth/key
plant var/lib/NetworkManager/seen
plant var/lib/dpkg/status-old
plant var/cache/apt/archives/x.deb
plant var/tmp/x
plant tmp/x
plant etc/one.conf
plant etc/unowned.conf
plant etc/shadow 644 "root:$marker:1::::::"
plant etc/gshadow 644 "root:$marker::"
plant etc/passwd 644 "$(printf 'root:x:0:0::/root:/bin/sh\n%s:x:1000:1000:%s:/home/x:/bin/sh' "$marker" "$marker")"
plant etc/group 644 "sudo:x:27:$marker"
plant etc/hostname
plant etc/hosts 644 "10.0.0.1 $marker"
plant etc/resolv.conf 644 "search $marker"
plant etc/machine-id
plant etc/fstab 644 "//server/$marker /mnt cifs password=$marker 0 0"
plant etc/sudoers 644 "$marker ALL=(ALL) ALL"
plant etc/sudoers.d/x
plant etc/ssh/ssh_host_rsa_key
plant etc/ssh/ssh_known_hosts
plant etc/ssl/private/key.pem
plant etc/ssl/certs/mixed.pem 644 "-----BEGIN PRIVATE KEY-----$marker"
plant etc/NetworkManager/system-connections/home
plant etc/wireguard/wg0.conf
plant etc/apt/auth.conf.d/x
plant etc/apt/apt.conf.d/proxy
plant etc/apt/sources.list 644 "deb https://me:$marker@x.example.org/ x main"
plant etc/apt/sources.list.d/x.sources 644 "URIs: https://$marker@x.example.org/"
plant etc/environment 644 "TOKEN=$marker"
plant etc/profile 644 "export API_TOKEN=$marker"
plant etc/systemd/system/x.service
plant etc/pam.d/common-auth
plant usr/local/etc/app.conf
plant usr/local/lib/.netrc
plant usr/lib/x.keytab
plant usr/share/closed 600
plant opt/own/data
plant own-folder/data
mkdir -p "$R/usr/share/locked" && plant usr/share/locked/x && chmod 700 "$R/usr/share/locked"
"$S" base build --root "$R" >"$T/out" || fail "base build of the made-up system: $(tail -n 1 "$T/out")"
! holding -e "$marker" || fail "this holds the marker; blob: $(strings -n 8 "$bases/current/blob" | grep -B 2 -A 1 "$marker" | head)"
# What is linked has no contents in the base: its name would be there.
for path in diary id_rsa auth.log x.service wg0.conf x.keytab .netrc app.conf unowned.conf ssh_known_hosts \
  ssh_host_rsa_key status-old mixed.pem own-folder system-connections bluetooth alice; do
  ! grep -a -q "$path" "$bases/current/meta" || fail "the name $path is in the base"
done
# The test can fail: what is to be inside is there.
grep -a -q this-is-inside "$bases/current/meta" || fail "/usr/bin is not in the base"
