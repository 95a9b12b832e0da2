/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/window-size.h"

#include "common/paths.h"

#include <gio/gio.h>
#include <string.h>

#define FILE_NAME "windows"
#define FILE_MOST (256 * 1024)
#define ENDING ".wsb"

static char *
path_of (const char *name)
{
  g_autofree char *directory = sg_paths_config ();

  return g_build_filename (directory, name, NULL);
}

/* One that is saved, by its file; also what comes from a command line. */
static gboolean
is_name (const char *name)
{
  g_autofree char *path = NULL;

  if (*name == '.' || strchr (name, '/') != NULL || !g_str_has_suffix (name, ENDING)
      || strpbrk (name, "[]\n\r") != NULL || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  path = path_of (name);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
is_sane (gint64 width, gint64 height)
{
  return width >= SG_WINDOW_LEAST && width <= SG_WINDOW_MOST && height >= SG_WINDOW_LEAST
         && height <= SG_WINDOW_MOST;
}

/* Empty where there is none, or a broken one. */
static GKeyFile *
read_all (void)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = path_of (FILE_NAME), *text = NULL;
  gsize length = 0;

  if (g_file_get_contents (path, &text, &length, NULL) && length <= FILE_MOST)
    g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL);
  return file;
}

char *
sg_window_size_name (const char *profile)
{
  g_autofree char *directory = sg_paths_config (), *theirs = NULL, *name = NULL;

  if (profile == NULL)
    return NULL;
  theirs = g_path_get_dirname (profile);
  name = g_path_get_basename (profile);
  return g_str_equal (theirs, directory) && is_name (name) ? g_steal_pointer (&name) : NULL;
}

gboolean
sg_window_size_load (const char *name, int *ret_width, int *ret_height)
{
  g_autoptr (GKeyFile) file = NULL;
  int width, height;

  if (name == NULL || !is_name (name))
    return FALSE;
  file = read_all ();
  width = g_key_file_get_integer (file, name, "width", NULL);
  height = g_key_file_get_integer (file, name, "height", NULL);
  if (!is_sane (width, height))
    return FALSE;
  *ret_width = width;
  *ret_height = height;
  return TRUE;
}

static void
drop_deleted (GKeyFile *file)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (char **group = groups; *group != NULL; group++)
    if (!is_name (*group))
      g_key_file_remove_group (file, *group, NULL);
}

gboolean
sg_window_size_save (const char *name, guint width, guint height, GError **error)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autofree char *path = path_of (FILE_NAME);

  if (!is_name (name) || !is_sane (width, height))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "This is no size of a saved sandbox's window");
      return FALSE;
    }
  file = read_all ();
  drop_deleted (file);
  g_key_file_set_integer (file, name, "width", (int)width);
  g_key_file_set_integer (file, name, "height", (int)height);
  return g_key_file_save_to_file (file, path, error);
}
