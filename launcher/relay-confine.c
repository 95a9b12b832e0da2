/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the relay may ask of the kernel once it looks at guest bytes: move bytes between descriptors
 * it was given, wait, run threads, get memory that is never executable.  It cannot open, create,
 * connect, exec, fork a process, send a signal to another process, or change a terminal.  Anything
 * else ends it at once, and with it the sandbox's agent.
 *
 * bubblewrap around it takes the file system and the network away; this holds where that is missing
 * too (a test, another starter). */
#include "launcher/relay-confine.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* the sanitizer's runtime reads /proc and more at its end */
#else
#define SANITIZED 0
#endif

/* clang-format off */
static const int allowed[] = {
  /* the streams and the two sockets */
  SCMP_SYS (read), SCMP_SYS (write), SCMP_SYS (recvmsg), SCMP_SYS (recvfrom), SCMP_SYS (sendto),
  SCMP_SYS (sendmsg), SCMP_SYS (close), SCMP_SYS (poll), SCMP_SYS (ppoll), SCMP_SYS (eventfd2),
  /* threads: one per stream; libc sets a handler of its own at the first */
  SCMP_SYS (futex), SCMP_SYS (set_robust_list), SCMP_SYS (rseq), SCMP_SYS (exit),
  SCMP_SYS (exit_group), SCMP_SYS (sched_yield), SCMP_SYS (gettid), SCMP_SYS (getpid),
  SCMP_SYS (rt_sigaction), SCMP_SYS (rt_sigprocmask), SCMP_SYS (rt_sigreturn),
  SCMP_SYS (restart_syscall),
  /* memory; mmap and mprotect below, without PROT_EXEC */
  SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (brk),
  /* time, where the vDSO does not answer; randomness for hash tables */
  SCMP_SYS (clock_gettime), SCMP_SYS (clock_nanosleep), SCMP_SYS (getrandom),
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
  /* A thread, never a process.  clone3 hides its flags in memory: ENOSYS makes libc use clone. */
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1,
                               SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  /* Waking a thread of our own that blocks in read or write. */
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1,
                               SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t)getpid ()));
  return failed;
}

gboolean
sg_relay_confine (GError **error)
{
  scmp_filter_ctx filter;
  int failed;

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    {
      failed = -errno;
      goto out;
    }
  if (SANITIZED)
    return TRUE;
  filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  if (filter == NULL)
    failed = -ENOMEM;
  else
    {
      failed = add_rules (filter);
      if (failed == 0)
        failed = seccomp_load (filter);
      seccomp_release (filter);
    }
out:
  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed), "Cannot confine the relay: %s",
                 g_strerror (-failed));
  return failed == 0;
}
