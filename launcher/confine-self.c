/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/confine-self.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int
add_rules (scmp_filter_ctx filter, const SgConfineSelf *self)
{
  int failed = 0;

  for (gsize i = 0; i < self->n_allowed && failed == 0; i++)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, self->allowed[i], 0);
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  if (failed == 0)
    failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1,
                               SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  return failed == 0 && self->more != NULL ? self->more (filter) : failed;
}

static int
load_filter (const SgConfineSelf *self)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  int failed;

  if (filter == NULL)
    return -ENOMEM;
  failed = add_rules (filter, self);
  if (failed == 0)
    failed = seccomp_load (filter);
  seccomp_release (filter);
  return failed;
}

gboolean
sg_confine_self (const SgConfineSelf *self, GError **error)
{
  int failed = 0;

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    failed = -errno;
  else if (!SANITIZED)
    failed = load_filter (self);
  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed), "Cannot confine %s: %s",
                 self->what, g_strerror (-failed));
  return failed == 0;
}
