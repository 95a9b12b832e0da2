#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The same files, read inside one guest: from the base (our plugin behind nbdkit), and from a raw virtio disk.
#
# The guest is a kernel and busybox, so that nothing else runs.  Both disks are EROFS; files are read in turn
# (A B A B ...), each time with the guest's cache empty.
set -eu
. "$(dirname "$0")/lib.sh"
S=${SANDGLASS:-build/sandglass}
B=$(cd "$(dirname "$S")" && pwd)
T=$(mktemp -d "${TMPDIR:-/var/tmp}/sandglass-bench-XXXXXX")
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$T"' EXIT
for tool in nbdkit qemu-system-x86_64 mkfs.erofs cpio busybox modprobe python3; do
  command -v $tool >/dev/null || { echo "bench: $tool is missing" >&2; exit 1; }
done
WANTED=${READ_BYTES:-1000000000}

"$S" base build --json >/dev/null
status=$("$S" base status --json)
field () { echo "$status" | sed -n "s/.*\"$1\" : \"\\(.*\\)\".*/\\1/p"; }
base=$(field directory) kernel=$(field kernel) release=$(field kernel-release)

# --- the set: files of /usr/bin and /usr/lib of 64 KiB and more, until there is enough of them
find /usr/bin /usr/lib -xdev -type f -perm -444 -size +64k -links 1 -printf '%s %p\n' | sort -k2 |
  awk -v want="$WANTED" '{ n += $1; print substr($0, index($0, " ") + 1); if (n >= want) exit }' >"$T/set"
bytes=$(tr '\n' '\0' <"$T/set" | xargs -0 stat -c %s | awk '{ n += $1 } END { print n }')
mkdir "$T/copy"
tar -c -T "$T/set" 2>/dev/null | tar -x -C "$T/copy"
mkfs.erofs "$T/raw.erofs" "$T/copy" >/dev/null
rm -rf "$T/copy"

# --- the guest
mkdir -p "$T/init/bin" "$T/init/modules" "$T/init/dev" "$T/init/proc" "$T/init/a" "$T/init/b"
cp "$(command -v busybox)" "$T/init/bin/busybox"
cp "$T/set" "$T/init/set"
n=10
for module in virtio_pci virtio_blk erofs; do
  modprobe -S "$release" --show-depends $module | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" "$T/init/modules/$n-$(basename "$file")"
  n=$((n + 1))
done
cat >"$T/init/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for m in /modules/*; do
  case $m in *.xz) xz -dc $m >/m.ko ;; *.zst) zstd -dc $m >/m.ko ;; *) cp $m /m.ko ;; esac
  insmod /m.ko
done
mount -t erofs -o ro /dev/vda /a && mount -t erofs -o ro /dev/vdb /b || { echo "BENCH failed to mount"; poweroff -f; }
read_all () {
  echo 3 >/proc/sys/vm/drop_caches
  start=$(cut -d' ' -f1 /proc/uptime)
  sed "s|^|$1|" /set | tr '\n' '\0' | xargs -0 cat >/dev/null || echo "BENCH failed to read"
  end=$(cut -d' ' -f1 /proc/uptime)
  echo "BENCH $2 $start $end"
}
for i in 0 1 2 3 4 5; do read_all /a base; read_all /b raw; done
poweroff -f
END
chmod +x "$T/init/init"
(cd "$T/init" && find . | cpio -o -H newc --quiet) >"$T/initrd"

nbdkit -f -U "$T/nbd" "$B/nbdkit-sandglass-plugin.so" "base=$base" root=/ &
server=$!
while [ ! -S "$T/nbd" ]; do sleep 0.1; done
accel=tcg,thread=multi
if "$S" doctor --json | tr -d '\n' | grep -q '"id" : "virtualization"[^}]*"met" : true'; then accel=kvm; fi
timeout 900 qemu-system-x86_64 -M q35 -accel $accel -cpu max -smp 2 -m 1024 -nodefaults -no-user-config -display none \
  -serial stdio -kernel "$kernel" -initrd "$T/initrd" -append 'console=ttyS0 quiet no_timer_check panic=-1' -no-reboot \
  -blockdev "driver=nbd,node-name=a,read-only=on,server.type=unix,server.path=$T/nbd" -device virtio-blk-pci,drive=a \
  -blockdev "driver=file,node-name=b,read-only=on,filename=$T/raw.erofs" -device virtio-blk-pci,drive=b </dev/null |
  tr -d '\r' >"$T/said"
if grep -q 'BENCH failed' "$T/said" || [ "$(grep -c '^BENCH' "$T/said")" -lt 12 ]; then tail -n 5 "$T/said" >&2; exit 1; fi
# The first round warms the host's cache.
for disk in base raw; do
  awk -v d=$disk '$1 == "BENCH" && $2 == d { n++; if (n > 1) printf "%.3f\n", $4 - $3 }' "$T/said" >"$T/$disk.s"
done
a=$(median "$T/base.s") b=$(median "$T/raw.s")
speed () { awk "BEGIN { printf \"%.0f MB/s\", $bytes / 1e6 / $1 }"; }
cat <<END
## Reading through the base

$(wc -l <"$T/set") files, $(mb "$bytes"), read inside one guest (median of 5; the host's cache is warm, the guest's is empty).

| what | figure | beside it | ratio | target | |
| --- | --- | --- | --- | --- | --- |
| base -> nbdkit -> guest | $a s, $(speed "$a") | raw virtio disk: $b s, $(speed "$b") | $(awk "BEGIN { printf \"%.0f %%\", 100 * $b / $a }") | >= 50 % | $(verdict "$b / $a" '>=' 0.5) |

END
