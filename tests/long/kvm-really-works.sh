#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Hardware virtualization, where there need be none: QEMU's emulation plays a processor with SVM, a sandbox with
# <NestedVirtualization> plays the computer, its kernel has a true /dev/kvm, and in it Sandglass finds that, and
# opens a sandbox by it.  The processor below is emulated, so each exit costs a thousand times what it
# should: the programs are built with longer deadlines (common/patience.h).  Nothing here is a figure.
# timeout: 5400
set -eu
S=${SANDGLASS:-build/sandglass} B=${SG_BUILD:-build}
fail () { echo "FAILED: $*" >&2; exit 1; }
skip () { echo "skipped: $*"; exit 77; }
kernel=$(ls /boot/vmlinuz-* 2>/dev/null | sort -V | tail -n 1)
[ -n "$kernel" ] && [ -r "$kernel" ] || skip "the kernel in /boot cannot be read"
T=$(mktemp -d)
id=
making=
trap '[ -z "$making" ] || kill "$making" 2>/dev/null || :; [ -z "$id" ] || "$S" discard "$id" >/dev/null 2>&1; rm -rf "$T"' EXIT

# --- the programs whose deadlines matter, while the computer starts
make -s -j"$(nproc)" O="$T/slow" SLOW=60 "$T/slow/sandglass" "$T/slow/sandglass-session" >"$T/make" 2>&1 &
making=$!

# --- the computer
cat >"$T/computer.wsb" <<'END'
<Configuration>
  <NestedVirtualization>Enable</NestedVirtualization>
  <MemoryInMB>6144</MemoryInMB>
</Configuration>
END
id=$("$S" start -q --cold --approve --profile "$T/computer.wsb") || fail "the computer does not start"
inside () { "$S" exec "$id" -- "$@"; }
inside sudo modprobe kvm_amd 2>/dev/null || inside sudo modprobe kvm_intel 2>/dev/null ||
  skip "the emulated processor has no virtualization"
inside sudo chmod 666 /dev/kvm || skip "the emulated processor's virtualization does not work"
tar c -C / "${kernel#/}" | inside sudo tar x -C /
# Its disk, as a file system with nameless files: the sandbox's own is a layer above it.
inside sudo sh -ec 'disk=$(lsblk -dnro NAME,RO | awk "\$2 == 0 && \$1 ~ /^vd/ { print \$1; exit }")
  mount "/dev/$disk" /var/tmp; chmod 1777 /var/tmp; mkdir -m 700 /var/tmp/home; chown sandbox: /var/tmp/home'
wait "$making" || fail "the programs are not built: $(tail -n 3 "$T/make")"
making=
inside mkdir /var/tmp/home/bin
tar c -C "$B" --exclude=obj --exclude=gen --exclude=./tests --exclude=test-logs --exclude='*.a' . | inside tar x -C /var/tmp/home/bin
tar c -C "$T/slow" sandglass sandglass-session | inside tar x -C /var/tmp/home/bin
with () { inside env HOME=/var/tmp/home sh -c "cd && bin/$1"; }

# --- is it found
with 'sandglass doctor' >"$T/doctor" || :
grep -q '^yes  *Hardware virtualization' "$T/doctor" || fail "KVM is not found: $(grep -A 4 Hardware "$T/doctor")"

# --- does a sandbox run by it
with 'sandglass base build --no-template' >"$T/build" || fail "no base: $(tail -n 3 "$T/build")"
with 'sandglass run --cold --cpus 1 --memory 1024 --plan -- true' >"$T/plan" || fail "no plan"
grep -q '^Accelerator: *kvm' "$T/plan" || fail "the plan is not by KVM"
with 'sandglass run --cold --cpus 1 --memory 1024 -- sh -c "
    sudo dmesg | grep -i \"hypervisor detected\"; grep -c -w -e svm -e vmx /proc/cpuinfo; echo ends"' >"$T/run" ||
  fail "no sandbox by KVM: $(tail -n 3 "$T/run")"
grep -q 'detected: KVM' "$T/run" || fail "the sandbox is not by KVM: $(cat "$T/run")"
grep -qx 0 "$T/run" || fail "virtualization is passed on without a grant"
grep -qx ends "$T/run" || fail "the command did not run to its end"

# --- and leave nothing
[ -z "$(inside pgrep qemu-system || :)" ] || fail "a machine is still there"
[ "$(with 'sandglass list' | wc -l)" -le 1 ] || fail "a sandbox is still there"
echo "ok: found, a sandbox by it, and nothing left"
