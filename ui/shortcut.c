/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/shortcut.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* One name for a file, so that making it again replaces it. */
static char *
entry_name (const char *path)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);

  digest[16] = '\0';
  return g_strdup_printf ("org.sandglass.saved-%s.desktop", digest);
}

/* Where entries are looked for; NULL ends them.  Free with g_strfreev(). */
static char **
places (const char *path)
{
  g_autofree char *name = entry_name (path);
  const char *desktop = g_get_user_special_dir (G_USER_DIRECTORY_DESKTOP);
  GPtrArray *all = g_ptr_array_new ();

  g_ptr_array_add (all, g_build_filename (g_get_user_data_dir (), "applications", name, NULL));
  /* Where it is not set, it is the home folder. */
  if (desktop != NULL && strcmp (desktop, g_get_home_dir ()) != 0
      && g_file_test (desktop, G_FILE_TEST_IS_DIR))
    g_ptr_array_add (all, g_build_filename (desktop, name, NULL));
  g_ptr_array_add (all, NULL);
  return (char **)g_ptr_array_free (all, FALSE);
}

char *
sg_shortcut_quote (const char *argument)
{
  GString *out = g_string_new ("\"");

  for (const char *p = argument; *p != '\0'; p++)
    {
      if (strchr ("\"`$\\", *p) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *p);
      if (*p == '%')
        g_string_append_c (out, '%');
    }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

gboolean
sg_shortcut_make (const char *path, const char *name, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) all = places (path);
  g_autofree char *quoted = sg_shortcut_quote (path);
  g_autofree char *command = g_strdup_printf ("sandglass %s", quoted);
  g_autofree char *text = NULL;
  gsize size;

  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Type", "Application");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Name", name);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Icon", "org.sandglass.Sandglass");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Exec", command);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Categories", "System;Security;");
  text = g_key_file_to_data (file, &size, NULL);
  for (char **one = all; *one != NULL; one++)
    {
      g_autofree char *directory = g_path_get_dirname (*one);

      g_mkdir_with_parents (directory, 0755);
      /* Programs on the Desktop must be executable to be started. */
      if (!g_file_set_contents_full (*one, text, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0755,
                                     error))
        return FALSE;
    }
  return TRUE;
}

void
sg_shortcut_remove (const char *path)
{
  g_auto (GStrv) all = places (path);

  for (char **one = all; *one != NULL; one++)
    g_unlink (*one);
}
