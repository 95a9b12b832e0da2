/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders of this computer into a running sandbox: what `sandglass put-files` does, and
 * what is behind a paste and a drop onto a sandbox's window.
 *
 * What is copied is what was opened by sg_put_open(), whatever its path leads to later.  Nothing
 * inside is overwritten ("name (2)"), nothing is there until it is whole, and nothing of it is left
 * when that is cancelled or fails. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *path;   /* as it was given; owned */
  char *name;   /* its last component, bytes; owned */
  int fd;       /* owned */
  gboolean folder;
  guint64 files, bytes; /* of a folder: what it holds, once it was counted */
  char *inside;         /* where it is; NULL: not yet, or not; owned */
  GError *error;        /* why not; owned */
} SgPut;

/* Opens PATH, a regular file or a folder, as it is written: links are followed.  AS_SHOWN: they are
 * not, none of them; for a path that a person was shown.  A failure is in `error`. */
SgPut *sg_put_open (const char *path, gboolean as_shown);
void sg_put_free (SgPut *put);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPut, sg_put_free)

/* Counts what is in PUTS (SgPut), in a thread.  What cannot be counted has an `error` then. */
void sg_put_count_async (GPtrArray *puts, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer data);
gboolean sg_put_count_finish (GAsyncResult *result, GError **error);

/* N: the one that is copied now.  In the default main context, at most ten times a second. */
typedef void (*SgPutProgress) (guint n, guint64 done, guint64 total, gpointer data);

/* Copies PUTS, counted ones, one after the other to DIR inside (absolute, or below the home).  Each
 * has `inside` or `error` then.  Cancelled: the rest has an error, too. */
void sg_put_files_async (GDBusConnection *connection, GPtrArray *puts, const char *dir,
                         SgPutProgress progress, gpointer progress_data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data);

/* TRUE when all of them are inside. */
gboolean sg_put_files_finish (GAsyncResult *result);
