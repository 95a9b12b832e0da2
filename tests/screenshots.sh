#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every screen, light and dark, English and German (NAME-LOOK.png, NAME-LOOK-de.png), into
# docs/screenshots/ (or the folder given).  The desktop inside a sandbox is a real one where a sandbox
# can run here; all else needs no machine.
#   tests/screenshots.sh [FOLDER]
# REAL_CACHE: an $XDG_CACHE_HOME with a copy of this computer in it, to save the time of making one.
OUT=$(realpath -m "${1:-docs/screenshots}")
KIT=$(dirname "$0")/ui
. "$KIT/kit.sh"
mkdir -p "$OUT" "$XDG_CONFIG_HOME/sandglass"
cp -r "$B/locale" "$T/bin/locale"
suffix=

# picture NAME TITLE: the window with this title
picture () {
  until_true 10 is_there "$2" || fail "$1: no window $2: $(cat "$T/app.log")"
  sleep 0.7
  import -window "$(window "$2")" +repage "$OUT/$1-$look$suffix.png"
}
launcher='^Sandglass$'
sandbox='^Sandbox - '

# A real desktop, with the real session and a copy made for this; needs no root, and some minutes
# where virtualization cannot be used.
real_desktop () {
  look=light
  printf '[Preferences]\nAppearance=light\n' >"$XDG_CONFIG_HOME/sandglass/preferences"
  [ -x "$B/sandglass-session" ] && [ -x "$B/sandglass" ] || return 0
  export XDG_CACHE_HOME="${REAL_CACHE:-$XDG_CACHE_HOME}"
  timeout 300 "$B/sandglass" base build >"$T/base.log" 2>&1 || {
    echo "no picture of a real desktop: $(tail -n 1 "$T/base.log")"; return 0; }
  "$B/sandglass-app" >"$T/app.log" 2>&1 & APP=$!; PIDS="$APP $PIDS"
  until_true 10 is_there "$launcher"; sleep 1
  key F10; sleep 0.5; key Return
  until_true 5 is_there '^Check This Computer$'; sleep 20
  picture check-here '^Check This Computer$'
  key Escape; sleep 0.5
  key ctrl+n
  until_true 60 is_there "$sandbox" || fail "no real sandbox: $(cat "$T/app.log")"
  id=$("$B/sandglass" list | awk 'NR == 2 { print $1 }') # not one that waits beside it
  # A program in it: the terminal, from its own menu of programs.
  timeout 100 "$B/sandglass" exec "$id" -- sh -c 'i=0
    while ! pgrep openbox >/dev/null && [ $i -lt 150 ]; do sleep 1; i=$((i + 1)); done; sleep 8
    command -v xterm && { setsid xterm -fa Monospace -fs 11 -geometry 84x22+120+90 -e sh -c "uname -sr; df -h / | tail -1; echo; ls -la ~; exec sh" >/dev/null 2>&1 </dev/null & sleep 8; }'
  picture sandbox "$sandbox"
  key F11; sleep 6
  picture sandbox-full-screen "$sandbox"
  stop_app
  sleep 2
  # One program alone.
  "$B/sandglass" run -q --window -- xterm -fa Monospace -fs 11 >/dev/null 2>&1 </dev/null & program=$!
  until_true 60 is_there '^Sandbox - xterm'; sleep 8
  picture one-program '^Sandbox - xterm'
  kill $program; wait $program || :
}

for language in en de; do
export LANGUAGE=$language
suffix=; [ $language = en ] || suffix=-$language
for look in light dark; do
  printf '[Preferences]\nAppearance=%s\n' $look >"$XDG_CONFIG_HOME/sandglass/preferences"
  rm -f "$T/run/steps" "$T/run/build" "$T/run/doctor"

  copy missing; behave slow; echo kvm >"$T/run/doctor"; echo 80 >"$T/run/steps"
  app
  picture first-run "$launcher"
  key Return; sleep 3.5
  picture progress "$launcher"
  stop_app

  copy missing; echo error >"$T/run/build"
  app
  until_true 10 is_there "$launcher"; sleep 0.5
  key Return; sleep 1.5
  picture error "$launcher"
  stop_app

  rm "$T/run/doctor"
  copy stale
  app
  picture launcher "$launcher"
  key ctrl+n
  picture sandbox-starting "$sandbox"
  sleep 2
  picture sandbox-slow-start "$sandbox"
  activate "$launcher"; sleep 6
  picture launcher-running "$launcher"
  key ctrl+question
  picture shortcuts '^(Keyboard Shortcuts|Tastenkürzel)$'
  key Escape; sleep 0.3
  key F1
  picture help '^(Help|Hilfe)$'
  key Escape; sleep 0.3
  key ctrl+comma
  picture preferences '^(Preferences|Einstellungen)$'
  key Escape; sleep 0.3
  stop_app

  cat >"$T/run/changes" <<END
{ "cut": false, "files": [
 { "path": "/home/sandbox/Documents/report.odt", "place": "documents", "size": 24000 },
 { "path": "/home/sandbox/Downloads/photo.jpg", "place": "downloads", "size": 2400000 },
 { "path": "/home/sandbox/Downloads/setup.run", "place": "downloads", "size": 81000, "program": true } ] }
END
  mkdir -p "$T/home/Downloads"
  behave policy; copy fresh
  mkdir -p "$T/home/Documents/invoices" "$T/policy.d"; chmod 755 "$T/policy.d"
  echo '<Configuration/>' >"$XDG_CONFIG_HOME/sandglass/Bank.wsb"
  cat >"$XDG_CONFIG_HOME/sandglass/Invoices.wsb" <<END
<Configuration><MappedFolders><MappedFolder><HostFolder>~/Documents/invoices</HostFolder><ReadOnly>true</ReadOnly></MappedFolder>
</MappedFolders><PrinterRedirection>Enable</PrinterRedirection><NetworkMode>lan</NetworkMode><Title>Invoices</Title></Configuration>
END
  printf '[policy]\nAllowAudioInput=false\nNetworkModes=internet\n' >"$T/policy.d/20-lab.conf"
  "$T/bin/sandglass-app" --edit="$XDG_CONFIG_HOME/sandglass/Invoices.wsb" 2>/dev/null & APP=$!; PIDS="$APP $PIDS"
  picture editor 'Invoices'
  stop_app
  "$T/bin/sandglass-app" --edit="$XDG_CONFIG_HOME/sandglass/Invoices.wsb" --policy-dir="$T/policy.d" 2>/dev/null & APP=$!; PIDS="$APP $PIDS"
  picture editor-administrator 'Invoices'
  stop_app
  app
  picture launcher-saved "$launcher"
  rm "$XDG_CONFIG_HOME/sandglass"/*.wsb
  key F10; sleep 0.5; key Down Return
  picture report '^(Report a Problem|Ein Problem melden)$'
  key Escape; sleep 0.3
  key ctrl+n
  until_true 10 is_there "$sandbox"; sleep 3
  activate "$sandbox"; key Control_R; sleep 0.5; key Home; key Left Left Left Left; key space; sleep 0.7
  picture network "$sandbox"
  key Escape
  close_window "$sandbox"
  picture question '^(Discard this sandbox|Diese Sandbox verwerfen)'
  key Tab Return; sleep 0.5
  picture save-files '^(Discard this sandbox|Diese Sandbox verwerfen)'
  key Escape Escape
  stop_app
  rm "$T/run/changes"

  behave fail; copy fresh
  app
  until_true 10 is_there "$launcher"; sleep 0.5
  key ctrl+n
  until_true 10 is_there "$sandbox"; sleep 1.5
  picture sandbox-failed "$sandbox"
  stop_app

  behave crash stuck
  app
  until_true 10 is_there "$launcher"; sleep 0.5
  key ctrl+n
  until_true 10 is_there "$sandbox"; sleep 3.5
  picture sandbox-stopped "$sandbox"
  activate "$sandbox"; key alt+F4
  picture question-stopped '^(Discard this sandbox|Diese Sandbox verwerfen)'
  stop_app

  behave notice; echo missing >"$T/run/doctor"
  app
  until_true 10 is_there "$launcher"; sleep 0.5
  picture launcher-missing "$launcher"
  key F10; sleep 0.5
  import -window root "$OUT/menu-$look$suffix.png"
  key Return
  picture check '^(Check This Computer|Diesen Computer prüfen)$'
  stop_app

done
done
unset LANGUAGE
suffix=
[ -n "${NO_MACHINE:-}" ] || real_desktop
