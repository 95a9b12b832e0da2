/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/thumbnail.h"

#include "common/fd.h"

#include <string.h>
#include <unistd.h>

#define HEADER_MAX 64
#define SIDE_MAX 16384
#define SAMPLES 2 /* points of the screen for one of ours, each way */

/* --- the header: "P6", width, height, 255, one blank --- */

static gboolean
read_number (const char **text, int most, int *ret)
{
  guint64 value;
  char *end;

  while (**text == ' ' || **text == '\n')
    (*text)++;
  if (!g_ascii_isdigit (**text))
    return FALSE;
  value = g_ascii_strtoull (*text, &end, 10);
  if (value == 0 || value > (guint64)most)
    return FALSE;
  *text = end;
  *ret = (int)value;
  return TRUE;
}

/* Where the points begin; 0: it is none. */
static gsize
read_header (int fd, int *ret_width, int *ret_height)
{
  char header[HEADER_MAX + 1];
  ssize_t n = pread (fd, header, HEADER_MAX, 0);
  const char *text = header + 2;
  int largest;

  if (n < 8)
    return 0;
  header[n] = '\0';
  if (strncmp (header, "P6", 2) != 0 || !read_number (&text, SIDE_MAX, ret_width)
      || !read_number (&text, SIDE_MAX, ret_height) || !read_number (&text, 255, &largest)
      || largest != 255 || (*text != '\n' && *text != ' '))
    return 0;
  return (gsize)(text + 1 - header);
}

/* --- the points --- */

/* One row of the small picture out of SAMPLES rows of the screen. */
static gboolean
read_row (int fd, gsize start, int width, int height, GdkPixbuf *small, int y, guint8 *row)
{
  int columns = gdk_pixbuf_get_width (small), rows = gdk_pixbuf_get_height (small);
  guint8 *out = gdk_pixbuf_get_pixels (small) + y * gdk_pixbuf_get_rowstride (small);
  g_autofree guint *sums = g_new0 (guint, columns * 3);
  gsize size = (gsize)width * 3;

  for (int s = 0; s < SAMPLES; s++)
    {
      gint64 from = ((gint64)y * SAMPLES + s) * height / ((gint64)rows * SAMPLES);

      if (pread (fd, row, size, (off_t)(start + (gsize)from * size)) != (ssize_t)size)
        return FALSE;
      for (int x = 0; x < columns * SAMPLES; x++)
        {
          const guint8 *point = row + (gint64)x * width / ((gint64)columns * SAMPLES) * 3;

          for (int c = 0; c < 3; c++)
            sums[x / SAMPLES * 3 + c] += point[c];
        }
    }
  for (int i = 0; i < columns * 3; i++)
    out[i] = (guint8)(sums[i] / (SAMPLES * SAMPLES));
  return TRUE;
}

GdkPixbuf *
sg_thumbnail_read (int fd, int width, int height, GError **error)
{
  int screen_width, screen_height;
  gsize start = read_header (fd, &screen_width, &screen_height);
  g_autoptr (GdkPixbuf) small = NULL;
  g_autofree guint8 *row = NULL;

  if (start == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "This is no picture of a screen");
      return NULL;
    }
  if (screen_width * height > screen_height * width)
    height = MAX (screen_height * width / screen_width, 1);
  else
    width = MAX (screen_width * height / screen_height, 1);
  small = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  row = g_try_malloc ((gsize)screen_width * 3);
  for (int y = 0; small != NULL && row != NULL && y < height; y++)
    if (!read_row (fd, start, screen_width, screen_height, small, y, row))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The picture is cut off");
        return NULL;
      }
  return g_steal_pointer (&small);
}

/* --- in a thread --- */

typedef struct
{
  int fd, width, height;
} Reading;

static void
reading_free (gpointer data)
{
  sg_fd_clear (&((Reading *)data)->fd);
  g_free (data);
}

static void
read_it (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Reading *reading = data;
  GError *error = NULL;
  GdkPixbuf *small = sg_thumbnail_read (reading->fd, reading->width, reading->height, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, small, g_object_unref);
}

void
sg_thumbnail_read_async (int fd, int width, int height, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Reading *reading = g_new0 (Reading, 1);

  *reading = (Reading){ fd, width, height };
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_it);
}

GdkPixbuf *
sg_thumbnail_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
