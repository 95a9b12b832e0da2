/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate to the printers may ask of the kernel: connect to a Unix socket, move bytes, wait,
 * get memory that is never executable.  It cannot open or execute a file, nor make a process.
 * Anything else ends it, and with it the sandbox's printing. */
#include "launcher/printgate/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* the sanitizer's runtime reads /proc and more at its end */
#else
#define SANITIZED 0
#endif

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

static int
add_rules (scmp_filter_ctx filter)
{
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (allowed) && failed == 0; i++)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
  if (failed == 0) /* and no other kind: not the network, which is not there either */
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), 1,
                               SCMP_A0 (SCMP_CMP_EQ, AF_UNIX));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  return failed;
}

gboolean
sg_printgate_confine (GError **error)
{
  scmp_filter_ctx filter;
  int failed = -ENOMEM;

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    failed = -errno;
  else if (SANITIZED)
    return TRUE;
  else if ((filter = seccomp_init (SCMP_ACT_KILL_PROCESS)) != NULL)
    {
      failed = add_rules (filter);
      if (failed == 0)
        failed = seccomp_load (filter);
      seccomp_release (filter);
    }
  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed),
                 "Cannot confine the gate to the printers: %s", g_strerror (-failed));
  return failed == 0;
}
