#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The proxy that a person set in their desktop (GNOME's settings: one by hand, and a company's script)
# is the one that a sandbox is told of, in GLib's real settings on a session bus of the test's own; a
# password is not; and nothing is found where nothing is set.
set -eu
B=${SG_BUILD:-build}
for tool in gsettings dbus-run-session; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
gsettings list-schemas | grep -qx org.gnome.system.proxy || { echo "skipped: the desktop's settings have no proxy"; exit 77; }
if [ "${PROXY_INSIDE:-}" = "" ]; then
  # A file for the settings: no daemon that would stay.
  exec env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY \
    PROXY_INSIDE=1 GSETTINGS_BACKEND=keyfile XDG_CURRENT_DESKTOP=GNOME dbus-run-session -- "$0" "$@"
fi
T=$(mktemp -d "${TMPDIR:-/tmp}/sandglass-proxy-XXXXXX")
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
export XDG_CONFIG_HOME="$T"
s () { gsettings set "org.gnome.system.proxy$1" "$2" "$3"; }
found () { # found WORDS: is what the desktop says
  timeout 20 "$B/sandglass-proxy" >"$T/found" 2>"$T/err" || fail "sandglass-proxy: $(cat "$T/err")"
  printf "$1" | cmp -s - "$T/found" || fail "$2: $(cat "$T/found" "$T/err")"
}

found '' 'a proxy where none is set'

s .http host 192.0.2.7; s .http port 3128
s .https host 192.0.2.8; s .https port 3129
found '' 'a proxy that is not switched on'
s '' mode manual
if [ ! -s "$T/found" ] && ! timeout 20 "$B/sandglass-proxy" 2>/dev/null | grep -q .; then
  echo "skipped: GLib has no module for the desktop's proxy (glib-networking)"; exit 77
fi
found 'http 192.0.2.7 3128 192.0.2.7\nhttps 192.0.2.8 3129 192.0.2.8\n' 'set by hand'

s .http use-authentication true
s .http authentication-user somebody; s .http authentication-password secret
found 'http 192.0.2.7 3128 192.0.2.7\nhttps 192.0.2.8 3129 192.0.2.8\n' 'with a password'

cat >"$T/company.pac" <<'END'
function FindProxyForURL (url, host) {
  if (host == "www.example.com" && url.substring (0, 6) == "https:") return "PROXY 192.0.2.9:3130; DIRECT";
  if (host == "www.example.com") return "PROXY 192.0.2.10:3131";
  return "DIRECT";
}
END
s '' autoconfig-url "file://$T/company.pac"
s '' mode auto
# What runs scripts is a plugin of libproxy's in some distributions.
if timeout 20 "$B/sandglass-proxy" 2>/dev/null | grep -q .; then
  found 'http 192.0.2.10 3131 192.0.2.10\nhttps 192.0.2.9 3130 192.0.2.9\n' "a company's script"
  echo 'function FindProxyForURL (url, host) { return "DIRECT"; }' >"$T/direct.pac"
  s '' autoconfig-url "file://$T/direct.pac"
  found '' 'a script that names none'
  echo 'function FindProxyForURL (url, host) { throw' >"$T/broken.pac"
  s '' autoconfig-url "file://$T/broken.pac"
  found '' 'a script that is broken'
else
  echo "no script was run: this computer's libproxy runs none"
fi
s '' autoconfig-url "file://$T/none.pac"
found '' 'a script that is not there'
s '' mode none
found '' 'switched off again'
