/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/filter-export.h"

#include "common/fd.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <unistd.h>

int
sg_filter_export (scmp_filter_ctx filter, int failed, GError **error)
{
  sg_fd int fd = memfd_create ("filter", MFD_CLOEXEC);

  if (filter == NULL)
    failed = -ENOMEM;
  if (failed == 0 && fd < 0)
    failed = -errno;
  if (failed == 0)
    failed = seccomp_export_bpf (filter, fd);
  if (failed == 0 && lseek (fd, 0, SEEK_SET) < 0)
    failed = -errno;
  seccomp_release (filter);
  if (failed == 0)
    return sg_fd_steal (&fd);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-failed),
               "Cannot prepare the filter of system calls: %s", g_strerror (-failed));
  return -1;
}
