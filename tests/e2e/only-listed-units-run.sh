#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is active inside is what baseimage/guest/units.list names, and nothing has failed.
set -eu
S=${SANDGLASS:-build/sandglass}
LIST=${UNITS_LIST:-$(dirname "$0")/../../baseimage/guest/units.list}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }

# As root, systemctl speaks to systemd itself and starts no bus for it.
"$S" run -q -- sudo sh -c '
  i=0
  while systemctl list-jobs --no-legend | grep -q . && [ $i -lt 600 ]; do sleep 0.2; i=$((i + 1)); done
  systemctl list-units --all --state=active,activating,failed --plain --no-legend --no-pager' >"$T/units" ||
  fail "units cannot be listed: $(cat "$T/units")"
grep -q '^sandglass-agent.service ' "$T/units" || fail "the agent is not among: $(cat "$T/units")"

# A name, or a pattern with *.
grep -v '^#' "$LIST" | awk 'NF { print $1 }' >"$T/allowed"
is_listed () {
  while read -r pattern; do
    # shellcheck disable=SC2254 # it is a pattern
    case $1 in $pattern) return 0 ;; esac
  done <"$T/allowed"
  return 1
}
others=
while read -r unit load active rest; do
  [ "$active" != failed ] || fail "$unit has failed"
  is_listed "$unit" || others="$others $unit"
done <"$T/units"
[ -z "$others" ] || fail "active and not in units.list:$others"
