/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a base is put together, apart from where its contents come from.  sg_base_build() (base.h)
 * uses the real sources; tests bring their own. */
#pragma once

#include "baseimage/base.h"
#include "baseimage/tree.h"

/* What a base is made of; the caller of the sources owns it all. */
typedef struct
{
  SgTree *tree;   /* sealed */
  char *left_out; /* text of the file `left-out`: one line each */
  guint n_left_out;
  uid_t user_uid; /* of the user `sandbox` inside */
} SgBaseContents;

typedef struct
{
  char *path;    /* absolute host path of vmlinuz */
  char *release; /* "6.1.0-18-amd64" */
} SgBaseKernel;

typedef struct
{
  /* The guest's kernel below ROOT.  Quick. */
  gboolean (*find_kernel) (const char *root, SgBaseKernel *ret_kernel, GError **error);
  /* Writes the initramfs for KERNEL to the new file PATH.  Called in a thread of its own, while
   * the contents are gathered. */
  gboolean (*write_initrd) (const char *root, const SgBaseKernel *kernel, const char *path,
                            GCancellable *cancellable, GError **error);
  /* Names what write_initrd() would write, quickly; the caller frees it.  Where the current base's
   * has the same name, it is used again.  May be NULL. */
  char *(*initrd_key) (const char *root, const SgBaseKernel *kernel, GError **error);
  /* Everything else.  ANONYMOUS: without what tells which computer it is.  PROGRESS takes 0..1
   * over this step. */
  gboolean (*gather) (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
                      SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
                      GCancellable *cancellable, GError **error);
  /* Files below ROOT that change when the result would: see stamps.h.  NULL-terminated. */
  const char *const *stamp_paths;
} SgBaseSources;

gboolean sg_base_build_from (const SgBaseSources *sources, const SgBaseOptions *options,
                             SgBaseProgress progress, gpointer data, GCancellable *cancellable,
                             GError **error);
