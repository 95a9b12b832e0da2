/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about files of a running sandbox; exit codes as in common/report.h. */
#pragma once

#include <gio/gio.h>

/* `sandglass save-files ID [--to DIR] [PATH...]` (also `rescue`). */
int sg_cmd_save_files (int argc, char **argv);

/* `sandglass changes ID [--all] [--json]`. */
int sg_cmd_changes (int argc, char **argv);

/* `sandglass put-files ID [--to DIR] PATH...`. */
int sg_cmd_put_files (int argc, char **argv);

/* What they begin with: ID is taken from argv[1]; the connection, the full id and StartedAt.  FALSE
 * when it was reported. */
gboolean sg_cmd_files_connect (const char *word, GDBusConnection **ret_connection, char **ret_id,
                               gint64 *ret_since);

/* Keeps an asynchronous answer until the main loop has brought it. */
typedef struct
{
  GAsyncResult *result;
} SgWait;

void sg_wait_callback (GObject *source, GAsyncResult *result, gpointer data);

/* Runs the default main context until the answer is there; free it with g_object_unref(). */
GAsyncResult *sg_wait_for (SgWait *wait);

/* A cancellable that SIGINT, SIGTERM and SIGHUP cancel from now on; once per process. */
GCancellable *sg_cancel_by_signal (void);

/* Whether the administrator lets files be saved out of sandboxes; reported when not. */
gboolean sg_cmd_may_save (void);

/* "3 files" in words about what was saved; TRUE when all was.  TO: the folder, as it is shown. */
gboolean sg_cmd_tell_saved (const GPtrArray *saved, const char *to, gboolean json);
