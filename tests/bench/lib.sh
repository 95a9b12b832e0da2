# SPDX-License-Identifier: GPL-2.0-or-later
# What the parts of `make bench` share.  Sourced by sh.
#
# A part prints one section of Markdown.  Figures are wall seconds of whole processes; a comparison runs
# the two in turn (A B A B ...), so that a machine whose speed drifts slows both.

# seconds COMMAND...: runs it, prints its wall seconds; its output goes to $T/out
seconds () {
  local_start=$(date +%s%N)
  "$@" >"$T/out" 2>&1 || { echo "bench: '$*' failed: $(tail -n 3 "$T/out")" >&2; exit 1; }
  local_end=$(date +%s%N)
  awk "BEGIN { printf \"%.3f\\n\", ($local_end - $local_start) / 1e9 }"
}

# pairs N A B FILE_A FILE_B: N times in turn; A and B are shell words; seconds are appended to the files
pairs () {
  pairs_i=0
  while [ "$pairs_i" -lt "$1" ]; do
    seconds sh -c "$2" >>"$4"
    seconds sh -c "$3" >>"$5"
    pairs_i=$((pairs_i + 1))
  done
}

median () { sort -n "$1" | awk '{ v[NR] = $1 } END { if (NR % 2) print v[(NR + 1) / 2]; else printf "%.3f\n", (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
p95 () { sort -n "$1" | awk '{ v[NR] = $1 } END { i = int(NR * 0.95 + 0.999); if (i > NR) i = NR; print v[i] }'; }
ratio () { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }
# verdict VALUE OP TARGET: "met" or "not met"
verdict () { awk "BEGIN { print ($1 $2 $3) ? \"met\" : \"**not met**\" }"; }
mb () { awk "BEGIN { printf \"%.1f MB\", $1 / 1e6 }"; }
