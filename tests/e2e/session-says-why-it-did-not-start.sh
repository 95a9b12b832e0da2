#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A sandbox that cannot start says why in words and what to do, with code 125, and leaves nothing: no
# walls to be had, a kernel that is gone, too little memory, rules that may not be root's.
# run-as: both
set -eu
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

mkdir -m 700 "$T/run"
export XDG_RUNTIME_DIR="$T/run"
: "${XDG_CACHE_HOME:=$HOME/.cache}"
export XDG_CACHE_HOME S T
"$S" base build >"$T/build" 2>&1 || fail "no base: $(cat "$T/build")"

says () { # says WORDS COMMAND...
  words=$1; shift
  code=0
  timeout 120 "$@" >"$T/out" 2>"$T/err" </dev/null || code=$?
  [ "$code" = 125 ] || fail "'$words': code $code: $(cat "$T/err")"
  grep -q -e "$words" "$T/err" || fail "'$words' is not said: $(cat "$T/err")"
  ! grep -qE '0x[0-9a-f]{3}|\(null\)' "$T/err" || fail "a code instead of words: $(cat "$T/err")"
  [ -z "$(ls "$T/run")" ] || fail "'$words': left: $(find "$T/run")"
}

says 'ask for less with --memory' "$S" run --memory=1000000 -- true

# The limits of namespaces are those of the namespace that one is in.  In one that an ordinary user made,
# nothing is root's any more, so that rules could be anybody's.
if ! unshare -Ur true 2>/dev/null; then
  echo "note: no user namespaces here; only half of this was tested"
elif [ "$(id -u)" != 0 ]; then
  says "administrator cannot be relied on" unshare -Ur "$S" run -- true
else
  limited () { echo "echo $1 >/proc/sys/user/max_user_namespaces && exec \"\$S\" run -- true"; }
  says 'does not let ordinary programs build walls' unshare -Ur sh -c "$(limited 0)"
  says 'walls around the sandbox could not be built' unshare -Ur sh -c "$(limited 1)"

  # A kernel that was removed since.
  kernel=$(sed -n 's/^kernel=//p' "$XDG_CACHE_HOME/sandglass/bases/current/info")
  [ -n "$kernel" ] || fail "the base does not name its kernel"
  says 'No Linux kernel is installed' unshare -Urm sh -c \
    "mount -t tmpfs none '$(dirname "$kernel")' && exec \"\$S\" run -- true"
fi
