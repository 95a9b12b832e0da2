/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate to the printers may ask of the kernel: connect to a Unix socket, move bytes, wait,
 * get memory that is never executable.  It cannot open or execute a file, nor make a process.
 * Anything else ends it, and with it the sandbox's printing. */
#include "launcher/printgate/confine.h"

#include "launcher/confine-self.h"

#include <sys/socket.h>

/* clang-format off */
static const int allowed[] = {
  /* the sockets */
  SCMP_SYS (connect), SCMP_SYS (recvfrom), SCMP_SYS (sendto), SCMP_SYS (poll), SCMP_SYS (ppoll),
  SCMP_SYS (close), SCMP_SYS (write), /* a last word */
  /* memory; mmap and mprotect below, without PROT_EXEC */
  SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (brk),
  SCMP_SYS (futex), SCMP_SYS (restart_syscall), SCMP_SYS (rt_sigreturn), SCMP_SYS (exit),
  SCMP_SYS (exit_group), SCMP_SYS (getrandom),
};
/* clang-format on */

/* No other kind: not the network, which is not there either. */
static int
more (scmp_filter_ctx filter)
{
  return seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), 1,
                           SCMP_A0 (SCMP_CMP_EQ, AF_UNIX));
}

gboolean
sg_printgate_confine (GError **error)
{
  static const SgConfineSelf self = { .allowed = allowed,
                                      .n_allowed = G_N_ELEMENTS (allowed),
                                      .more = more,
                                      .what = "the gate to the printers" };

  return sg_confine_self (&self, error);
}
