#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What doctor finds comes in the person's language where the app asks for it; `--json` alone says the same
# in every language.
set -eu
sandglass=${SANDGLASS:-build/sandglass}
fail () { echo "FAILED: $*" >&2; exit 1; }
command -v msgfmt >/dev/null || { echo "skipped: msgfmt is not installed"; exit 77; }
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
mkdir -p "$T/locale/de/LC_MESSAGES"
cp "$sandglass" "$T/sandglass"
msgfmt -o "$T/locale/de/LC_MESSAGES/sandglass.mo" - <<END
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"
msgid "Disk room"
msgstr "Plattenplatz"
msgid "%.1f GB free in %s"
msgstr "%.1f GB frei in %s"
END
export LANGUAGE=de LC_ALL=C.UTF-8 HOME="$T" XDG_CACHE_HOME="$T"
"$T/sandglass" doctor --json >"$T/plain" || :
grep -q '"Disk room"' "$T/plain" || fail "--json is translated"
grep -q 'GB free in' "$T/plain" || fail "--json is translated within"
"$T/sandglass" doctor --json --translated >"$T/translated" || :
grep -q '"Plattenplatz"' "$T/translated" || fail "titles are not translated"
grep -q 'GB frei in' "$T/translated" || fail "what was found is not translated"
grep '"id"' "$T/plain" >"$T/ids"; grep '"id"' "$T/translated" | cmp -s - "$T/ids" || fail "ids differ"
