/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's kernel: the newest *installed pair* of kernel and modules below a root that can run a
 * sandbox, never the running one (`uname -r` may have no modules at all). */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *image;   /* owned; absolute host path of vmlinuz, ROOT included */
  char *release; /* owned; "6.1.0-18-amd64" */
  char *modules; /* owned; absolute host path of .../modules/RELEASE */
} SgKernel;

void sg_kernel_free (SgKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgKernel, sg_kernel_free)

/* Finds it.  G_IO_ERROR_NOT_FOUND where there is none, G_IO_ERROR_PERMISSION_DENIED where the only
 * kernels cannot be read by this user; the message says what to do. */
SgKernel *sg_kernel_find (const char *root, GError **error);
