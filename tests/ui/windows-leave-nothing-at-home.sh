#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The app opens a file by its dialog, a sandbox is used, closed and something of it saved: in the home folder
# there is what was saved, and what Sandglass keeps about itself.  Nowhere else is the name of what was opened
# or of what was inside: not among recently used files, thumbnails, bookmarks, settings, caches.
# beside: others
. "$(dirname "$0")/kit.sh"
opened=meeting-with-the-bank
saved=offer-from-inside
mkdir -p "$T/home/Downloads" "$T/home/.local/share"
echo x >"$T/home/$opened.txt"
cat >"$T/run/changes" <<END
{ "cut": false, "files": [
 { "path": "/home/sandbox/Documents/$saved.odt", "place": "documents", "size": 24000, "program": false, "unfinished": false, "removed": false }
] }
END
# What other programs have noted stays.
cat >"$T/home/.local/share/recently-used.xbel" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<xbel version="1.0" xmlns:bookmark="http://www.freedesktop.org/standards/desktop-bookmarks" xmlns:mime="http://www.freedesktop.org/standards/shared-mime-info">
  <bookmark href="file:///etc/passwd" added="2026-01-01T00:00:00Z" modified="2026-01-01T00:00:00Z" visited="2026-01-01T00:00:00Z">
    <info><metadata owner="http://freedesktop.org"><mime:mime-type type="text/plain"/>
      <bookmark:applications><bookmark:application name="Other" exec="&apos;other %u&apos;" modified="2026-01-01T00:00:00Z" count="1"/></bookmark:applications>
    </metadata></info>
  </bookmark>
</xbel>
END
before=$(sha256sum <"$T/home/.local/share/recently-used.xbel")

app
until_true 10 is_there '^Sandglass$' || fail "no window: $(cat "$T/app.log")"
sleep 0.7; key ctrl+o
until_true 5 is_there '^Open a file safely$' || fail "no dialog"
sleep 1; key alt+Home; sleep 1; key End; sleep 0.3; key Return
until_true 5 grep -q "^open .*$opened" "$T/run/sandglass.log" || fail "nothing is opened: $(cat "$T/run/sandglass.log")"

activate '^Sandglass$'; sleep 0.5; key ctrl+n
until_true 10 is_there '^Sandbox - ' || fail "no sandbox: $(cat "$T/app.log")"
until_true 10 log_has OpenDisplay || fail "no screen"
sleep 2
close_window '^Sandbox - '
until_true 5 is_there '^Discard this sandbox' || fail "no question"
sleep 0.7; key Tab Return; sleep 0.7; key space; sleep 0.3; key alt+s
until_true 5 log_has Discard || fail "not saved"
[ -e "$T/home/Downloads/$saved.odt" ] || fail "not saved: $(find "$T/home")"
stop_app
sleep 0.5

left=$(grep -rlE "$opened|$saved" "$T/home" --exclude-dir=Downloads || :)
[ -z "$left" ] || fail "it is noted in $left"
[ "$(sha256sum <"$T/home/.local/share/recently-used.xbel")" = "$before" ] || fail "others' list of recent files is another one"
left=$(cd "$T/home" && find . -type f ! -path './.cache/openbox/*' ! -path './.config/sandglass/*' |
  grep -vxF "./$opened.txt
./Downloads/$saved.odt
./.local/share/recently-used.xbel" || :)
[ -z "$left" ] || fail "left: $left"
