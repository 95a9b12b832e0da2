/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of what goes in: README.md, "Tables".  They are ours, so a mistake in one is an error with
 * its place, never skipped. */
#include "baseimage/guest/payload-internal.h"

#include "common/fd.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  SgTree *tree;
  const SgGuestFacts *facts;
  const char *guest; /* directory of sources */
  const char *table; /* for messages */
  guint line;
} Place;

typedef struct
{
  const char *kind, *mode, *path, *source;
} Row;

static gboolean
wrong (const Place *place, const char *what, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s, line %u: %s", place->table,
               place->line, what);
  return FALSE;
}

char *
sg_payload_word (char **line)
{
  char *word = *line + strspn (*line, " \t");
  gsize len = strcspn (word, " \t");

  if (len == 0)
    return NULL;
  *line = word + len;
  if (word[len] != '\0')
    {
      word[len] = '\0';
      *line = word + len + 1;
    }
  return word;
}

/* "0644" or "0644:user". */
static gboolean
parse_mode (const Place *place, const char *text, mode_t *ret_mode, uid_t *ret_uid, gid_t *ret_gid)
{
  char *end;
  guint64 mode = g_ascii_strtoull (text, &end, 8);
  gboolean user = strcmp (end, ":user") == 0;

  if (end == text || mode > 07777 || (*end != '\0' && !user))
    return FALSE;
  *ret_mode = (mode_t)mode;
  *ret_uid = user ? place->facts->user_uid : 0;
  *ret_gid = user ? place->facts->user_gid : 0;
  return TRUE;
}

static gboolean
put_file (const Place *place, const Row *row, mode_t mode, uid_t uid, gid_t gid, GError **error)
{
  g_autofree char *source = g_build_filename (place->guest, row->source, NULL);
  g_autofree char *data = NULL;
  gsize len;

  if (!g_file_get_contents (source, &data, &len, error))
    {
      g_prefix_error (error, "%s, line %u: ", place->table, place->line);
      return FALSE;
    }
  sg_tree_put_file (place->tree, row->path, mode, uid, gid, data, len);
  return TRUE;
}

static gboolean
put_row (const Place *place, const Row *row, GError **error)
{
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;

  if (row->path[0] != '/')
    return wrong (place, "the path does not begin with /", error);
  if (strcmp (row->kind, "link") == 0)
    {
      sg_tree_put_link (place->tree, row->path, row->source);
      return TRUE;
    }
  if (strcmp (row->kind, "gone") == 0)
    {
      sg_tree_remove (place->tree, row->path);
      return TRUE;
    }
  if (!parse_mode (place, row->mode, &mode, &uid, &gid))
    return wrong (place, "this mode is not octal", error);
  if (strcmp (row->kind, "file") == 0)
    return put_file (place, row, mode, uid, gid, error);
  if (strcmp (row->kind, "dir") != 0)
    return wrong (place, "the kind is none of file, dir, link, gone", error);
  sg_tree_put_dir (place->tree, row->path, mode, uid, gid);
  return TRUE;
}

static gboolean
put_line (const Place *place, char *line, GError **error)
{
  Row row;

  if (line[0] == '#' || line[strspn (line, " \t")] == '\0')
    return TRUE;
  row.kind = sg_payload_word (&line);
  row.mode = sg_payload_word (&line);
  row.path = sg_payload_word (&line);
  row.source = sg_payload_word (&line);
  if (row.source == NULL || line[strspn (line, " \t")] == '\0')
    return wrong (place, "a row is: kind, mode, path, source, reason", error);
  return put_row (place, &row, error);
}

static gboolean
put_table (Place *place, GError **error)
{
  g_autofree char *path = g_build_filename (place->guest, place->table, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (place->line = 1; lines[place->line - 1] != NULL; place->line++)
    if (!put_line (place, lines[place->line - 1], error))
      return FALSE;
  return TRUE;
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

gboolean
sg_payload_tables (SgTree *tree, const SgGuestFacts *facts, const char *guest, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (guest, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".payload"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_name);
  for (guint i = 0; i < names->len; i++)
    {
      Place place = { tree, facts, guest, g_ptr_array_index (names, i), 0 };
      if (!put_table (&place, error))
        return FALSE;
    }
  return TRUE;
}
