#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The title starts with "Sandbox - " whatever the session says, the amber frame is around everything,
# in full screen too, and F11 works while the sandbox has the keyboard.
# beside: others
. "$(dirname "$0")/kit.sh"
AMBER=E5A50A

copy fresh; behave title
app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 1; key Return
until_true 10 is_there '^Sandbox - ' || fail "a title of 10,000 characters: no window: $(cat "$T/app.log")"
sleep 3
w=$(window '^Sandbox - ')
title=$(xdotool getwindowname "$w")
[ "$(printf %s "$title" | wc -m)" -le 80 ] || fail "the title has $(printf %s "$title" | wc -m) characters"
printf %s "$title" | grep -q "$(printf '\342\200\256')" && fail "a direction mark is in the title"
[ "$(printf '%s\n' "$title" | wc -l)" = 1 ] || fail "the title has several lines"
log_has OpenDisplay || fail "no screen"

# Walks inwards from an edge of the picture until the colour is found: edge NAME X Y DX DY
edge () {
  x=$2; y=$3; i=0
  while [ $i -lt 12 ]; do
    c=$(convert "$T/look.png" -format "%[hex:u.p{$x,$y}]" info: | cut -c1-6)
    [ "$c" != $AMBER ] || return 0
    x=$((x + $4)); y=$((y + $5)); i=$((i + 1))
  done
  fail "no amber at the $1"
}
look () {
  import -window "$w" -depth 8 +repage "$T/look.png"
  width=$(identify -format %w "$T/look.png"); height=$(identify -format %h "$T/look.png")
}
look
edge "left edge" 0 $((height / 2)) 1 0
edge "right edge" $((width - 1)) $((height / 2)) -1 0
edge "lower edge" $((width / 2)) $((height - 1)) 0 -1

key F11
is_full () { look; [ "$width" = 1280 ] && [ "$height" = 900 ]; }
until_true 5 is_full || fail "F11 gives $width x $height"
sleep 1; look
edge "left edge in full screen" 0 450 1 0
edge "right edge in full screen" 1279 450 -1 0
edge "upper edge in full screen" 640 0 0 1
edge "lower edge in full screen" 640 899 0 -1
# The upper edge brings the bar.
xdotool mousemove 640 450 mousemove 640 1
sleep 1; look
convert "$T/look.png" -crop 400x60+0+0 -format '%c' histogram:info: | grep -qi "#$AMBER" || fail "no bar at the upper edge"
[ "$(convert "$T/look.png" -format '%[hex:u.p{14,27}]' info: | cut -c1-6)" = $AMBER ] ||
  fail "the bar in full screen does not say Sandbox in amber"
xdotool mousemove 640 450
key F11
is_small () { look; [ "$height" -lt 880 ]; }
until_true 5 is_small || fail "F11 does not leave full screen"
stop_app
