/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of what is denied, because GTK, the C library and drivers together need more calls than
 * anyone could list for every distribution.  Denied calls fail (EPERM) instead of ending the
 * window: a library that tries one at an odd moment finds itself refused, as it would by a full
 * table. */
#include "ui/confine.h"

#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* its leak checker is a process that traces this one */
#else
#define SANITIZED 0
#endif

/* clang-format off */
static const int denied[] = {
  /* programs and processes; threads below */
  SCMP_SYS (execve), SCMP_SYS (execveat), SCMP_SYS (fork), SCMP_SYS (vfork),
  /* other processes of this person */
  SCMP_SYS (ptrace), SCMP_SYS (process_vm_readv), SCMP_SYS (process_vm_writev), SCMP_SYS (kill),
  SCMP_SYS (tkill), SCMP_SYS (pidfd_open), SCMP_SYS (pidfd_getfd), SCMP_SYS (pidfd_send_signal),
  SCMP_SYS (rt_sigqueueinfo), SCMP_SYS (rt_tgsigqueueinfo), SCMP_SYS (process_madvise),
  SCMP_SYS (kcmp), SCMP_SYS (setpriority), SCMP_SYS (sched_setaffinity), SCMP_SYS (ioprio_set),
  SCMP_SYS (migrate_pages), SCMP_SYS (move_pages), SCMP_SYS (process_mrelease),
  SCMP_SYS (semget), SCMP_SYS (semop), SCMP_SYS (semctl), SCMP_SYS (semtimedop),
  SCMP_SYS (msgget), SCMP_SYS (msgsnd), SCMP_SYS (msgrcv), SCMP_SYS (msgctl),
  /* new connections: the network, the session bus, an ssh agent; what is open stays */
  SCMP_SYS (socket), SCMP_SYS (connect), SCMP_SYS (bind), SCMP_SYS (listen), SCMP_SYS (accept),
  SCMP_SYS (accept4),
  /* namespaces, mounts, keys, and kernel interfaces with a history */
  SCMP_SYS (unshare), SCMP_SYS (setns), SCMP_SYS (mount), SCMP_SYS (umount2), SCMP_SYS (pivot_root),
  SCMP_SYS (chroot), SCMP_SYS (open_tree), SCMP_SYS (move_mount), SCMP_SYS (fsopen),
  SCMP_SYS (fsmount), SCMP_SYS (fsconfig), SCMP_SYS (mount_setattr), SCMP_SYS (add_key),
  SCMP_SYS (request_key), SCMP_SYS (keyctl), SCMP_SYS (bpf), SCMP_SYS (perf_event_open),
  SCMP_SYS (userfaultfd), SCMP_SYS (io_uring_setup), SCMP_SYS (io_uring_enter),
  SCMP_SYS (io_uring_register), SCMP_SYS (open_by_handle_at), SCMP_SYS (name_to_handle_at),
  SCMP_SYS (modify_ldt), SCMP_SYS (personality), SCMP_SYS (quotactl), SCMP_SYS (syslog),
  SCMP_SYS (mq_open), SCMP_SYS (acct), SCMP_SYS (swapon), SCMP_SYS (swapoff),
  SCMP_SYS (init_module), SCMP_SYS (finit_module), SCMP_SYS (kexec_load), SCMP_SYS (reboot),
  /* files: what Landlock does not cover, or covers only on newer kernels */
  SCMP_SYS (truncate), SCMP_SYS (chmod), SCMP_SYS (fchmodat), SCMP_SYS (chown), SCMP_SYS (fchownat),
  SCMP_SYS (lchown), SCMP_SYS (setxattr), SCMP_SYS (lsetxattr), SCMP_SYS (removexattr),
  SCMP_SYS (lremovexattr), SCMP_SYS (mknod), SCMP_SYS (mknodat), SCMP_SYS (utimensat),
  SCMP_SYS (link), SCMP_SYS (linkat), SCMP_SYS (symlink), SCMP_SYS (symlinkat), SCMP_SYS (rename),
  SCMP_SYS (renameat), SCMP_SYS (renameat2), SCMP_SYS (rmdir), SCMP_SYS (mkdir), SCMP_SYS (mkdirat),
  SCMP_SYS (unlink), SCMP_SYS (unlinkat), SCMP_SYS (creat), SCMP_SYS (inotify_add_watch),
  SCMP_SYS (fanotify_init), SCMP_SYS (fanotify_mark),
};
/* clang-format on */

/* TIOCSTI puts words into the terminal that started us; TIOCLINUX does so on a console.  FIOSETOWN
 * and SIOCSPGRP are F_SETOWN. */
static const int denied_ioctls[] = { 0x5412, 0x541c, FIOSETOWN, SIOCSPGRP };

/* The kernel sends a descriptor's owner the signal that was chosen for it: SIGKILL, say. */
static const int denied_fcntls[] = { F_SETOWN, F_SETOWN_EX, F_SETSIG };

/* Of this process alone, by its first argument: 0, or for tgkill our own number. */
static int
add_own_rules (scmp_filter_ctx filter)
{
  int failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (tgkill), 1,
                                 SCMP_A0 (SCMP_CMP_NE, (scmp_datum_t)getpid ()));

  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (prlimit64), 1,
                               SCMP_A0 (SCMP_CMP_NE, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (denied_fcntls) && failed == 0; i++)
    failed = seccomp_rule_add (
        filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (fcntl), 1,
        SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xffffffff, (scmp_datum_t)denied_fcntls[i]));
  return failed;
}

/* Opening for anything but reading, where Landlock is not there to know the path. */
static const int denied_flags[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC };

static int
add_open_rules (scmp_filter_ctx filter)
{
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (denied_flags) && failed == 0; i++)
    {
      scmp_datum_t flag = (scmp_datum_t)denied_flags[i];

      failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), SCMP_SYS (openat), 1,
                                 SCMP_A2 (SCMP_CMP_MASKED_EQ, flag, flag));
      if (failed == 0 && SCMP_SYS (open) >= 0)
        failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), SCMP_SYS (open), 1,
                                   SCMP_A1 (SCMP_CMP_MASKED_EQ, flag, flag));
    }
  /* Its flags are in memory: ENOSYS makes callers use openat. */
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (openat2), 0);
  return failed;
}

static int
add_rules (scmp_filter_ctx filter)
{
  const guint32 refuse = SCMP_ACT_ERRNO (EPERM);
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (denied) && failed == 0; i++)
    if (denied[i] >= 0) /* negative: this architecture has no such call */
      failed = seccomp_rule_add (filter, refuse, denied[i], 0);
  for (gsize i = 0; i < G_N_ELEMENTS (denied_ioctls) && failed == 0; i++)
    failed = seccomp_rule_add (
        filter, refuse, SCMP_SYS (ioctl), 1,
        SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xffffffff, (scmp_datum_t)denied_ioctls[i]));
  if (failed == 0)
    failed = add_own_rules (filter);
  if (failed == 0)
    failed = add_open_rules (filter);
  /* A thread, never a process.  clone3 hides its flags in memory: ENOSYS makes libc use clone. */
  if (failed == 0)
    failed = seccomp_rule_add (filter, refuse, SCMP_SYS (clone), 1,
                               SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  return failed;
}

static int
load_filter (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  int failed;

  if (filter == NULL)
    return -ENOMEM;
  /* All threads: GLib has some already. */
  failed = seccomp_attr_set (filter, SCMP_FLTATR_CTL_TSYNC, 1);
  if (failed == 0)
    failed = add_rules (filter);
  if (failed == 0)
    failed = seccomp_load (filter);
  seccomp_release (filter);
  return failed;
}

gboolean
sg_confine_calls (GError **error)
{
  const struct rlimit none = { 0, 0 };
  int failed = 0;

  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit (RLIMIT_CORE, &none) < 0)
    failed = -errno;
  if (failed == 0 && !SANITIZED)
    failed = load_filter ();
  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed),
                 "The window's process cannot be confined: %s", g_strerror (-failed));
  return failed == 0;
}
