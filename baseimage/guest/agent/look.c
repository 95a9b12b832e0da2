/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the person's own desktop looks: kept in a file, which the desktop's start and the shell watch. */
#include "agent.h"

#include "baseimage/guest/look.h"

#include <string.h>

#define DARK_FOLDER "/usr/share/themes/Adwaita-dark/gtk-3.0"
#define DARK_THEME DARK_FOLDER "/gtk.css"

static const char *const numbers[] = { "text-percent", "scale", "pointer-size" };
static const char *const texts[] = { "pointer-theme", "input-method" };

static void
take_look (GKeyFile *file, GVariant *look)
{
  g_auto (GStrv) engines = NULL;
  gboolean dark;
  guint32 number;

  if (g_variant_lookup (look, "dark", "b", &dark))
    g_key_file_set_boolean (file, SG_GUEST_LOOK_GROUP, "dark", dark);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_variant_lookup (look, numbers[i], "u", &number) && number <= 1000)
      g_key_file_set_integer (file, SG_GUEST_LOOK_GROUP, numbers[i], (int)number);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *value;

      if (g_variant_lookup (look, texts[i], "&s", &value) && strlen (value) <= 64
          && strpbrk (value, "/\n") == NULL)
        g_key_file_set_string (file, SG_GUEST_LOOK_GROUP, texts[i], value);
    }
  if (g_variant_lookup (look, "engines", "^as", &engines))
    g_key_file_set_string_list (file, SG_GUEST_LOOK_GROUP, "engines", (const char *const *)engines,
                                g_strv_length (engines));
}

/* GTK has a dark variant of its theme, and a word of its own for that: programs that start from now
 * on read it.  What else is in the file stays. */
static char *
prefer_dark (const char *version, gboolean dark)
{
  g_autofree char *folder = g_strdup_printf ("/etc/gtk-%s", version);
  g_autofree char *path = g_build_filename (folder, "settings.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL) && !dark)
    return NULL;
  if (dark)
    g_key_file_set_boolean (file, "Settings", "gtk-application-prefer-dark-theme", TRUE);
  else if (!g_key_file_remove_key (file, "Settings", "gtk-application-prefer-dark-theme", NULL))
    return NULL;
  g_mkdir_with_parents (folder, 0755);
  text = g_key_file_to_data (file, NULL, NULL);
  return settings_write (path, 0644, text);
}

/* GTK 3 has its dark variant by that word alone, which a program that runs does not read again; as a
 * theme with a name the shell can tell it (../shell/look.c).  Without it the program stays light. */
static void
name_dark_theme (void)
{
  if (g_file_test (DARK_THEME, G_FILE_TEST_EXISTS) || g_mkdir_with_parents (DARK_FOLDER, 0755) < 0)
    return;
  g_free (settings_write (DARK_THEME, 0644,
                          "@import url(\"resource:///org/gtk/libgtk/theme/Adwaita/"
                          "gtk-contained-dark.css\");\n"));
}

char *
settings_look (GVariant *look, gboolean program)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  gboolean dark;
  char *why;

  if (look != NULL)
    take_look (file, look);
  if (program)
    g_key_file_set_boolean (file, SG_GUEST_LOOK_GROUP, "program", TRUE);
  dark = g_key_file_get_boolean (file, SG_GUEST_LOOK_GROUP, "dark", NULL);
  if (dark)
    name_dark_theme ();
  why = prefer_dark ("3.0", dark);
  if (why == NULL)
    why = prefer_dark ("4.0", dark);
  if (why != NULL)
    return why;
  text = g_key_file_to_data (file, NULL, NULL);
  return settings_write (SG_GUEST_LOOK, 0644, text);
}

char **
login_add_look (char **env)
{
  g_autoptr (GKeyFile) look = sg_guest_look_read ();
  g_auto (GStrv) said = sg_guest_look_env (look);

  for (char **entry = said; *entry != NULL; entry++)
    {
      char *equals = strchr (*entry, '=');

      *equals = '\0';
      env = g_environ_setenv (env, *entry, equals + 1, TRUE);
    }
  return env;
}
