/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/notice.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PER_SECOND 20u
#define LONGEST_PATH                                                                               \
  512u /* a line must fit into PIPE_BUF, escapes and all, to be written whole                      \
        */

struct SgNotices
{
  int fd;
  GMutex lock;  /* guards all below */
  guint8 *said; /* owned; one bit per file */
  guint n_files;
  gint64 second;
  guint in_second;
  guint suppressed;
};

SgNotices *
sg_notices_new (int fd, guint n_files)
{
  SgNotices *notices = g_new0 (SgNotices, 1);

  notices->fd = fd;
  notices->n_files = n_files;
  notices->said = g_malloc0 (n_files / 8 + 1);
  g_mutex_init (&notices->lock);
  return notices;
}

void
sg_notices_free (SgNotices *notices)
{
  if (notices == NULL)
    return;
  g_free (notices->said);
  g_mutex_clear (&notices->lock);
  g_free (notices);
}

/* Writes a line when the reader has room for it. */
static gboolean
send_line (int fd, JsonBuilder *builder)
{
  struct pollfd ready = { .fd = fd, .events = POLLOUT };
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  ssize_t n;

  json_generator_set_root (generator, root);
  g_autofree char *text = json_generator_to_data (generator, NULL);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  if (poll (&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
    return FALSE;
  do
    n = write (fd, line, strlen (line));
  while (n < 0 && errno == EINTR);
  return n == (ssize_t)strlen (line);
}

static char *
shown_path (const char *path)
{
  g_autofree char *valid = g_utf8_make_valid (path, -1);

  if (strlen (valid) <= LONGEST_PATH)
    return g_steal_pointer (&valid);
  g_autofree char *cut = g_strndup (valid, LONGEST_PATH / 2);
  g_autofree char *end = g_strdup (valid + strlen (valid) - LONGEST_PATH / 2);
  g_autofree char *both = g_strconcat (cut, "...", end, NULL);
  return g_utf8_make_valid (both, -1);
}

static void
send_suppressed (SgNotices *notices)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, "suppressed");
  json_builder_set_member_name (builder, "count");
  json_builder_add_int_value (builder, notices->suppressed);
  json_builder_end_object (builder);
  if (send_line (notices->fd, builder))
    notices->suppressed = 0;
}

static gboolean
send_file (SgNotices *notices, const char *problem, const char *path)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *shown = shown_path (path);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, "file");
  json_builder_set_member_name (builder, "problem");
  json_builder_add_string_value (builder, problem);
  json_builder_set_member_name (builder, "path");
  json_builder_add_string_value (builder, shown);
  json_builder_end_object (builder);
  return send_line (notices->fd, builder);
}

static void
roll_second (SgNotices *notices)
{
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;

  if (now == notices->second)
    return;
  notices->second = now;
  notices->in_second = 0;
  if (notices->suppressed > 0)
    send_suppressed (notices);
}

gboolean
sg_notices_file (SgNotices *notices, guint index, const char *problem, const char *path)
{
  guint8 bit = (guint8)(1u << (index % 8));
  gboolean first;

  if (index >= notices->n_files)
    return FALSE;
  g_mutex_lock (&notices->lock);
  first = !(notices->said[index / 8] & bit);
  notices->said[index / 8] |= bit;
  if (notices->fd >= 0)
    {
      roll_second (notices);
      if (first && (notices->in_second++ >= PER_SECOND || !send_file (notices, problem, path)))
        notices->suppressed++;
    }
  g_mutex_unlock (&notices->lock);
  return first;
}
