/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the relay may ask of the kernel once it looks at guest bytes: move bytes between descriptors
 * it was given, wait, run threads, get memory that is never executable.  It cannot open, create,
 * connect, exec, fork a process, send a signal to another process, or change a terminal.  Anything
 * else ends it at once, and with it the sandbox's agent.
 *
 * bubblewrap around it takes the file system and the network away; this holds where that is missing
 * too (a test, another starter). */
#include "launcher/relay-confine.h"

#include "launcher/confine-self.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

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
more (scmp_filter_ctx filter)
{
  /* A thread, never a process.  clone3 hides its flags in memory: ENOSYS makes libc use clone. */
  int failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1,
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
  static const SgConfineSelf self = {
    .allowed = allowed, .n_allowed = G_N_ELEMENTS (allowed), .more = more, .what = "the relay"
  };

  return sg_confine_self (&self, error);
}
