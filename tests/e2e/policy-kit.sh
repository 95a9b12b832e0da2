# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of what is granted: . "$(dirname "$0")/policy-kit.sh"
# A folder of rules that only this test uses (it can only narrow), and an own list of approvals.
S=${SANDGLASS:-build/sandglass}
T=$(mktemp -d)
ids=
kit_clean () {
  for i in $ids; do "$S" discard "$i" >/dev/null 2>&1 || true; done
  rm -rf "$T"
}
trap kit_clean EXIT
fail () { echo "FAILED: $*" >&2; exit 1; }
[ -x "$S" ] || { echo "skipped: $S is not built"; exit 77; }
umask 022
mkdir "$T/policy" "$T/config"
export XDG_CONFIG_HOME="$T/config"

# rules LINE...: the administrator's rules from now on; $P hands them over
P="--policy-dir=$T/policy"
rules () {
  rm -f "$T/policy/"*
  { echo '[policy]'; for line in "$@"; do echo "$line"; done; } >"$T/policy/20-test.conf"
}
# profile NAME ELEMENTS: writes $T/NAME.wsb
profile () { echo "<Configuration>$2</Configuration>" >"$T/$1.wsb"; }

# descendants PID
descendants () {
  ps -eo pid=,ppid= | awk -v root="$1" '
    { parent[$1] = $2 }
    END { for (p in parent) { q = parent[p]; while (q != "" && q != root && q > 1) q = parent[q]
            if (q == root) print p } }'
}
# qemu_of ID: the process of the sandbox's machine
qemu_of () {
  for p in $(ps -eo pid=,args= | awk -v n="sandglass-$1" '$0 ~ n { print $1 }'); do
    case $(readlink "/proc/$p/exe" 2>/dev/null) in */qemu-system-*) echo "$p" ;; esac
  done
}
# parent_of PID.  (ps pads a short number with spaces, and does not take one with spaces.)
parent_of () { ps -o ppid= -p "$1" | tr -d ' '; }
# processes_of ID: those of its session, the supervisor's children and theirs
processes_of () {
  _supervisor=$(parent_of "$(parent_of "$(qemu_of "$1")")")
  [ -n "$_supervisor" ] || fail "the processes of $1 are not found"
  descendants "$_supervisor"
}
