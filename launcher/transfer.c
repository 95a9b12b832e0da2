/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both directions are a few lines of shell inside; the descriptors go to the relay, which moves the
 * bytes.  In: transfer-push.c.
 *
 * Out: the first line says size, time and mode; then come the bytes.  They are counted here against
 * that line, so neither a lie, nor a file that grows, nor a stream without an end gets further. */
#include "launcher/transfer.h"

#include "common/fd.h"
#include "launcher/client.h"
#include "launcher/transfer-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HEADER_MAX 96
/* What the host's disk keeps free. */
#define RESERVE_BYTES (64 * 1024 * 1024)

/* $1 path.  A name that becomes a pipe after the look blocks the shell: the deadline is for that.
 */
static const char pull_script[] = "case $1 in /*) p=$1 ;; *) p=./$1 ;; esac\n"
                                  "[ -f \"$p\" ] || { [ -e \"$p\" ] && exit 85; exit 84; }\n"
                                  "[ -r \"$p\" ] || exit 86\n"
                                  "exec <\"$p\" || exit 86\n"
                                  "stat -c '%s %Y %f' - && exec cat\n"
                                  "exit 86\n";

typedef struct
{
  guint64 total; /* 0: not known yet */
  SgTransferProgress progress;
  gpointer progress_data;
  guint64 most;
  int fd; /* pull: the caller's, duplicated; owned */
  char header[HEADER_MAX + 1];
  gsize header_len;
  gboolean has_header;
  guint64 written;
  SgTransferPulled pulled;
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *transfer = data;

  sg_fd_clear (&transfer->fd);
  g_free (transfer);
}

static Transfer *
transfer_new (SgTransferProgress progress, gpointer progress_data)
{
  Transfer *transfer = g_new0 (Transfer, 1);

  transfer->fd = -1;
  transfer->progress = progress;
  transfer->progress_data = progress_data;
  return transfer;
}

static const char *
words_of (int code)
{
  switch (code)
    {
    case SG_TRANSFER_FOLDER:
      return "The folder inside cannot be made or written to";
    case SG_TRANSFER_WRITE:
      return "It does not fit into the sandbox: its disk is full";
    case SG_TRANSFER_SIZE:
      return "The file changed while it was copied; try again";
    case SG_TRANSFER_NAME:
      return "The sandbox does not take a file of this name";
    case SG_TRANSFER_NO_FILE:
      return "There is no such file in the sandbox";
    case SG_TRANSFER_NOT_REGULAR:
      return "It is not a file (but a folder, a device or a pipe), so it cannot be saved";
    case SG_TRANSFER_READ:
      return "The sandbox cannot read this file";
    default:
      return "The sandbox could not copy the file";
    }
}

GError *
sg_transfer_error (const SgTransferResult *result)
{
  GIOErrorEnum code = result->code == SG_TRANSFER_NO_FILE       ? G_IO_ERROR_NOT_FOUND
                      : result->code == SG_TRANSFER_NOT_REGULAR ? G_IO_ERROR_NOT_REGULAR_FILE
                      : result->code == SG_TRANSFER_WRITE       ? G_IO_ERROR_NO_SPACE
                                                                : G_IO_ERROR_FAILED;

  return g_error_new_literal (G_IO_ERROR, code, words_of (result->code));
}

/* --- out ----------------------------------------------------------------------------------------
 */

static gboolean
number (const char **text, guint base, guint64 most, guint64 *ret_value)
{
  char *end;

  if (!g_ascii_isxdigit (**text))
    return FALSE;
  errno = 0;
  *ret_value = g_ascii_strtoull (*text, &end, base);
  if (errno != 0 || end == *text || *ret_value > most)
    return FALSE;
  *text = *end == ' ' ? end + 1 : end;
  return TRUE;
}

static gboolean
fits (const Transfer *transfer, guint64 size, GError **error)
{
  g_autofree char *needs = g_format_size (size);
  g_autofree char *free_text = NULL;
  struct statvfs disk;
  guint64 free_bytes;

  if (transfer->most > 0 && size > transfer->most)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "The file is larger (%s) than may be saved at once", needs);
      return FALSE;
    }
  if (fstatvfs (transfer->fd, &disk) < 0)
    return TRUE; /* the write will tell */
  free_bytes = (guint64)disk.f_bavail * disk.f_frsize;
  if (size == 0 || (free_bytes > RESERVE_BYTES && size <= free_bytes - RESERVE_BYTES))
    return TRUE;
  free_text = g_format_size (free_bytes);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               "There is not enough room on this computer's disk: it needs %s, and %s is free",
               needs, free_text);
  return FALSE;
}

static gboolean
read_header (Transfer *transfer, GError **error)
{
  const char *text = transfer->header;
  guint64 size, mtime, mode;

  if (!number (&text, 10, G_MAXINT64, &size))
    size = G_MAXUINT64;
  if (*text == '-' || !number (&text, 10, G_MAXINT64, &mtime))
    {
      mtime = 0; /* before 1970, or nonsense: of no use to anybody */
      text += strcspn (text, " ");
      text += *text == ' ';
    }
  if (size == G_MAXUINT64 || !number (&text, 16, 0xffff, &mode) || *text != '\0' || !S_ISREG (mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "The sandbox does not say what kind of file it is");
      return FALSE;
    }
  transfer->pulled.mtime = (gint64)MIN (mtime, (guint64)(g_get_real_time () / G_USEC_PER_SEC));
  transfer->pulled.mode = (mode_t)mode & 0777;
  __atomic_store_n (&transfer->total, size, __ATOMIC_RELAXED);
  transfer->has_header = TRUE;
  return fits (transfer, size, error);
}

/* In the reading thread. */
static gboolean
take (const guint8 *bytes, gsize len, gpointer data, GError **error)
{
  Transfer *transfer = data;

  while (!transfer->has_header && len > 0)
    {
      char c = (char)*bytes;

      bytes++;
      len--;
      if (c == '\n')
        {
          if (!read_header (transfer, error))
            return FALSE;
        }
      else if (transfer->header_len == HEADER_MAX || c == '\0')
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       "The sandbox does not say how large the file is");
          return FALSE;
        }
      else
        transfer->header[transfer->header_len++] = c;
    }
  if (len > transfer->total - transfer->written)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   "The file grew while it was saved, so something inside still writes to it; "
                   "try again when that is done");
      return FALSE;
    }
  if (len > 0 && !sg_write_all (transfer->fd, bytes, len, error))
    {
      g_prefix_error (error, "It cannot be written to this computer's disk: ");
      return FALSE;
    }
  transfer->written += len;
  return TRUE;
}

static void
pull_moved (guint64 done, gpointer data)
{
  Transfer *transfer = data;
  guint64 total = __atomic_load_n (&transfer->total, __ATOMIC_RELAXED);

  if (total > 0)
    transfer->progress (MIN (done, total), total, transfer->progress_data);
}

static void
pulled (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  Transfer *transfer = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);

  if (result == NULL)
    g_task_return_error (task, error);
  else if (result->code != 0)
    g_task_return_error (task, sg_transfer_error (result));
  else if (!transfer->has_header || transfer->written != transfer->total)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                             "The file became shorter while it was saved; try again");
  else
    {
      transfer->pulled.size = transfer->written;
      g_task_return_boolean (task, TRUE);
    }
}

void
sg_transfer_pull_async (GDBusConnection *connection, const char *path, const char *user, int fd,
                        guint64 most, SgTransferProgress progress, gpointer progress_data,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Transfer *transfer = transfer_new (progress, progress_data);
  const char *argv[] = { "sh", "-c", pull_script, "sh", path, NULL };
  SgTransferCommand command = { .argv = argv,
                                .user = user,
                                .in = -1,
                                .idle_msec = SG_TRANSFER_IDLE_MSEC,
                                .sink = take,
                                .sink_data = transfer,
                                .moved = progress != NULL ? pull_moved : NULL,
                                .moved_data = transfer };

  g_task_set_source_tag (task, sg_transfer_pull_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, transfer, transfer_free);
  transfer->most = most;
  transfer->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (transfer->fd < 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno),
                               "No descriptor is free: %s", g_strerror (errno));
      g_object_unref (task);
      return;
    }
  sg_transfer_run_async (connection, &command, cancellable, pulled, task);
}

gboolean
sg_transfer_pull_finish (GAsyncResult *result, SgTransferPulled *ret_pulled, GError **error)
{
  Transfer *transfer = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *ret_pulled = transfer->pulled;
  return TRUE;
}

void
sg_transfer_announce (GDBusConnection *connection)
{
  /* Before what is called next; one that does not know it is one that does not ask. */
  g_dbus_connection_call (connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "Transferring", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}
