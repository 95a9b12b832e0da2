#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `make install` makes it a desktop application: programs, entry with actions, icons, the type of .wsb
# files, AppStream data, manual, completions that know every verb, file managers' menus, translations.
set -eu
cd "$(dirname "$0")/../.."
fail () { echo "FAILED: $*" >&2; exit 1; }
SANDGLASS=${SANDGLASS:-build/sandglass}
B=$(dirname "$SANDGLASS")
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
make --no-print-directory install-files O="$B" DESTDIR="$T" PREFIX=/usr >"$T/log" 2>&1 || { cat "$T/log"; fail "make install-files"; }
share=$T/usr/share

for file in usr/bin/sandglass usr/libexec/sandglass/sandglass-app usr/libexec/sandglass/guest \
  usr/share/applications/org.sandglass.Sandglass.desktop usr/share/metainfo/org.sandglass.Sandglass.metainfo.xml \
  usr/share/icons/hicolor/scalable/apps/org.sandglass.Sandglass.svg \
  usr/share/icons/hicolor/symbolic/apps/org.sandglass.Sandglass-symbolic.svg \
  usr/share/mime/packages/org.sandglass.Sandglass.xml usr/share/man/man1/sandglass.1 \
  usr/share/bash-completion/completions/sandglass usr/share/zsh/site-functions/_sandglass \
  usr/share/fish/vendor_completions.d/sandglass.fish usr/share/nemo/actions/sandglass-view.nemo_action \
  usr/share/Thunar/sendto/sandglass-edit.desktop usr/share/kio/servicemenus/sandglass.desktop \
  usr/share/nautilus-python/extensions/sandglass-nautilus.py usr/share/file-manager/actions/sandglass-view.desktop \
  usr/share/locale/de/LC_MESSAGES/sandglass.mo usr/share/locale/zh_CN/LC_MESSAGES/sandglass.mo; do
  [ -e "$T/$file" ] || fail "$file is not installed"
done
[ -z "$(find "$T" -perm -o=w ! -type l)" ] || fail "something is installed that everybody may write"

! command -v desktop-file-validate >/dev/null ||
  desktop-file-validate "$share"/applications/*.desktop "$share"/Thunar/sendto/*.desktop || fail "a desktop entry is not right"
! command -v appstreamcli >/dev/null ||
  appstreamcli validate --no-net "$share"/metainfo/*.xml >"$T/said" || { cat "$T/said"; fail "the AppStream data are not right"; }
if command -v update-mime-database >/dev/null; then
  mkdir -p "$T/user/mime/packages"; cp "$share"/mime/packages/*.xml "$T/user/mime/packages/"
  update-mime-database "$T/user/mime" >/dev/null 2>&1
  grep -q '\*\.wsb' "$T/user/mime/globs2" || fail "*.wsb has no type"
fi

# Every verb is in the manual; completions ask the program itself.
for verb in $("$SANDGLASS" --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
  sed 's/\\-/-/g; s/\\f[BIRP]/ /g' "$share/man/man1/sandglass.1" | grep -qw -- "$verb" || fail "the manual does not know the verb $verb"
done
PATH="$(realpath "$B"):$PATH"; export PATH
bash -c '. "$1"; COMP_WORDS=(sandglass dis); COMP_CWORD=1; _sandglass; [ "${COMPREPLY[*]}" = discard ]' - \
  "$share/bash-completion/completions/sandglass" || fail "bash does not complete a verb"
bash -c '. "$1"; COMP_WORDS=(sandglass network 01234567 pri); COMP_CWORD=3; _sandglass; [ "${COMPREPLY[*]}" = private ] || exit 1
  COMP_WORDS=(sandglass run --network ""); _sandglass; [ "${COMPREPLY[*]}" = "off internet lan allowlist private" ]' - \
  "$share/bash-completion/completions/sandglass" || fail "bash does not complete a network"
if command -v fish >/dev/null; then
  [ "$(HOME="$T" fish -c "source $share/fish/vendor_completions.d/sandglass.fish; complete -C 'sandglass network 01234567 pri'; complete -C 'sandglass run --network pri'" 2>/dev/null | xargs)" = "private private" ] ||
    fail "fish does not complete a network"
  HOME="$T" fish -c "source $share/fish/vendor_completions.d/sandglass.fish; complete -C 'sandglass disc'" 2>/dev/null | grep -q '^discard' ||
    fail "fish does not complete a verb"
fi
! command -v zsh >/dev/null || zsh -n "$share/zsh/site-functions/_sandglass" || fail "zsh does not read its completion"

# And away again: nothing of it is left, and what is not ours stays.
mkdir -p "$T/usr/share/man/man1"; : >"$T/usr/share/man/man1/other.1"
rm -rf "$T/user" "$T/.config" "$T/.local" "$T/.cache"
make --no-print-directory uninstall O="$B" DESTDIR="$T" PREFIX=/usr >"$T.log" 2>&1 || { cat "$T.log"; rm -f "$T.log"; fail "make uninstall"; }
rm -f "$T.log" "$T/log" "$T/said"
[ "$(find "$T" ! -type d)" = "$T/usr/share/man/man1/other.1" ] || fail "left after uninstall: $(find "$T" ! -type d)"
[ -z "$(find "$T" -name '*sandglass*')" ] || fail "folders are left after uninstall: $(find "$T" -name '*sandglass*')"
