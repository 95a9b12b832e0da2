/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of what is refused, not of what is allowed: nbdkit and libc choose their calls by version,
 * and a server of files that dies in the middle takes the sandbox with it.  What is refused answers
 * EPERM.  The walls are the namespaces; this keeps the kernel's rarely used parts out of reach. */
#include "launcher/confine.h"

#include "launcher/filter-export.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

/* clang-format off */
static const int refused[] = {
  /* the network and other processes' sockets: its one connection and pipe are inherited */
  SCMP_SYS (socket), SCMP_SYS (connect), SCMP_SYS (bind), SCMP_SYS (listen), SCMP_SYS (accept),
  SCMP_SYS (accept4),
  /* other processes */
  SCMP_SYS (ptrace), SCMP_SYS (process_vm_readv), SCMP_SYS (process_vm_writev), SCMP_SYS (kcmp),
  SCMP_SYS (pidfd_getfd), SCMP_SYS (pidfd_open), SCMP_SYS (fork), SCMP_SYS (vfork),
  /* namespaces and mounts */
  SCMP_SYS (unshare), SCMP_SYS (setns), SCMP_SYS (mount), SCMP_SYS (umount2), SCMP_SYS (pivot_root),
  SCMP_SYS (chroot), SCMP_SYS (open_tree), SCMP_SYS (move_mount), SCMP_SYS (fsopen),
  SCMP_SYS (fsconfig), SCMP_SYS (fsmount), SCMP_SYS (fspick), SCMP_SYS (mount_setattr),
  SCMP_SYS (open_by_handle_at), SCMP_SYS (name_to_handle_at), SCMP_SYS (fanotify_init),
  /* parts of the kernel that are large and not needed */
  SCMP_SYS (bpf), SCMP_SYS (perf_event_open), SCMP_SYS (userfaultfd), SCMP_SYS (io_uring_setup),
  SCMP_SYS (io_uring_enter), SCMP_SYS (io_uring_register), SCMP_SYS (keyctl), SCMP_SYS (add_key),
  SCMP_SYS (request_key), SCMP_SYS (personality), SCMP_SYS (vmsplice), SCMP_SYS (quotactl),
  SCMP_SYS (lookup_dcookie), SCMP_SYS (modify_ldt),
  /* the computer itself */
  SCMP_SYS (init_module), SCMP_SYS (finit_module), SCMP_SYS (delete_module),
  SCMP_SYS (kexec_load), SCMP_SYS (kexec_file_load), SCMP_SYS (reboot), SCMP_SYS (swapon),
  SCMP_SYS (swapoff), SCMP_SYS (syslog), SCMP_SYS (acct), SCMP_SYS (iopl), SCMP_SYS (ioperm),
  SCMP_SYS (settimeofday), SCMP_SYS (clock_settime), SCMP_SYS (clock_adjtime), SCMP_SYS (adjtimex),
  /* giving others something to run or read */
  SCMP_SYS (mknod), SCMP_SYS (mknodat), SCMP_SYS (memfd_create), SCMP_SYS (memfd_secret),
  SCMP_SYS (setxattr), SCMP_SYS (lsetxattr), SCMP_SYS (fsetxattr),
};
/* clang-format on */

static int
add_rules (scmp_filter_ctx filter)
{
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (refused) && failed == 0; i++)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), refused[i], 0);
  /* Threads, never processes or namespaces.  clone3 hides its flags: ENOSYS makes libc use clone.
   */
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (clone), 1,
                               SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  return failed;
}

int
sg_confine_filter (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  return sg_filter_export (filter, filter != NULL ? add_rules (filter) : 0, error);
}
