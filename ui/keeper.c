/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keeper.h"

#include "common/fd.h"
#include "ui/keeper-serve.h"

#include <glib/gi18n.h>
#include <unistd.h>

struct _SgKeeper
{
  GObject parent;
  int fd;
  gboolean busy;
};

G_DEFINE_TYPE (SgKeeper, sg_keeper, G_TYPE_OBJECT)

/* --- in a thread of its own, because a picture is larger than a socket's buffer --- */

static gboolean
send_picture (int fd, GdkPixbuf *picture, GError **error)
{
  int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  int stride = gdk_pixbuf_get_rowstride (picture), n = gdk_pixbuf_get_n_channels (picture);
  const guchar *pixels = gdk_pixbuf_read_pixels (picture);
  SgKeeperRequest request = { SG_KEEPER_PICTURE, (guint32)width, (guint32)height };
  g_autofree guchar *line = g_malloc ((gsize)width * 3);

  if (!sg_write_all (fd, &request, sizeof request, error))
    return FALSE;
  for (int y = 0; y < height; y++)
    {
      const guchar *from = pixels + (gsize)y * stride;

      for (int x = 0; x < width; x++)
        for (int c = 0; c < 3; c++)
          line[x * 3 + c] = from[x * n + c];
      if (!sg_write_all (fd, line, (gsize)width * 3, error))
        return FALSE;
    }
  return TRUE;
}

static char *
receive_reply (int fd, GError **error)
{
  SgKeeperReply reply;
  g_autofree char *text = NULL;

  if (sg_read_all (fd, &reply, sizeof reply, error) != sizeof reply
      || reply.length > SG_KEEPER_TEXT_MAX)
    goto broken;
  text = g_malloc0 ((gsize)reply.length + 1);
  if (sg_read_all (fd, text, reply.length, error) != (gssize)reply.length)
    goto broken;
  if (reply.saved)
    return g_steal_pointer (&text);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, text);
  return NULL;
broken:
  g_clear_error (error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                       _ ("a part of Sandglass has ended (the window's keeper)"));
  return NULL;
}

static void
save (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgKeeper *self = source;
  GError *error = NULL;
  char *where = NULL;

  if (send_picture (self->fd, data, &error))
    where = receive_reply (self->fd, &error);
  if (where != NULL)
    g_task_return_pointer (task, where, g_free);
  else
    g_task_return_error (task, error);
}

static void
ask (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgKeeper *self = source;
  SgKeeperReply reply = { 0 };
  GError *error = NULL;

  if (sg_write_all (self->fd, data, sizeof (SgKeeperRequest), &error)
      && sg_read_all (self->fd, &reply, sizeof reply, NULL) == sizeof reply && reply.saved > 0
      && reply.saved < 256 && reply.length == 0)
    g_task_return_int (task, (gssize)reply.saved);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("the question cannot be shown"));
}

typedef struct
{
  SgKeeperRequest request;
  GBytes *paths; /* owned */
} Files;

static void
files_free (gpointer data)
{
  Files *files = data;

  g_bytes_unref (files->paths);
  g_free (files);
}

static void
put (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgKeeper *self = source;
  Files *files = data;
  SgKeeperReply reply = { 0 };
  GError *error = NULL;

  if (sg_write_all (self->fd, &files->request, sizeof files->request, &error)
      && sg_write_all (self->fd, g_bytes_get_data (files->paths, NULL), files->request.a, &error)
      && sg_read_all (self->fd, &reply, sizeof reply, NULL) == sizeof reply && reply.saved == 1
      && reply.length == 0)
    g_task_return_boolean (task, TRUE);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("the question cannot be shown"));
}

/* --- on the main loop --- */

/* FALSE: the keeper is at work, and TASK has been answered. */
static gboolean
begin (SgKeeper *keeper, GTask *task)
{
  if (keeper->busy)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               _ ("the one before is not finished yet"));
      return FALSE;
    }
  keeper->busy = TRUE;
  return TRUE;
}

void
sg_keeper_ask_async (SgKeeper *keeper, guint32 what, guint32 window, GAsyncReadyCallback callback,
                     gpointer data)
{
  g_autoptr (GTask) task = g_task_new (keeper, NULL, callback, data);
  SgKeeperRequest *request = g_new (SgKeeperRequest, 1);

  *request = (SgKeeperRequest){ SG_KEEPER_QUESTION, what, window };
  g_task_set_task_data (task, request, g_free);
  if (begin (keeper, task))
    g_task_run_in_thread (task, ask);
}

/* A few bytes, which a socket takes at once: the keeper reads them when it is not at work. */
void
sg_keeper_tell_size (SgKeeper *keeper, guint width, guint height)
{
  SgKeeperRequest request = { SG_KEEPER_SIZE, width, height };

  if (!keeper->busy)
    sg_write_all (keeper->fd, &request, sizeof request, NULL);
}

int
sg_keeper_ask_finish (SgKeeper *keeper, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  gssize code = g_task_propagate_int (G_TASK (result), &local);

  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PENDING))
    keeper->busy = FALSE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return (int)code;
}

void
sg_keeper_put_async (SgKeeper *keeper, const char *paths, gsize length, guint32 window,
                     GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (keeper, NULL, callback, data);
  Files *files = g_new (Files, 1);

  files->request = (SgKeeperRequest){ SG_KEEPER_FILES, (guint32)length, window };
  files->paths = g_bytes_new (paths, length);
  g_task_set_task_data (task, files, files_free);
  if (length == 0 || length > SG_KEEPER_PATHS_MAX)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             _ ("these are too many files at once; copy a folder"));
  else if (begin (keeper, task))
    g_task_run_in_thread (task, put);
}

gboolean
sg_keeper_put_finish (SgKeeper *keeper, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean asked = g_task_propagate_boolean (G_TASK (result), &local);

  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PENDING)
      && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    keeper->busy = FALSE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return asked;
}

void
sg_keeper_save_picture_async (SgKeeper *keeper, GdkPixbuf *picture, GAsyncReadyCallback callback,
                              gpointer data)
{
  g_autoptr (GTask) task = g_task_new (keeper, NULL, callback, data);

  g_task_set_source_tag (task, sg_keeper_save_picture_async);
  if (!begin (keeper, task))
    return;
  g_task_set_task_data (task, g_object_ref (picture), g_object_unref);
  g_task_run_in_thread (task, save);
}

char *
sg_keeper_save_picture_finish (SgKeeper *keeper, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *where = g_task_propagate_pointer (G_TASK (result), &local);

  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PENDING))
    keeper->busy = FALSE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return where;
}

/* --- the object --- */

static void
sg_keeper_finalize (GObject *object)
{
  sg_fd_clear (&SG_KEEPER (object)->fd);
  G_OBJECT_CLASS (sg_keeper_parent_class)->finalize (object);
}

static void
sg_keeper_class_init (SgKeeperClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_keeper_finalize;
}

static void
sg_keeper_init (SgKeeper *self)
{
  self->fd = -1;
}

SgKeeper *
sg_keeper_new (int fd)
{
  SgKeeper *self = g_object_new (SG_TYPE_KEEPER, NULL);

  self->fd = fd;
  return self;
}
