/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-notices.h"

#include "common/fd.h"
#include "common/report.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define TOGETHER_SEC 5
#define PATH_SHOWN 256 /* characters */

struct SgFileNotices
{
  int fd;
  guint watch, timer;
  SgFileNoticesFunc func;
  gpointer data;
  char *path;    /* the first one not yet told; owned */
  guint64 files; /* not yet told */
};

static void
tell (SgFileNotices *notices)
{
  g_autofree char *path = g_steal_pointer (&notices->path);
  g_autofree char *printable = sg_printable_line (path != NULL ? path : "a file");
  g_autofree char *more
      = notices->files > 1
            ? g_strdup_printf (" and %" G_GUINT64_FORMAT " other files", notices->files - 1)
            : g_strdup ("");
  g_autofree char *message = g_strdup_printf (
      "This computer was changed while the sandbox runs: %s%s cannot be read inside any more. "
      "Programs inside may stop; a new sandbox has the new files once `sandglass base build` has "
      "run",
      printable, more);

  notices->files = 0;
  notices->func ("base-changed", message, notices->data);
}

static gboolean
on_timer (gpointer data)
{
  SgFileNotices *notices = data;

  if (notices->files > 0)
    {
      tell (notices);
      return G_SOURCE_CONTINUE;
    }
  notices->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
count (SgFileNotices *notices, guint64 files, const char *path)
{
  if (notices->path == NULL && path != NULL)
    notices->path = g_utf8_substring (path, 0, MIN (g_utf8_strlen (path, -1), (glong)PATH_SHOWN));
  notices->files += files;
  if (notices->timer != 0)
    return;
  tell (notices);
  notices->timer = g_timeout_add_seconds (TOGETHER_SEC, on_timer, notices);
}

/* The server looks at what a guest asks for, so what it says is checked like a stranger's. */
static void
take (SgFileNotices *notices, const char *line, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root, *event, *value;
  JsonObject *object;

  if (!g_utf8_validate_len (line, length, NULL)
      || !json_parser_load_from_data (parser, line, (gssize)length, NULL))
    return;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  object = json_node_get_object (root);
  event = json_object_get_member (object, "event");
  if (event == NULL || json_node_get_value_type (event) != G_TYPE_STRING)
    return;
  if (g_str_equal (json_node_get_string (event), "file"))
    {
      value = json_object_get_member (object, "path");
      if (value != NULL && json_node_get_value_type (value) == G_TYPE_STRING)
        count (notices, 1, json_node_get_string (value));
    }
  else if (g_str_equal (json_node_get_string (event), "suppressed"))
    {
      value = json_object_get_member (object, "count");
      if (value != NULL && json_node_get_value_type (value) == G_TYPE_INT64)
        count (notices, (guint64)CLAMP (json_node_get_int (value), 0, G_MAXINT32), NULL);
    }
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  SgFileNotices *notices = data;
  char line[PIPE_BUF];
  ssize_t n = read (fd, line, sizeof line);

  if (n > 0)
    take (notices, line, (gsize)n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    {
      notices->watch = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

SgFileNotices *
sg_file_notices_new (int fd, SgFileNoticesFunc func, gpointer data)
{
  SgFileNotices *notices = g_new0 (SgFileNotices, 1);

  notices->fd = fd;
  notices->func = func;
  notices->data = data;
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  notices->watch = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, notices);
  return notices;
}

void
sg_file_notices_free (SgFileNotices *notices)
{
  if (notices == NULL)
    return;
  if (notices->watch != 0)
    g_source_remove (notices->watch);
  if (notices->timer != 0)
    g_source_remove (notices->timer);
  sg_fd_clear (&notices->fd);
  g_free (notices->path);
  g_free (notices);
}
