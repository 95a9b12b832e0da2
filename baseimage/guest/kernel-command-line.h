/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's kernel is told (`-append`).  A constant: everything that differs between
 * sandboxes goes over the agent's port, so that one template serves all.
 *
 *   console=hvc0              the virtio console; words of a failed start come out there
 *   quiet loglevel=3          a console costs time under emulation
 *   panic=-1                  a dead kernel ends the machine (QEMU runs with -no-reboot)
 *   selinux=0 apparmor=0      their policies are for the host's files and services, not for these
 *   audit=0                   nobody reads the audit log inside
 *   net.ifnames=0             the one network card, plugged in later, is eth0
 *   memhp_default_state=online_movable   memory plugged in later (virtio-mem) can be taken out
 *   systemd.*                 no status lines, few log lines; our own target
 *   fsck.mode=skip            the scratch disk is new each time
 *   random.trust_cpu=1        start-up does not wait for entropy; the agent adds the host's
 *   cryptomgr.notests         half a second of self-tests under emulation
 *   no_timer_check            "does the clock's interrupt come?": not in time where an emulated
 *                             processor waits for a busy computer, and then the kernel gives up
 *                             ("IO-APIC + timer doesn't work").  Under KVM it does not ask
 *
 * Nothing here weakens the kernel: mitigations stay as they are by default. */
#pragma once

#define SG_GUEST_KERNEL_COMMON                                                                     \
  "console=hvc0 quiet loglevel=3 panic=-1 selinux=0 apparmor=0 audit=0 net.ifnames=0 "             \
  "memhp_default_state=online_movable random.trust_cpu=1 fsck.mode=skip cryptomgr.notests "        \
  "no_timer_check systemd.show_status=0 systemd.log_level=notice "

/* With the desktop. */
#define SG_GUEST_KERNEL_COMMAND_LINE SG_GUEST_KERNEL_COMMON "systemd.unit=sandglass.target"

/* Commands only: no X server, no shell. */
#define SG_GUEST_KERNEL_COMMAND_LINE_TEXT                                                          \
  SG_GUEST_KERNEL_COMMON "systemd.unit=sandglass-text.target"
