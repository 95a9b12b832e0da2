/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key file `info` of a base. */
#pragma once

#include "baseimage/base.h"

#define SG_BASE_FORMAT 2

typedef struct
{
  char *digest;
  char *root;
  char *kernel;
  char *kernel_release;
  guint user_uid;
  guint64 image_bytes;
  guint64 meta_bytes, map_bytes, blob_bytes, initrd_bytes;
  guint32 initrd_crc;
  char *initrd_key;    /* what `initrd` was made from, or NULL */
  guint32 scratch_sum; /* of `scratch`: sg_scratch_sum() */
  gint64 built_at;     /* Unix time */
  guint64 n_files, n_linked, linked_bytes, n_left_out;
  guint scan_ms, total_ms;
  gboolean anonymous;
  char **stamps; /* see stamps.h */
} SgBaseInfo;

void sg_base_info_free (SgBaseInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgBaseInfo, sg_base_info_free)

/* Writes BASE/info, and the stamps to BASE/stamps: they are renewed when a build finds that nothing
 * changed, while `info` carries the lock and stays as it is. */
gboolean sg_base_info_save (const SgBaseInfo *info, const char *base, GError **error);

/* Moves the stamps of the base FROM (which is about to be discarded) to BASE. */
gboolean sg_base_info_renew_stamps (const char *base, const char *from, GError **error);

/* Does a base lie at BASE whose files are all there and have the right checksums? */
gboolean sg_base_is_whole (const char *base);

/* Reads BASE/info and compares the sizes of the base's files with it.  G_IO_ERROR_INVALID_DATA when
 * something is missing, cut short or of another format. */
SgBaseInfo *sg_base_info_load (const char *base, GError **error);

/* Was the base at BASE made anonymous?  As far as it can be told from one that is damaged or of
 * another version: the choice outlives those. */
gboolean sg_base_info_is_anonymous (const char *base);

/* What the base takes on the disk without its (sparse) empty disk. */
guint64 sg_base_info_disk_bytes (const SgBaseInfo *info);

/* An open base's description. */
const SgBaseInfo *sg_base_info (const SgBase *base);
