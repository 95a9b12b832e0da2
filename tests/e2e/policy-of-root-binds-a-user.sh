#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-as: root
# The rules in /etc/sandglass/policy.d, root's, hold for an ordinary user's session, which reads them itself
# before it enters its namespace (inside, root is "nobody"); a file that others may write closes everything.
# As root, with an /etc of its own in a mount namespace: this computer's is not touched.
set -eu
S=${SANDGLASS:-build/sandglass}
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: only root can make such rules"; exit 77; }
case $S in /*) ;; *) S=$PWD/$S ;; esac
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
$nobody test -x "$S" || { echo "skipped: an ordinary user cannot run $S"; exit 77; }

if [ -z "${OWN_ETC:-}" ]; then
  T=$(mktemp -d)
  trap 'rm -rf "$T" 2>/dev/null || { sleep 2; rm -rf "$T"; }' EXIT # a session may still be tidying up
  chmod 755 "$T"; mkdir "$T/etc" "$T/user"; chown 65534 "$T/user"
  code=0
  OWN_ETC=$T SANDGLASS=$S unshare -m "$0" || code=$?
  exit $code
fi
T=$OWN_ETC
mount -t tmpfs none "$T/etc" && mkdir "$T/etc/upper" "$T/etc/work" \
  && mount -t overlay none -o "lowerdir=/etc,upperdir=$T/etc/upper,workdir=$T/etc/work" /etc \
  || { echo "skipped: no overlay can be mounted here"; exit 77; }
mkdir -p -m 755 /etc/sandglass/policy.d
rm -f /etc/sandglass/policy.d/*
rule=/etc/sandglass/policy.d/5-test.conf
printf '[policy]\nAllowAdministrator=no\n' >$rule
chmod 644 $rule
user="$nobody env HOME=$T/user XDG_RUNTIME_DIR=$T/user XDG_CONFIG_HOME=$T/user/config XDG_CACHE_HOME=$T/user/cache"
chmod 700 "$T/user"

$user "$S" policy show | grep -q "^administrator: off .*5-test.conf:2" || fail "the rule is not shown: $($user "$S" policy show)"
$user "$S" run -q -u root -- id >"$T/out" 2>"$T/err" && fail "a command as root was run"
grep -q '5-test.conf, line 2' "$T/err" || fail "not told who: $(cat "$T/err")"

# The session by hand, past `sandglass`: it is bound as well.
chmod 666 $rule
for try in "$S run -q -- id" "$(dirname "$S")/sandglass-session --plan"; do
  $user $try >"$T/out" 2>"$T/err" && fail "it opens by a file that everybody may write: $try"
  grep -q "chmod go-w '$rule'" "$T/err" || fail "not told what mends it: $(cat "$T/err")"
done
