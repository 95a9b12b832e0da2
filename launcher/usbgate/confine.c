/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate of a USB device may ask of the kernel: move bytes, wait, talk to that device, get
 * memory that is never executable.  It cannot open a file, make a socket, a process or a thread. */
#include "launcher/usbgate/confine.h"

#include "launcher/confine-self.h"

#include <sys/resource.h>

#define MEMORY_MOST (512ul * 1024 * 1024)

/* clang-format off */
static const int allowed[] = {
  /* the socket, and how the library wakes and times itself */
  SCMP_SYS (read), SCMP_SYS (write), SCMP_SYS (recvfrom), SCMP_SYS (sendto), SCMP_SYS (poll),
  SCMP_SYS (ppoll), SCMP_SYS (close), SCMP_SYS (timerfd_settime), SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_nanosleep), SCMP_SYS (gettimeofday), SCMP_SYS (getpid), SCMP_SYS (gettid),
  /* memory; mmap and mprotect as the others have them, without PROT_EXEC */
  SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (brk),
  SCMP_SYS (futex), SCMP_SYS (restart_syscall), SCMP_SYS (rt_sigreturn), SCMP_SYS (exit),
  SCMP_SYS (exit_group), SCMP_SYS (getrandom),
};
/* clang-format on */

/* Of ioctl() only what is for a USB device (type 'U', include/uapi/linux/usbdevice_fs.h). */
static int
more (scmp_filter_ctx filter)
{
  return seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), 1,
                           SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xff00, 'U' << 8));
}

gboolean
sg_usbgate_confine (GError **error)
{
  static const SgConfineSelf self = { .allowed = allowed,
                                      .n_allowed = G_N_ELEMENTS (allowed),
                                      .more = more,
                                      .what = "the gate of a USB device" };
  const struct rlimit memory = { MEMORY_MOST, MEMORY_MOST };

  /* What a sandbox does not fetch waits here. */
  setrlimit (RLIMIT_DATA, &memory);
  return sg_confine_self (&self, error);
}
