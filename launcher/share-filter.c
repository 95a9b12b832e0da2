/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "nosuid" on our mount is no help: the bit would count on the host's own mount of the same file.
 * Calls whose mode cannot be seen by a filter (in a struct, in a ring) are refused whole; QEMU and
 * libc do without them. */
#include "launcher/share-filter.h"

#include "launcher/filter-export.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

/* Calls with a mode, and which argument it is. */
static const struct
{
  int call;
  unsigned mode;
} moded[] = {
  { SCMP_SYS (chmod), 1 },  { SCMP_SYS (fchmod), 1 },  { SCMP_SYS (fchmodat), 2 },
  { SCMP_SYS (creat), 1 },  { SCMP_SYS (mkdir), 1 },   { SCMP_SYS (mkdirat), 2 },
  { SCMP_SYS (mknod), 1 },  { SCMP_SYS (mknodat), 2 }, { SCMP_SYS (open), 2 },
  { SCMP_SYS (openat), 3 },
};

static const mode_t special[] = { S_ISUID, S_ISGID };

static const int hidden[]
    = { SCMP_SYS (openat2), SCMP_SYS (io_uring_setup), SCMP_SYS (io_uring_enter),
        SCMP_SYS (io_uring_register), __NR_fchmodat2 };

static int
refuse_masked (scmp_filter_ctx filter, int call, unsigned argument, mode_t mask, mode_t value)
{
  struct scmp_arg_cmp masked = { argument, SCMP_CMP_MASKED_EQ, mask, value };

  return seccomp_rule_add_array (filter, SCMP_ACT_ERRNO (EPERM), call, 1, &masked);
}

/* The mode of open() counts only with O_CREAT or O_TMPFILE; without, it is whatever was in the
 * register. */
static int
refuse_created (scmp_filter_ctx filter, int call, unsigned argument, mode_t bit)
{
  int failed = 0;
  static const int creating[] = { O_CREAT, __O_TMPFILE };

  for (gsize i = 0; i < G_N_ELEMENTS (creating) && failed == 0; i++)
    {
      struct scmp_arg_cmp both[] = { { argument, SCMP_CMP_MASKED_EQ, bit, bit },
                                     { argument - 1, SCMP_CMP_MASKED_EQ, (scmp_datum_t)creating[i],
                                       (scmp_datum_t)creating[i] } };
      failed = seccomp_rule_add_array (filter, SCMP_ACT_ERRNO (EPERM), call, 2, both);
    }
  return failed;
}

static int
add_rules (scmp_filter_ctx filter)
{
  static const mode_t devices[] = { S_IFCHR, S_IFBLK };
  int failed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (moded) && failed == 0; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (special) && failed == 0; k++)
      failed = moded[i].call == SCMP_SYS (open) || moded[i].call == SCMP_SYS (openat)
                   ? refuse_created (filter, moded[i].call, moded[i].mode, special[k])
                   : refuse_masked (filter, moded[i].call, moded[i].mode, special[k], special[k]);
  for (gsize i = 0; i < G_N_ELEMENTS (devices) && failed == 0; i++)
    {
      failed = refuse_masked (filter, SCMP_SYS (mknod), 1, S_IFMT, devices[i]);
      if (failed == 0)
        failed = refuse_masked (filter, SCMP_SYS (mknodat), 2, S_IFMT, devices[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (hidden) && failed == 0; i++)
    failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), hidden[i], 0);
  return failed;
}

int
sg_share_filter (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  return sg_filter_export (filter, filter != NULL ? add_rules (filter) : 0, error);
}
