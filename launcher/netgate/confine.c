/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate moves bytes between descriptors that it has or is handed, waits, and asks for memory
 * that is never executable.  It cannot open, create, connect, exec or fork.  The netlink socket was
 * opened before, by the supervisor; asking it for a dump is a send.
 *
 * bubblewrap around it takes the file system and the network away; this holds where that is missing
 * too (a test, another starter). */
#include "launcher/netgate/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* the sanitizer's runtime reads /proc and more at its end */
#else
#define SANITIZED 0
#endif

/* clang-format off */
static const int allowed[] = {
  /* the two streams, the supervisor, netlink; write: the capture, and a last word on stderr */
  SCMP_SYS (recvfrom), SCMP_SYS (recvmsg), SCMP_SYS (sendto), SCMP_SYS (sendmsg), SCMP_SYS (write),
  SCMP_SYS (close), SCMP_SYS (poll), SCMP_SYS (ppoll),
  /* memory; mmap and mprotect below, without PROT_EXEC */
  SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (brk), SCMP_SYS (futex),
  /* time, where the vDSO does not answer; the end */
  SCMP_SYS (clock_gettime), SCMP_SYS (gettimeofday), SCMP_SYS (restart_syscall),
  SCMP_SYS (rt_sigreturn), SCMP_SYS (exit), SCMP_SYS (exit_group),
};
/* clang-format on */

static int
add_rules (scmp_filter_ctx filter)
{
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (allowed) && failed == 0; i++)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  return failed;
}

gboolean
sg_gate_confine (GError **error)
{
  scmp_filter_ctx filter;
  int failed = 0;

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    failed = -errno;
  else if (!SANITIZED)
    {
      filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
      failed = filter == NULL ? -ENOMEM : add_rules (filter);
      if (failed == 0)
        failed = seccomp_load (filter);
      if (filter != NULL)
        seccomp_release (filter);
    }
  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed),
                 "Cannot confine the network gate: %s", g_strerror (-failed));
  return failed == 0;
}
