/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel modules are needed, and in which order they go in. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *name;        /* as the kernel calls it: "virtio_blk" */
  char *path;        /* absolute, on the host */
  gboolean required; /* without it the sandbox cannot start */
} SgModule;

typedef struct
{
  const char *name;
  gboolean required;
  const char *reason;
} SgModuleWish;

/* WISHES (ended by a NULL name) and what they depend on, from DIR (".../modules/RELEASE"), each
 * module after those that it needs.  What the kernel has built in is left out; a required one that
 * is neither there nor built in is an error, an optional one is left out.  An array of SgModule. */
GPtrArray *sg_modules_resolve (const char *dir, const SgModuleWish *wishes, GError **error);
