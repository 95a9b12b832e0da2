/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Into a file with a made-up name beside the final one, compared with the size that was announced (a
 * stream that breaks looks like its end), and then linked to its name.  The traps take the made-up
 * name away, whatever ends the shell; a SIGKILL is sent only to one that did not obey.
 *
 * A large file is lent to the sandbox (transfer-lend.h) and copied from there by a program inside,
 * which says how far it is, a number a line, before it says the path.  Where that cannot be, and for
 * small files, the bytes come by its standard input. */
#include "launcher/transfer.h"

#include "common/fd.h"
#include "launcher/save-name.h"
#include "launcher/transfer-internal.h"
#include "launcher/transfer-lend.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES 255
#define ANSWER_BYTES 8192

/* $1 folder, $2 name without its extension, $3 extension with its dot, $4 size, $5 mode, $6 time, $7 where it
 * was lent: "" when it comes by standard input. */
static const char push_script[]
    = "umask 077\n"
      "[ -d \"$1\" ] || mkdir -p -- \"$1\" || exit 80\n"
      "cd -- \"$1\" || exit 80\n"
      "t=$(mktemp ./.sandglass.XXXXXXXX) || exit 80\n"
      "w=\n"
      "trap 'kill $w 2>/dev/null; rm -f -- \"$t\"' EXIT\n"
      "trap 'exit 1' HUP INT TERM\n"
      "tell () {\n"
      "  o=\n"
      "  while sleep 0.3 >/dev/null 2>&1; do\n"
      "    n=$(stat -c %s -- \"$t\") || exit\n"
      "    [ \"$n\" = \"$o\" ] || echo \"$n\"\n"
      "    o=$n\n"
      "  done\n"
      "}\n"
      "if [ -z \"$7\" ]; then\n"
      "  cat >\"$t\" || exit 81\n"
      "else\n"
      "  [ -r \"$7\" ] || exit 87\n"
      "  tell &\n"
      "  w=$!\n"
      /* past the cache inside, where that can be: three times as fast under emulation */
      "  past=oflag=direct\n"
      "  dd if=/dev/zero of=\"$t\" bs=4096 count=1 $past 2>/dev/null || past=\n"
      "  said=$(LC_ALL=C dd if=\"$7\" of=\"$t\" bs=4M $past 2>&1) || case $said in\n"
      "    *'error reading'* | *'failed to open'*) exit 87 ;;\n"
      "    *) exit 81 ;;\n"
      "  esac\n"
      "  kill $w; wait $w 2>/dev/null\n"
      "  w=\n"
      "fi\n"
      "[ \"$(stat -c %s -- \"$t\")\" = \"$4\" ] || exit 82\n"
      "chmod -- \"$5\" \"$t\" && touch -d \"@$6\" -- \"$t\" || exit 81\n"
      "i=1 n=$2$3\n"
      "while ! ln -T -- \"$t\" \"./$n\" 2>/dev/null; do\n"
      "  [ -e \"./$n\" ] || [ -L \"./$n\" ] || exit 83\n"
      "  i=$((i+1)) n=\"$2 ($i)$3\"\n"
      "  [ $i -lt 1000 ] || exit 83\n"
      "done\n"
      "printf '%s/%s' \"$PWD\" \"$n\"\n";

typedef struct
{
  GDBusConnection *connection; /* owned */
  int fd;                      /* the caller's */
  char *dir, *stem, *extension, *mode, *time; /* owned */
  guint64 total;
  SgTransferProgress progress;
  gpointer progress_data;
  char *lent; /* where it is inside, owned; NULL: not lent */
  /* what is said inside, in the reading thread; `done` by all */
  GByteArray *answer; /* owned */
  guint64 number;
  _Atomic guint64 done;
} Push;

static void
push_free (gpointer data)
{
  Push *push = data;

  g_object_unref (push->connection);
  g_free (push->dir);
  g_free (push->stem);
  g_free (push->extension);
  g_free (push->mode);
  g_free (push->time);
  g_free (push->lent);
  g_byte_array_unref (push->answer);
  g_free (push);
}

/* --- what is said inside ------------------------------------------------------------------------
 */

/* A line of digits, or the path: it begins with "/", and the rest is it. */
static gboolean
take_byte (Push *push, guint8 c)
{
  if (push->answer->len > 0 || c == '/')
    g_byte_array_append (push->answer, &c, 1);
  else if (c == '\n')
    {
      atomic_store (&push->done, MIN (push->number, push->total));
      push->number = 0;
    }
  else if (g_ascii_isdigit (c) && push->number < G_MAXINT64 / 10)
    push->number = push->number * 10 + (guint64)g_ascii_digit_value ((char)c);
  else
    return FALSE;
  return push->answer->len <= ANSWER_BYTES;
}

static gboolean
take (const guint8 *bytes, gsize len, gpointer data, GError **error)
{
  for (gsize i = 0; i < len; i++)
    if (!take_byte (data, bytes[i]))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                     "The sandbox does not say where it put the file");
        return FALSE;
      }
  return TRUE;
}

static guint64
how_far (gpointer data)
{
  return atomic_load (&((Push *)data)->done);
}

static void
moved (guint64 done, gpointer data)
{
  Push *push = data;

  push->progress (MIN (done, push->total), push->total, push->progress_data);
}

/* --- its steps ----------------------------------------------------------------------------------
 */

static void copy (GTask *task);

static void
end_loan (Push *push)
{
  if (push->lent != NULL)
    sg_transfer_lend_end (push->connection, push->lent);
  g_clear_pointer (&push->lent, g_free);
}

static void
copied (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  Push *push = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gboolean again = result != NULL && push->lent != NULL && result->code == SG_TRANSFER_NOT_LENT;
  const char *out = (const char *)push->answer->data;

  end_loan (push);
  if (again)
    copy (g_steal_pointer (&task));
  else if (result == NULL)
    g_task_return_error (task, error);
  else if (result->code != 0)
    g_task_return_error (task, sg_transfer_error (result));
  else if (push->answer->len < 2 || memchr (out, '\0', push->answer->len) != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             "The sandbox does not say where it put the file");
  else
    g_task_return_pointer (task, g_strndup (out, push->answer->len), g_free);
}

/* Takes TASK. */
static void
copy (GTask *task)
{
  Push *push = g_task_get_task_data (task);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, push->total);
  const char *lent = push->lent != NULL ? push->lent : "";
  const char *argv[] = { "sh", "-c",       push_script, "sh", push->dir, push->stem, push->extension,
                         size, push->mode, push->time,  lent, NULL };
  SgTransferCommand command = { .argv = argv,
                                .in = push->lent == NULL ? push->fd : -1,
                                .idle_msec = SG_TRANSFER_IDLE_MSEC,
                                .sink = take,
                                .sink_data = push,
                                .moved = push->progress != NULL ? moved : NULL,
                                .moved_data = push,
                                .how_far = push->lent != NULL ? how_far : NULL,
                                .how_far_data = push };
  GError *error = NULL;

  g_byte_array_set_size (push->answer, 0);
  push->number = 0;
  atomic_store (&push->done, 0);
  if (push->lent == NULL && lseek (push->fd, 0, SEEK_SET) < 0)
    {
      sg_errno (&error, "The file cannot be read");
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  sg_transfer_run_async (push->connection, &command, g_task_get_cancellable (task), copied, task);
}

static void
lent (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Push *push = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  push->lent = sg_transfer_lend_finish (result, &error);
  if (push->lent == NULL)
    g_debug ("%s%s is not lent: %s", push->stem, push->extension, error->message);
  copy (task);
}

static gboolean
check (int fd, const SgTransferFile *file, struct stat *ret_about, GError **error)
{
  if (fstat (fd, ret_about) < 0)
    return sg_errno (error, "The file cannot be read");
  if (!S_ISREG (ret_about->st_mode) || lseek (fd, 0, SEEK_SET) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   "It is not a file (but a folder, a device or a pipe)");
      return FALSE;
    }
  if (*file->name == '\0' || strchr (file->name, '/') != NULL || strlen (file->name) > NAME_BYTES
      || g_str_equal (file->name, ".") || g_str_equal (file->name, ".."))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "This is no name for a file");
      return FALSE;
    }
  return TRUE;
}

void
sg_transfer_push_async (GDBusConnection *connection, int fd, const char *dir,
                        const SgTransferFile *file, SgTransferProgress progress,
                        gpointer progress_data, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Push *push;
  struct stat about;
  GError *error = NULL;
  const char *extension;

  g_task_set_source_tag (task, sg_transfer_push_async);
  g_task_set_check_cancellable (task, FALSE);
  if (!check (fd, file, &about, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  extension = sg_save_extension (file->name);
  push = g_new0 (Push, 1);
  push->connection = g_object_ref (connection);
  push->fd = fd;
  push->dir = g_strdup (*dir != '\0' ? dir : ".");
  push->stem = g_strndup (file->name, (gsize)(extension - file->name));
  push->extension = g_strdup (extension);
  push->mode = g_strdup_printf ("%o", (guint)(file->mode & 0777) | S_IRUSR);
  push->time = g_strdup_printf ("%" G_GINT64_FORMAT, file->mtime);
  push->total = (guint64)about.st_size;
  push->progress = progress;
  push->progress_data = progress_data;
  push->answer = g_byte_array_new ();
  g_task_set_task_data (task, push, push_free);
  if (push->total >= SG_TRANSFER_LEND_BYTES)
    sg_transfer_lend_async (connection, fd, cancellable, lent, task);
  else
    copy (task);
}

char *
sg_transfer_push_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
