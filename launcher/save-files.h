/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files out of a sandbox, into a folder of this computer: the one door by which anything leaves.
 *
 * What is saved never overwrites anything ("name (2)"), has no exec bit, is marked as coming from a
 * sandbox (user.xdg.origin.url, user.sandglass.origin), and has no name until it is whole.  Links
 * are not made here: one inside is followed inside, and only a regular file comes out; a link in a
 * folder that is saved as a whole is left out.  The sandbox is not changed by any of this, whether
 * it succeeds or not. */
#pragma once

#include "launcher/transfer.h"

typedef struct
{
  char *inside;   /* the path inside, as it was asked for or found in a folder; owned */
  char *saved_as; /* below the folder that was given; NULL when it was not saved; owned */
  guint64 size;
  gboolean program; /* by its contents, its name or what it claimed inside: may harm when run */
  GError *error;    /* why it was not saved; owned */
} SgSaved;

/* ID: of the session, for the mark.  DIRFD: the folder (duplicated).  PATHS: absolute, or below the
 * home inside; files and folders.  USER: who reads inside (NULL: "sandbox").  PROGRESS is about the
 * file that is on the way.  When one fails the others are still saved, unless the disk is full. */
void sg_save_files_async (GDBusConnection *connection, const char *id, int dirfd,
                          const char *const *paths, const char *user, SgTransferProgress progress,
                          gpointer progress_data, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer data);

/* SgSaved, in the order of their saving; free with g_ptr_array_unref().  NULL only when it was
 * cancelled or the sandbox ended; then what was saved before is there. */
GPtrArray *sg_save_files_finish (GAsyncResult *result, GError **error);

/* The folder that files are saved to when none is named: the person's Downloads, else the home.
 * Free with g_free(). */
char *sg_save_default_folder (void);

/* Marks what FD refers to as coming from INSIDE (NULL: not told) in the sandbox ID.  FALSE where
 * the file system keeps no marks. */
gboolean sg_save_mark (int fd, const char *id, const char *inside);
