#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The window goes while a clip is under way, and what is inside answers all the same: it asks for what was pasted, and
# sends what it was asked for.  Killed: nothing crosses, and the sandbox and its next window go on.  Closed, and taken
# back: what was under way is forgotten, and the next paste passes.
PROFILE=$(mktemp --suffix=.wsb)
echo '<Configuration><Networking>Disable</Networking></Configuration>' >"$PROFILE"
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
rm -f "$PROFILE"
inside perl -e 1 2>/dev/null || skip "there is no perl inside"

# asks: once a clip is announced and /tmp/go is there, it asks for it, and keeps what comes in /tmp/got.
# sends: offers a clip; once it was asked for it, and /tmp/go is there, it sends it.
# /tmp/at says how far it is.
inside sh -c 'cat >/tmp/agent.pl' <<'P'
use strict; use warnings;
my $how = shift; my ($fd, $stream) = (undef, '');
for (1 .. 300) {
  system 'pkill -9 spice-vdagentd';
  last if open $fd, '+<', -e '/dev/virtio-ports/com.redhat.spice.0' ? '/dev/virtio-ports/com.redhat.spice.0' : '/dev/vport0p2';
  select undef, undef, undef, 0.02;
}
die "no port\n" unless $fd; binmode $fd;
sub message { my ($type, $data) = @_; my $m = pack('L L Q L', 1, $type, 0, length $data) . $data;
  syswrite $fd, pack('L L', 1, length $m) . $m or die "cannot write\n" }
sub at { open my $f, '>', '/tmp/at.new' or die; print $f shift; close $f; rename '/tmp/at.new', '/tmp/at' }
my $raw = '';
# The next message within so many seconds: its type and data, or nothing.
sub next_message { my $until = time + shift;
  while (1) {
    if (length $stream >= 20) { my (undef, $type, undef, $size) = unpack 'L L Q L', $stream;
      if (length $stream >= 20 + $size) { my $data = substr $stream, 20, $size; substr $stream, 0, 20 + $size, ''; return ($type, $data) } }
    if (length $raw >= 8) { my (undef, $n) = unpack 'L L', $raw;
      if (length $raw >= 8 + $n) { $stream .= substr $raw, 8, $n; substr $raw, 0, 8 + $n, ''; next } }
    return if time >= $until;
    my $r = ''; vec($r, fileno $fd, 1) = 1;
    select $r, undef, undef, 0.2 or next;
    # Nobody at the other end: the port says so by an end of file, and goes on when somebody is there.
    my $n = sysread $fd, $raw, 65536, length $raw; select undef, undef, undef, 0.1 unless $n } }
sub wait_for { my $wanted = shift; my $until = time + 200;
  while (time < $until) { my ($type, $data) = next_message (1); return $data if defined $type && $type == $wanted } die "nothing of $wanted\n" }
sub wait_for_go { my $until = time + 120; until (-e '/tmp/go') { die "not told to go\n" if time > $until; select undef, undef, undef, 0.1 } }
message 6, pack 'L L', 1, 1 | 2 | 8 | 32 | 64;
if ($how eq 'asks') {
  at 'listens'; wait_for 7; at 'announced'; wait_for_go;
  open my $got, '>', '/tmp/got' or die;
  for (1 .. 5) { message 8, pack 'C x3 L', 0, 1;
    while (my ($type, $data) = next_message (1)) { syswrite $got, substr $data, 8 if $type == 4 } }
}
if ($how eq 'sends') {
  message 7, pack 'C x3 L', 0, 1; wait_for 8; at 'asked'; wait_for_go;
  message 4, pack('C x3 L', 0, 1) . "sent too late $_" for 1 .. 3;
  next_message (3);
}
at 'done';
P
begins () { inside sudo rm -f /tmp/go /tmp/got /tmp/at; timeout 300 "$S" exec "$id" -- sudo perl /tmp/agent.pl "$1" >"$T/agent" 2>&1 & agent=$!; PIDS="$agent $PIDS"; }
at () { [ "$(inside cat /tmp/at)" = "$1" ]; }
goes_on () { inside touch /tmp/go; wait $agent || fail "the enemy: $(cat "$T/agent")"; }
got () { inside sudo cat /tmp/got; }
is_inside () { case "$(got)" in "$words"*) return 0 ;; esac; return 1; } # a program may ask some times for one paste
lives () { [ "$(inside echo lives)" = lives ] || fail "the sandbox: $("$S" list)"; }
no_window () { [ -z "$(window)" ]; }
# Both of its processes at once, as who has too little memory would.
kill_viewer () { kill -9 $(pgrep -P "$VIEWER") "$VIEWER"; wait "$VIEWER" 2>/dev/null || :; until_true 20 no_window || fail "the window stays"; }
viewer () {
  "$B/sandglass-viewer" --session "$id" 2>>"$T/log" & VIEWER=$!; PIDS="$VIEWER $PIDS"; until_true 60 there || fail "no window: $(cat "$T/log")"
  has any 'Screen of the sandbox'
}
# By the menu, which leaves the longest time for an answer; and that by names, so that a busy computer loses no key.
announced () { press 'toggle button' 'Sandbox menu'; press any 'Paste In'; until_true 60 at announced || fail "$1, a paste is not announced: $(cat "$T/log" "$T/agent")"; }
VIEWER=${PIDS%% *}; kill_viewer
start () { "$@" & PIDS="$! $PIDS"; }
. "$KIT/tree-kit.sh"
viewer
words='of this computer'
copied () { printf '%s' "$words" | xclip -selection clipboard -i >/dev/null 2>&1; }

# --- nothing goes: it does cross, or the rest would prove nothing
copied; begins asks; until_true 60 at listens || fail "the enemy: $(cat "$T/agent")"
announced "at first"
goes_on; is_inside || fail "in time, and inside is: $(got)"

# --- killed after a paste
begins asks; until_true 60 at listens || fail "the enemy: $(cat "$T/agent")"
announced "the second time"
kill_viewer
goes_on; [ -z "$(got)" ] || fail "the window is gone, and inside is: $(got)"
lives
viewer
[ -z "$(got)" ] || fail "another window came, and inside is: $(got)"

# --- killed after it asked for what was copied inside
begins sends; until_true 60 at asked || fail "an offer is not looked at: $(cat "$T/log" "$T/agent")"
kill_viewer
goes_on; lives; viewer; sleep 2
[ "$(here)" = "$words" ] || fail "sent when the window was gone, and here is: $(here)"
! logged 'out, text, .*: \(asked\|passed\)' || fail "sent when the window was gone, and asked about: $(cat "$T/log")"

# --- closed after a paste, and taken back: forgotten; and the next paste is one
begins asks; until_true 60 at listens || fail "the enemy: $(cat "$T/agent")"
announced "the third time"
press 'push button' Close
has frame Discarded
no_window || fail "closed, and the window is there"
press 'push button' Undo
until_true 20 there || fail "Undo does not bring the window back"
goes_on; [ -z "$(got)" ] || fail "closed and back, and what was pasted before is inside: $(got)"
begins asks; until_true 60 at listens || fail "the enemy: $(cat "$T/agent")"
announced "closed and back"
goes_on; is_inside || fail "closed and back, pasted, and inside is: $(got)"
lives
