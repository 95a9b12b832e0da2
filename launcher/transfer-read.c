/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/transfer-read.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#define CHUNK (128 * 1024)
#define WORDS_MAX 2048
#define TICK_MSEC 100

typedef SgTransferReader Reader;

static gboolean
take_output (Reader *reader, const guint8 *bytes, gsize len, GError **error)
{
  if (reader->in < 0 && reader->how_far == NULL)
    atomic_fetch_add (&reader->moved, len);
  if (reader->sink != NULL)
    return reader->sink (bytes, len, reader->sink_data, error);
  if (len > reader->most - reader->collected->len)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "The sandbox answered with more than can be right");
      return FALSE;
    }
  g_byte_array_append (reader->collected, bytes, (guint)len);
  return TRUE;
}

/* TRUE: more may come.  At the end of the stream *fd is closed. */
static gboolean
read_some (Reader *reader, int *fd, guint8 *buffer, GError **error)
{
  gssize n = read (*fd, buffer, CHUNK);

  if (n < 0)
    return errno == EINTR || errno == EAGAIN
           || sg_errno (error, "Cannot read what the sandbox answers");
  if (n == 0)
    sg_fd_clear (fd);
  else if (fd == &reader->out)
    return take_output (reader, buffer, (gsize)n, error);
  else if (reader->words->len < WORDS_MAX)
    g_string_append_len (reader->words, (const char *)buffer,
                         (gssize)MIN ((gsize)n, WORDS_MAX - reader->words->len));
  return TRUE;
}

/* The command reads its input by itself (in the relay); the shared offset says how far it is. */
static gboolean
input_moved (Reader *reader)
{
  off_t at = reader->how_far != NULL ? (off_t)reader->how_far (reader->how_far_data)
             : reader->in >= 0       ? lseek (reader->in, 0, SEEK_CUR)
                                     : -1;

  if (at < 0 || (guint64)at == atomic_load (&reader->moved))
    return FALSE;
  atomic_store (&reader->moved, (guint64)at);
  return TRUE;
}

static void
read_all (Reader *reader, guint8 *buffer)
{
  gint64 active = g_get_monotonic_time ();

  while (reader->error == NULL && (reader->out >= 0 || reader->err >= 0))
    {
      struct pollfd polls[]
          = { { reader->out, POLLIN, 0 }, { reader->err, POLLIN, 0 }, { reader->stop, POLLIN, 0 } };
      int n = poll (polls, 3, TICK_MSEC);

      if (polls[2].revents != 0)
        return;
      if (n > 0 || input_moved (reader))
        active = g_get_monotonic_time ();
      else if (n == 0 && reader->idle_msec > 0
               && g_get_monotonic_time () - active > (gint64)reader->idle_msec * 1000)
        g_set_error (&reader->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                     "The sandbox does not answer");
      if (n > 0 && polls[0].revents != 0
          && !read_some (reader, &reader->out, buffer, &reader->error))
        return;
      if (n > 0 && polls[1].revents != 0
          && !read_some (reader, &reader->err, buffer, &reader->error))
        return;
    }
  input_moved (reader);
}

static gpointer
reader_main (gpointer data)
{
  Reader *reader = data;
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  g_autoptr (GMainContext) context = g_main_context_ref (reader->context);
  g_autoptr (GSource) ended = g_idle_source_new ();

  read_all (reader, buffer);
  /* The command gets EPIPE for whatever it has still to say. */
  sg_fd_clear (&reader->out);
  sg_fd_clear (&reader->err);
  g_source_set_priority (ended, G_PRIORITY_DEFAULT);
  g_source_set_callback (ended, reader->ended, reader->task, g_object_unref);
  g_source_attach (ended, context); /* from here on the reader may be gone */
  return NULL;
}

GThread *
sg_transfer_reader_start (SgTransferReader *reader)
{
  return g_thread_new ("sandglass-read", reader_main, reader);
}

/* --- its life -----------------------------------------------------------------------------------
 */

/* Of the caller's own `in`: a regular file's position is shared with whoever reads it. */
static int
position_of (const SgTransferCommand *command)
{
  return command->in >= 0 && (command->how_far != NULL || lseek (command->in, 0, SEEK_CUR) >= 0)
             ? fcntl (command->in, F_DUPFD_CLOEXEC, 3)
             : -1;
}

SgTransferReader *
sg_transfer_reader_new (GTask *task, const SgTransferCommand *command, GSourceFunc ended)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->out = reader->err = reader->stop = -1;
  reader->in = position_of (command);
  reader->idle_msec = command->idle_msec;
  reader->most = command->most;
  reader->sink = command->sink;
  reader->sink_data = command->sink_data;
  reader->how_far = command->how_far;
  reader->how_far_data = command->how_far_data;
  reader->collected = command->sink == NULL ? g_byte_array_new () : NULL;
  reader->words = g_string_new (NULL);
  reader->context = g_main_context_ref (g_task_get_context (task));
  reader->task = task;
  reader->ended = ended;
  return reader;
}

void
sg_transfer_reader_free (SgTransferReader *reader)
{
  sg_fd_clear (&reader->out);
  sg_fd_clear (&reader->err);
  sg_fd_clear (&reader->stop);
  sg_fd_clear (&reader->in);
  g_clear_pointer (&reader->collected, g_byte_array_unref);
  g_string_free (reader->words, TRUE);
  g_clear_error (&reader->error);
  g_main_context_unref (reader->context);
  g_free (reader);
}
