/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What map-open.c and map.c share. */
#pragma once

#include "baseimage/fsid.h"
#include "baseimage/map-code.h"
#include "baseimage/map.h"

typedef struct
{
  SgFsId id;
  guint first_probe, n_probes;
  guint64 dev; /* this boot's st_dev; 0 = not there */
} SgMapFs;

struct SgMap
{
  int fd, meta_fd, blob_fd; /* owned */
  SgMapHeader header;       /* in the machine's byte order */
  guint64 probes_at, dirs_at, runs_at, strings_at;
  guint32 *sums;    /* owned; n_sums */
  guint8 *verified; /* owned; n_sums: this chunk was compared (atomic: any thread sets it to 1) */
  guint32 *blocks;  /* owned; n_runs + 1: first block of each run, then the image's end */
  guint32 *dirs;    /* owned; n_dirs: where each folder starts in dirs; [0] is not used */
  guint32 *groups;  /* owned; where each group starts in runs, then runs_bytes */
  SgMapFs *devices; /* owned; n_devices */
};

/* Sets G_IO_ERROR_INVALID_DATA: "The copy of this computer is damaged (...)"; returns FALSE. */
gboolean sg_map_damaged (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* How many chunks BYTES are. */
guint64 sg_map_chunks_of (guint64 bytes);
