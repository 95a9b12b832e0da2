#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every text of the windows is in the template and in each language, none is doubtful, and no file with
# such texts was forgotten in the list.
set -eu
cd "$(dirname "$0")/../.."
fail () { echo "FAILED: $*" >&2; exit 1; }
for tool in xgettext msgfmt msgcmp; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT

for file in $(grep -lE '(^|[^A-Za-z0-9_])(N?_|ngettext) \("' ui/*.c policies/*.c launcher/*.c) $(grep -l 'translatable="yes"' ui/*.ui); do
  grep -qx "$file" po/POTFILES.in || fail "$file has texts and is not in po/POTFILES.in"
done
for file in $(cat po/POTFILES.in); do [ -e "$file" ] || fail "$file is in po/POTFILES.in and not there"; done

# The same as `make pot`, in another place.
xgettext --files-from=po/POTFILES.in --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --no-wrap -o "$T/now.pot" 2>/dev/null
# Reasons that come from below the windows and are read in them.
while read -r text; do
  grep -qF "$text" "$T/now.pot" || fail "'$text' is read in a window and cannot be translated"
done <<'END'
this computer's print service (CUPS) does not run
not possible here: %s
lowered: this computer has %u MB, and keeps some itself
another folder is at that place already
this user may not use the graphics card
keys and passwords are in it
'%s' is not shared for writing: %s.
The folder '%s' may not be given to a sandbox. %s
No more than %d of your sandboxes may be open at once.
Printing on your printers is %s.
END
for language in $(cat po/LINGUAS); do
  msgfmt --check-format --check-header -o "$T/mo" "po/$language.po" || fail "po/$language.po is not right"
  [ -z "$(msgattrib --only-fuzzy "po/$language.po")" ] || fail "po/$language.po has doubtful texts"
  msgcmp "po/$language.po" "$T/now.pot" 2>"$T/said" || { cat "$T/said" >&2; fail "po/$language.po lacks texts: make po-update"; }
done
