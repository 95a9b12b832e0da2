#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cups-alone.sh DIR: the real cupsd as an ordinary user, with all that is its own in DIR: its socket DIR/cups.sock,
# one printer "paper", whose backend writes each job to DIR/out/NUMBER and "USER TITLE" to DIR/out/list.
# Stays in the foreground; 77 where there is no cupsd.
set -eu
D=$1
cupsd=$(command -v cupsd || ls /usr/sbin/cupsd 2>/dev/null) || { echo "skipped: cupsd is not installed"; exit 77; }
mkdir -p "$D/root" "$D/spool/temp" "$D/cache" "$D/state" "$D/log" "$D/out" "$D/bin/backend" "$D/bin/filter"
ln -sfn /usr/lib/cups/daemon "$D/bin/daemon"
cat >"$D/bin/backend/paper" <<E
#!/bin/sh
[ \$# = 0 ] && { echo 'direct paper:/ "Paper" "Paper"'; exit 0; }
if [ \$# -ge 6 ]; then cat "\$6"; else cat; fi >"$D/out/part.\$1"
echo "\$2 \$3" >>"$D/out/list"
mv "$D/out/part.\$1" "$D/out/\$1"
E
chmod 755 "$D/bin/backend/paper"
cat >"$D/root/cupsd.conf" <<E
LogLevel warn
Listen $D/cups.sock
Browsing No
WebInterface No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit Create-Job Print-Job Print-URI Validate-Job>
    Order deny,allow
  </Limit>
  <Limit Send-Document Close-Job Cancel-Job Hold-Job Release-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
E
cat >"$D/root/cups-files.conf" <<E
ServerRoot $D/root
RequestRoot $D/spool
TempDir $D/spool/temp
CacheDir $D/cache
StateDir $D/state
AccessLog $D/log/access
ErrorLog $D/log/error
PageLog $D/log/page
ServerBin $D/bin
DataDir /usr/share/cups
User $(id -un)
Group $(id -gn)
SystemGroup $(id -gn)
E
cat >"$D/root/printers.conf" <<E
<DefaultPrinter paper>
Info A printer of paper
DeviceURI paper:/here
State Idle
Accepting Yes
Shared No
JobSheets none none
</DefaultPrinter>
E
exec "$cupsd" -f -c "$D/root/cupsd.conf" -s "$D/root/cups-files.conf"
