/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/open-edit.h"

#include "common/fd.h"
#include "launcher/save-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (256 * 1024)

static gboolean
refuse (GError **error, GIOErrorEnum code, const char *words)
{
  g_set_error_literal (error, G_IO_ERROR, code, words);
  return FALSE;
}

/* Non-blocking, because the name may be a pipe's; a regular file does not care. */
static gboolean
open_file (SgEdit *edit, const char *path, GError **error)
{
  g_autofree char *real = realpath (path, NULL);
  struct stat about;

  if (real == NULL)
    return sg_errno (error, "The file cannot be opened");
  edit->dir = g_path_get_dirname (real);
  edit->name = g_path_get_basename (real);
  edit->shown = g_filename_display_name (edit->name);
  edit->dirfd = sg_open_at (AT_FDCWD, edit->dir, O_RDONLY | O_DIRECTORY, 0, error);
  if (edit->dirfd < 0)
    return FALSE;
  edit->fd
      = openat (edit->dirfd, edit->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (edit->fd < 0 || fstat (edit->fd, &about) < 0)
    return sg_errno (error, "The file cannot be opened");
  if (S_ISDIR (about.st_mode))
    return refuse (error, G_IO_ERROR_IS_DIRECTORY,
                   "It is a folder; to show one in a sandbox, use: sandglass share");
  if (!S_ISREG (about.st_mode))
    return refuse (error, G_IO_ERROR_NOT_REGULAR_FILE,
                   "It is not a file, but a device, a pipe or a socket");
  edit->size = (guint64)about.st_size;
  return sg_original_look (edit->fd, &edit->original, error);
}

static gboolean
may_write (const SgEdit *edit, GError **error)
{
  if (faccessat (edit->dirfd, edit->name, W_OK, AT_EACCESS) == 0
      && faccessat (edit->dirfd, ".", W_OK, AT_EACCESS) == 0)
    return TRUE;
  return refuse (error, G_IO_ERROR_PERMISSION_DENIED,
                 "It cannot be edited, for you may not change it or its folder; to look at it, use "
                 "--view");
}

SgEdit *
sg_edit_new (const char *path, gboolean write, GError **error)
{
  g_autoptr (SgEdit) edit = g_new0 (SgEdit, 1);

  edit->fd = edit->dirfd = -1;
  edit->write = write;
  if (!open_file (edit, path, error) || (write && !may_write (edit, error)))
    return NULL;
  edit->app = sg_default_app_for (edit->fd, edit->name, error);
  return edit->app != NULL ? g_steal_pointer (&edit) : NULL;
}

void
sg_edit_free (SgEdit *edit)
{
  if (edit == NULL)
    return;
  g_clear_pointer (&edit->file, sg_save_file_free);
  g_clear_pointer (&edit->app, sg_default_app_free);
  g_free (edit->dir);
  g_free (edit->name);
  g_free (edit->shown);
  g_free (edit->inside);
  sg_fd_clear (&edit->fd);
  sg_fd_clear (&edit->dirfd);
  g_free (edit);
}

/* --- in -----------------------------------------------------------------------------------------
 */

void
sg_edit_push_async (SgEdit *edit, GDBusConnection *connection, SgTransferProgress progress,
                    gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer data)
{
  SgTransferFile file = { .name = edit->name,
                          .mode = edit->write ? 0644 : 0444,
                          .mtime = edit->original.mtime.tv_sec };

  sg_transfer_push_async (connection, edit->fd, "Desktop", &file, progress, progress_data,
                          cancellable, callback, data);
}

gboolean
sg_edit_push_finish (SgEdit *edit, GAsyncResult *result, GError **error)
{
  edit->inside = sg_transfer_push_finish (result, error);
  return edit->inside != NULL;
}

/* --- out ----------------------------------------------------------------------------------------
 */

/* FALSE also when that cannot be found out. */
static gboolean
same_contents (int a, int b)
{
  g_autofree guint8 *x = g_malloc (CHUNK), *y = g_malloc (CHUNK);
  off_t at = 0;

  for (;;)
    {
      gssize n = sg_pread_all (a, x, CHUNK, at, NULL);

      if (n < 0 || sg_pread_all (b, y, CHUNK, at, NULL) != n || memcmp (x, y, (gsize)n) != 0)
        return FALSE;
      if (n < CHUNK)
        return TRUE;
      at += n;
    }
}

/* Reading two large files takes a while. */
static void
compare (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgEdit *edit = data;

  if (edit->edited_size == edit->size && same_contents (edit->fd, sg_save_file_fd (edit->file)))
    g_task_return_int (task, SG_EDIT_SAME);
  else
    g_task_return_int (task, SG_EDIT_CHANGED);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SgEdit *edit = g_task_get_task_data (task);
  GError *error = NULL;
  SgTransferPulled pulled;

  if (sg_transfer_pull_finish (result, &pulled, &error))
    {
      edit->edited_size = pulled.size;
      sg_save_mark (sg_save_file_fd (edit->file), g_object_get_data (G_OBJECT (task), "id"),
                    edit->inside);
      g_task_run_in_thread (task, compare);
    }
  else
    g_task_return_error (task, error);
}

void
sg_edit_fetch_async (SgEdit *edit, GDBusConnection *connection, const char *id,
                     SgTransferProgress progress, gpointer progress_data, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  GError *error = NULL;

  g_task_set_source_tag (task, sg_edit_fetch_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, edit, NULL);
  g_object_set_data_full (G_OBJECT (task), "id", g_strdup (id), g_free);
  g_clear_pointer (&edit->file, sg_save_file_free);
  edit->file = sg_save_file_new (edit->dirfd, &error);
  if (edit->file == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  sg_transfer_pull_async (connection, edit->inside, NULL, sg_save_file_fd (edit->file), 0, progress,
                          progress_data, cancellable, fetched, task);
}

SgEditOutcome
sg_edit_fetch_finish (SgEdit *edit, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  gssize outcome = g_task_propagate_int (G_TASK (result), &local);

  if (local == NULL)
    return (SgEditOutcome)outcome;
  g_clear_pointer (&edit->file, sg_save_file_free);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return SG_EDIT_GONE;
  g_propagate_error (error, g_steal_pointer (&local));
  return SG_EDIT_FAILED;
}

gboolean
sg_edit_replace (SgEdit *edit, SgReplaced *ret_replaced, GError **error)
{
  return sg_replace_original (edit->file, edit->dirfd, edit->dir, edit->name, &edit->original,
                              ret_replaced, error);
}

char *
sg_edit_keep (SgEdit *edit, GError **error)
{
  sg_save_take_rights (edit->file, edit->fd, 0666);
  return sg_save_beside (edit->file, edit->name, error);
}
