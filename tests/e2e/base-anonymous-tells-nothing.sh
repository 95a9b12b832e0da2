#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An anonymous copy holds nothing of what tells which computer it is of; the choice stays.
set -eu
S=${SANDGLASS:-build/sandglass}
command -v openssl >/dev/null || { echo "skipped: openssl is missing"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-test-XXXXXX")
trap 'rm -rf "$T"' EXIT
export XDG_CACHE_HOME="$T/cache"
fail () { echo "FAIL: $*" >&2; exit 1; }

# A made-up system with a company's marks on it; its kernel is this computer's.
R=$T/root
kernel=$(ls -d /usr/lib/modules/*/ 2>/dev/null | while read -r dir; do
  v=$(basename "$dir"); [ -r "/boot/vmlinuz-$v" ] || [ -r "$dir/vmlinuz" ] || continue; echo "$v"; done | tail -n 1)
[ -n "$kernel" ] || { echo "skipped: no installed kernel can be read"; exit 77; }
mkdir -p "$R/usr/lib/modules" "$R/usr/bin" "$R/boot" "$R/usr/local/share/ca-certificates" "$R/usr/local/bin" \
  "$R/etc/ssl/certs/java" "$R/opt/acme" "$R/usr/share/zoneinfo/Etc" "$R/usr/share/zoneinfo/Europe"
cp -a "/usr/lib/modules/$kernel" "$R/usr/lib/modules/"
[ ! -r "/boot/vmlinuz-$kernel" ] || cp "/boot/vmlinuz-$kernel" "$R/boot/"
cert () { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$T/key" -subj "/CN=$1" \
    -days 3650 -out "$T/$1.pem" 2>/dev/null
}
cert public-authority; cert acme-authority
cp "$T/acme-authority.pem" "$R/usr/local/share/ca-certificates/acme.crt"
{ echo "# Public"; cat "$T/public-authority.pem"; echo "# acme-company"; cat "$T/acme-authority.pem"; } >"$R/etc/ssl/certs/ca-certificates.crt"
ln -s /usr/local/share/ca-certificates/acme.crt "$R/etc/ssl/certs/acme.pem"
ln -s acme.pem "$R/etc/ssl/certs/12345678.0"
openssl x509 -in "$T/acme-authority.pem" -outform DER >"$R/etc/ssl/certs/java/cacerts"
echo tz >"$R/usr/share/zoneinfo/Etc/UTC"; echo tz >"$R/usr/share/zoneinfo/Europe/Vienna"
ln -s /usr/share/zoneinfo/Europe/Vienna "$R/etc/localtime"
echo "acme-tool" >"$R/usr/local/bin/acme-tool"
echo "agent" >"$R/opt/acme/acme-agent"
echo acme-laptop-7 >"$R/etc/hostname"
printf 'root:x:0:0::/root:/bin/sh\nwilhelmine:x:1000:1000::/home/wilhelmine:/bin/sh\n' >"$R/etc/passwd"
mkdir -p "$R/etc/fonts"; echo "<!-- for acme-laptop-7 -->" >"$R/etc/fonts/local.conf"
chmod -R go+rX "$R"

base () { "$S" base "$@" --root "$R"; }
base build --json >"$T/out" || { cat "$T/out" >&2; fail "it is not built"; }
current=$XDG_CACHE_HOME/sandglass/bases/current
found () { cat "$current"/meta "$current"/map "$current"/blob | strings -n 4 | grep -c "$1" || true; }
# Not anonymous: the marks are there, so that their absence below says something.
[ "$(found acme)" -gt 0 ] || fail "the made-up company is not in a copy that is not anonymous"
before=$(readlink "$current")

base build --anonymous --json >/dev/null
[ "$(readlink "$current")" != "$before" ] || fail "it is the same copy"
[ "$(found acme)" -eq 0 ] || fail "$(found acme) mentions of the company are in the anonymous copy"
[ "$(found Vienna)" -le 2 ] || fail "the time zone is in it"
body=$(sed -n 4p "$T/acme-authority.pem"); public=$(sed -n 4p "$T/public-authority.pem")
! cat "$current"/meta "$current"/blob | grep -aqF "$body" || fail "the company's certificate is in it"
cat "$current"/meta "$current"/blob | grep -aqF "$public" || fail "the public certificate is lost"
"$S" base status | grep -qi anonymous || fail "the status does not say it"
"$S" base status --json | grep -q '"anonymous" : true' || fail "the status in JSON does not say it"
grep -q "^/opt/acme.*anonymous" "$current/left-out" || fail "what was left out is not listed"
left=$(base explain --identifying --anonymous --json | grep -c '"topic"' || true)
[ "$left" -le 3 ] || { base explain --identifying --anonymous >&2; fail "$left things still identify"; }

# The choice stays for later builds, also when it is built by force, until it is taken back.
base build --force --json >/dev/null
[ "$(found acme)" -eq 0 ] || fail "a later build forgot the choice"
base build --no-anonymous --json >/dev/null
[ "$(found acme)" -gt 0 ] || fail "the choice cannot be taken back"
echo ok
