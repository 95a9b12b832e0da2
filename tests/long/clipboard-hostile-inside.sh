#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A clipboard agent inside that is an enemy: it floods, asks for what nobody pasted, lies about types,
# sends what is no text, and announces 4 GB.  Nothing gets out without an answer, nothing in, and the
# window stays, at its size in memory.
PROFILE=$(mktemp --suffix=.wsb)
echo '<Configuration><Networking>Disable</Networking><Clipboard><MaxKiB>1024</MaxKiB></Clipboard></Configuration>' >"$PROFILE"
KIT="$(dirname "$0")/../ui"; . "$KIT/clipboard-kit.sh"
rm -f "$PROFILE"
inside perl -e 1 2>/dev/null || skip "there is no perl inside"

inside sh -c 'cat >/tmp/agent.pl' <<'P'
use strict; use warnings;
my $how = shift; my $fd;
my ($port) = glob '/dev/virtio-ports/com.redhat.spice.0 /dev/vport0p2';
for (1 .. 300) {
  system 'pkill -9 spice-vdagentd';
  last if open $fd, '+<', -e $port ? $port : '/dev/vport0p2';
  select undef, undef, undef, 0.02;
}
die "no port\n" unless $fd; binmode $fd;
sub nap { select undef, undef, undef, shift }
sub message { my ($type, $data, $size) = @_;
  my $m = pack('L L Q L', 1, $type, 0, $size // length $data) . $data;
  while (length $m) { my $p = substr $m, 0, 2048, ''; syswrite $fd, pack('L L', 1, length $p) . $p or die "cannot write\n" } }
sub grab { message 7, pack 'C x3 L*', 0, @_ }
sub contents { message 4, pack('C x3 L', 0, $_[0]) . $_[1] }
message 6, pack 'L L', 1, 1 | 2 | 8 | 32 | 64; nap 2;
if ($how eq 'unasked') { contents 1, 'unasked' for 1 .. 1000 }
if ($how eq 'flood') { grab 1 for 1 .. 20000 }
if ($how eq 'ask') { for (1 .. 20000) { message 8, pack 'C x3 L', $_, 1 for 0, 1, 200 } }
if ($how eq 'lie') { grab 1; nap 2; contents 2, "\x89PNG\r\n\x1a\n" . 'x' x 1000 }
if ($how eq 'bad') { grab 1; nap 2; contents 1, "bad\xff\xe2\x82\x1b]0;x\x07end\0" }
if ($how eq 'really') { grab 1; nap 2; my $piece = 'x' x 65536; my $n = 0;
  my $head = pack('L L Q L', 1, 4, 0, 0xfffffff0) . pack('C x3 L', 0, 1);
  syswrite $fd, pack('L L', 1, length $head) . $head;
  for (1 .. 120000) { my $m = 'x' x 2048; syswrite $fd, pack('L L', 1, 2048) . $m or last } }
if ($how eq 'large') { grab 1; nap 2; message 4, pack('C x3 L', 0, 1) . 'x' x 4000, 0xfffffff0 }
nap 2;
P
as_enemy () { inside sudo perl /tmp/agent.pl "$1" || fail "the enemy cannot: $1"; }
viewer=$(pgrep -P "${PIDS%% *}" | head -n 1)
memory () { awk '/VmRSS/ { print $2 }' "/proc/$viewer/status"; }
printf 'of this computer' | xclip -selection clipboard -i >/dev/null 2>&1
sleep 5; before=$(memory)

as_enemy unasked
! logged 'out, text' || fail "what was not asked for is taken: $(cat "$T/log")"
as_enemy ask
logged 'in, .*: stopped: nobody pasted' || fail "no word of what was asked: $(cat "$T/log")"
! logged 'in, .*: passed' || fail "it got something that nobody pasted"
as_enemy flood
[ "$(lines ': asked')" -le 2 ] || fail "a flood is $(lines ': asked') questions"
as_enemy lie
logged 'stopped: this kind is not granted' || fail "a lie about the type passes: $(cat "$T/log")"
as_enemy bad
logged 'out, text, .*: asked' || fail "broken text is not asked about, repaired: $(cat "$T/log")"
answer alt+a
here >"$T/here"
printf 'bad\357\277\275\357\277\275\357\277\275]0;xend' >"$T/want"
cmp -s "$T/here" "$T/want" || fail "broken text is here as: $(od -c "$T/here")"
as_enemy large
[ -e "/proc/$viewer" ] || fail "4 GB announced: the window is gone"
[ "$(memory)" -lt $((before + 65536)) ] || fail "the window grew from $before to $(memory) KiB"
# 4 GB that do come, 240 MB of them: the display is given up before they are all here.
timeout 120 "$S" exec "$id" -- sudo perl /tmp/agent.pl really >/dev/null 2>&1 & enemy=$!
gone () { logged 'out, other, .*: stopped: too large'; }
until_true 100 gone || fail "a message without an end goes on: $(memory) KiB, $(tail -n 3 "$T/log")"
kill $enemy 2>/dev/null || :
sleep 2; [ -e "/proc/$viewer" ] || fail "a message without an end: the window is gone"
[ "$(memory)" -lt $((before + 196608)) ] || fail "the window grew from $before to $(memory) KiB"
exit 0
