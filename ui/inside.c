/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/inside.h"

#include "ui/members.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define FILES_MAX 10000 /* more rows than anybody reads; `changes` itself stops earlier */
#define NAMED 3         /* files the question names */
#define FAILED_NAMED 3

static void
file_free (gpointer data)
{
  SgInsideFile *file = data;

  g_free (file->path);
  g_free (file->shown);
  g_free (file->name);
  g_free (file->folder);
  g_free (file);
}

void
sg_inside_free (SgInside *inside)
{
  if (inside == NULL)
    return;
  g_ptr_array_unref (inside->files);
  g_free (inside);
}

/* --- reading --- */

static guint64
size_member (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "size");

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return 0;
  return (guint64)MAX (json_node_get_int (node), 0);
}

static const struct
{
  const char *key, *words;
  gboolean asks;
} places[] = {
  { "desktop", N_ ("Desktop"), TRUE },
  { "documents", N_ ("Documents"), TRUE },
  { "downloads", N_ ("Downloads"), TRUE },
  { "home", N_ ("Home"), FALSE },
};

static SgInsideFile *
read_file (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *path = object != NULL ? text_member (object, "path") : NULL;
  const char *escaped = object != NULL ? text_member (object, "path-escaped") : NULL;
  const char *place = object != NULL ? text_member (object, "place") : NULL;
  g_autofree char *base = NULL;
  SgInsideFile *file;

  if (path == NULL || *path != '/' || true_member (object, "removed"))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_strcmp0 (place, places[i].key) == 0)
      {
        file = g_new0 (SgInsideFile, 1);
        file->path = escaped != NULL ? g_strcompress (escaped) : g_strdup (path);
        file->shown = g_strdup (path);
        base = g_path_get_basename (path);
        file->name = sg_words_file (base);
        file->folder = g_strdup (_ (places[i].words));
        file->size = size_member (object);
        file->asks = places[i].asks;
        file->program = true_member (object, "program");
        file->unfinished = true_member (object, "unfinished");
        return file;
      }
  return NULL;
}

static void
count (SgInside *inside)
{
  inside->n_asking = inside->n_unfinished = 0;
  for (guint i = 0; i < inside->files->len; i++)
    {
      const SgInsideFile *file = inside->files->pdata[i];

      inside->n_asking += file->asks;
      inside->n_unfinished += file->unfinished;
    }
}

SgInside *
sg_inside_parse (JsonNode *answer)
{
  JsonObject *object
      = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonNode *list = object != NULL ? json_object_get_member (object, "files") : NULL;
  SgInside *inside;
  JsonArray *array;

  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return NULL;
  array = json_node_get_array (list);
  inside = g_new0 (SgInside, 1);
  inside->files = g_ptr_array_new_with_free_func (file_free);
  inside->cut = true_member (object, "cut") || json_array_get_length (array) > FILES_MAX;
  for (guint i = 0; i < MIN (json_array_get_length (array), FILES_MAX); i++)
    {
      SgInsideFile *file = read_file (json_array_get_element (array, i));

      if (file != NULL)
        g_ptr_array_add (inside->files, file);
    }
  count (inside);
  return inside;
}

void
sg_inside_leave_out (SgInside *inside, const char *path)
{
  gsize length = strlen (path);

  for (guint i = inside->files->len; i-- > 0;)
    {
      const SgInsideFile *file = inside->files->pdata[i];

      if (strncmp (file->path, path, length) == 0
          && (file->path[length] == '\0' || g_str_equal (file->path + length, "~")))
        g_ptr_array_remove_index (inside->files, i);
    }
  count (inside);
}

/* --- telling --- */

static void
add_names (GString *words, const SgInside *inside, guint n)
{
  guint named = 0;

  for (guint i = 0; i < inside->files->len && named < NAMED; i++)
    {
      const SgInsideFile *file = inside->files->pdata[i];
      g_autofree char *size = g_format_size (file->size);

      if (!file->asks || file->unfinished)
        continue;
      g_string_append (words, named++ == 0 ? " " : ", ");
      g_string_append_printf (words, "%s (%s, %s)", file->name, file->folder, size);
    }
  if (n > named || inside->cut)
    g_string_append (words, ", …");
}

char *
sg_inside_words (const SgInside *inside)
{
  GString *words = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < inside->files->len; i++)
    {
      const SgInsideFile *file = inside->files->pdata[i];
      n += file->asks && !file->unfinished;
    }
  if (n > 0)
    {
      g_string_append_printf (words,
                              inside->cut
                                  ? _ ("More than %u files were saved here and will be "
                                       "gone:")
                                  : ngettext ("%u file was saved here and will be gone:",
                                              "%u files were saved here and will be gone:", n),
                              n);
      add_names (words, inside, n);
    }
  if (inside->n_unfinished > 0)
    {
      if (n > 0)
        g_string_append (words, "; ");
      g_string_append_printf (words,
                              ngettext ("%u download is not finished",
                                        "%u downloads are not "
                                        "finished",
                                        inside->n_unfinished),
                              inside->n_unfinished);
    }
  if (inside->n_unfinished > 0)
    g_string_append_c (words, '.');
  else if (n == 0 && inside->cut)
    g_string_append (words, _ ("More files were saved here than can be listed."));
  if (inside->n_copying > 0)
    g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "",
                            _ ("Files are being copied into it or out of it."));
  return g_string_free (words, FALSE);
}

/* --- what was saved --- */

static SgInsideFile *
find (SgInside *inside, const char *shown)
{
  for (guint i = 0; shown != NULL && i < inside->files->len; i++)
    if (g_str_equal (((SgInsideFile *)inside->files->pdata[i])->shown, shown))
      return inside->files->pdata[i];
  return NULL;
}

char *
sg_inside_saved (SgInside *inside, JsonNode *answer, guint n_asked)
{
  JsonArray *array
      = answer != NULL && JSON_NODE_HOLDS_ARRAY (answer) ? json_node_get_array (answer) : NULL;
  GString *words = g_string_new (NULL);
  guint n_saved = 0, n_told = 0;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *error = object != NULL ? text_member (object, "error") : NULL;
      SgInsideFile *file = object != NULL ? find (inside, text_member (object, "inside")) : NULL;

      if (file == NULL)
        continue;
      if (error != NULL && n_told++ < FAILED_NAMED)
        g_string_append_printf (words, _ ("%s was not saved: %s\n"), file->name, error);
      else if (error == NULL && text_member (object, "saved-as") != NULL)
        {
          n_saved++;
          g_ptr_array_remove (inside->files, file);
        }
    }
  count (inside);
  if (n_saved >= n_asked)
    return g_string_free (words, TRUE);
  if (n_told == 0)
    g_string_append (words, _ ("Not everything was saved.\n"));
  else if (n_asked - n_saved > MIN (n_told, FAILED_NAMED))
    g_string_append_printf (words, _ ("%u in all were not saved.\n"), n_asked - n_saved);
  g_string_append (words, _ ("The sandbox is still open, so nothing is lost."));
  return g_string_free (words, FALSE);
}
