#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fifty sandboxes in the list: the window's main loop is never busy for long, pictures are asked for of
# those that can be seen and of no others, and it goes on when all of them end at once.  (Sessions are
# made up: no machine runs.)
KIT=$(dirname "$0")/../ui
. "$KIT/kit.sh"
[ -e "$B/tests/loop-watch.so" ] || skip "$B/tests/loop-watch.so is not built"
[ "$(nm -D "$B/sandglass-app" | grep -c __asan_init)" = 0 ] || skip "a preload comes before the sanitizers"

behave plain
all=
for i in $(seq 50); do "$T/bin/sandglass-session" --alone & all="$all $!"; done
PIDS="$PIDS $all"
are_there () { [ "$(ls -d "$T"/run/sandglass/*/control | wc -l)" = 50 ]; }
until_true 20 are_there || fail "not all sessions are there"
# Processor time, because others may keep the processors busy.
LD_PRELOAD="$B/tests/loop-watch.so" LOOP_WATCH="$T/away" LOOP_WATCH_CPU=1 LOOP_WATCH_SKIP=0.1 \
  "$T/bin/sandglass-app" >>"$T/app.log" 2>&1 & APP=$!; PIDS="$APP $PIDS"
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
pictures () { sed -n 's/ Picture$//p' "$T/run/ui-session.log" | sort -u | wc -l; }
pictured () { [ "$(pictures)" -ge "$1" ]; }
until_true 20 pictured 2 || fail "those that can be seen have no pictures"
sleep 6
seen=$(pictures)
[ "$seen" -le 10 ] || fail "$seen pictures of some three that can be seen"
key Tab Tab Tab Tab End # Change, a file, the first row
scrolled () { [ "$(pictures)" -gt "$seen" ]; }
until_true 5 scrolled || fail "what comes into view has no picture"
sleep 1
kill $all
sleep 2
[ -e "/proc/$APP" ] || fail "the app has ended: $(cat "$T/app.log")"
key ctrl+comma
until_true 5 is_there '^Preferences$' || fail "the app does nothing any more"
away=$(cat "$T/away" 2>/dev/null || echo 0)
echo "main loop busy for $away ms at most"
[ "$(echo "$away" | awk '{ print ($1 <= 50) }')" = 1 ] || fail "its main loop was busy for $away ms"
