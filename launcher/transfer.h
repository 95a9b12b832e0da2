/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file into a running sandbox, or one out of it, by descriptor: no path of one side is ever
 * opened on the other.  Nothing here blocks; the default main context must run.
 *
 *   SgTransferFile file = { .name = "report.pdf", .mode = 0644, .mtime = about.st_mtime };
 *   sg_transfer_push_async (connection, fd, "Desktop", &file, moved, data, cancellable, done,
 * data);
 *
 * Inside, whoever is there can change or remove what was pushed, and answer anything to a pull: the
 * caller gets exactly as many bytes as were announced, or an error. */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

/* In the default main context, at most ten times a second. */
typedef void (*SgTransferProgress) (guint64 done, guint64 total, gpointer data);

typedef struct
{
  const char *name; /* bytes; the last component of a path */
  mode_t mode;      /* only rwx bits are used; the user inside can always read it */
  gint64 mtime;     /* seconds */
} SgTransferFile;

/* Tells the session that files are copied over CONNECTION, from now on until it closes: who closes the
 * sandbox is asked before. */
void sg_transfer_announce (GDBusConnection *connection);

/* Copies the regular file FD (read from its beginning; the caller keeps it, and must not move its
 * position meanwhile) to DIR inside, as the user "sandbox".  DIR is absolute or below the home; it
 * is made when missing.  Nothing is overwritten: "name (2)" is used instead.  The file appears when
 * it is whole; cancelled or failed, nothing is left inside.  A file that changes its size meanwhile
 * is an error. */
void sg_transfer_push_async (GDBusConnection *connection, int fd, const char *dir,
                             const SgTransferFile *file, SgTransferProgress progress,
                             gpointer progress_data, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);

/* The full path inside.  Free with g_free(). */
char *sg_transfer_push_finish (GAsyncResult *result, GError **error);

typedef struct
{
  guint64 size; /* bytes written to the descriptor */
  gint64 mtime; /* seconds; between 0 and now */
  mode_t mode;  /* rwx bits: what it claims to be inside */
} SgTransferPulled;

/* Copies the regular file PATH (absolute, or below the home) from inside into FD (a regular file,
 * written from its position on; the caller keeps it), as USER inside (NULL: "sandbox").  Links
 * inside are followed, inside.  Not more than MOST bytes (0: no limit but the disk's) and not more
 * than FD's disk has free.  After an error what was written to FD is worthless. */
void sg_transfer_pull_async (GDBusConnection *connection, const char *path, const char *user,
                             int fd, guint64 most, SgTransferProgress progress,
                             gpointer progress_data, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);

gboolean
sg_transfer_pull_finish (GAsyncResult *result, SgTransferPulled *ret_pulled, GError **error);
