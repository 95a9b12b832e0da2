/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate moves bytes between descriptors that it has or is handed, waits, and asks for memory
 * that is never executable.  It cannot open, create, connect, exec or fork.  The netlink socket was
 * opened before, by the supervisor; asking it for a dump is a send.
 *
 * bubblewrap around it takes the file system and the network away; this holds where that is missing
 * too (a test, another starter). */
#include "launcher/netgate/confine.h"

#include "launcher/confine-self.h"

#include <fcntl.h>

/* clang-format off */
static const int allowed[] = {
  /* the two streams, the supervisor, netlink; write: the capture, and a last word on stderr */
  SCMP_SYS (recvfrom), SCMP_SYS (recvmsg), SCMP_SYS (sendto), SCMP_SYS (sendmsg), SCMP_SYS (write),
  SCMP_SYS (close), SCMP_SYS (poll), SCMP_SYS (ppoll),
  /* large frames through pipes that it has (body.c) */
  SCMP_SYS (splice), SCMP_SYS (read),
  /* memory; mmap and mprotect below, without PROT_EXEC */
  SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (brk), SCMP_SYS (futex),
  /* time, where the vDSO does not answer; the end */
  SCMP_SYS (clock_gettime), SCMP_SYS (gettimeofday), SCMP_SYS (restart_syscall),
  SCMP_SYS (rt_sigreturn), SCMP_SYS (exit), SCMP_SYS (exit_group),
};
/* clang-format on */

/* A socket that was handed over must not block (pipe.c); nothing else of fcntl. */
static int
more (scmp_filter_ctx filter)
{
  return seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (fcntl), 2,
                           SCMP_A1 (SCMP_CMP_EQ, F_SETFL),
                           SCMP_A2 (SCMP_CMP_EQ, O_RDWR | O_NONBLOCK));
}

gboolean
sg_gate_confine (GError **error)
{
  static const SgConfineSelf self = { .allowed = allowed,
                                      .n_allowed = G_N_ELEMENTS (allowed),
                                      .more = more,
                                      .what = "the network gate" };

  return sg_confine_self (&self, error);
}
