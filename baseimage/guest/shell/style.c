/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GTK reads these files itself, but with GTK_THEME set it takes the variant from there; and without
 * GTK_THEME it would load its own theme first. */
#include "style.h"

#include <gtk/gtk.h>

static gboolean
is_dark_name (const char *name)
{
  g_autofree char *lower = name ? g_ascii_strdown (name, -1) : NULL;

  return lower && (g_str_has_suffix (lower, "-dark") || g_str_has_suffix (lower, ":dark"));
}

/* -1: this file does not say. */
static int
file_says (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "gtk-3.0", "settings.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *theme = NULL, *dark = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return -1;
  theme = g_key_file_get_string (file, "Settings", "gtk-theme-name", NULL);
  dark = g_key_file_get_string (file, "Settings", "gtk-application-prefer-dark-theme", NULL);
  if (!theme && !dark)
    return -1;
  return is_dark_name (theme) || g_strcmp0 (dark, "1") == 0 || g_strcmp0 (dark, "true") == 0;
}

const char *
sg_style_theme (void)
{
  const char *const *system = g_get_system_config_dirs ();
  int dark = file_says (g_get_user_config_dir ());

  for (guint i = 0; dark < 0 && system[i]; i++)
    dark = file_says (system[i]);
  if (dark < 0)
    dark = file_says ("/etc");
  return dark > 0 ? "Sandglass:dark" : "Sandglass";
}

/* GTK looks at the variable again when it is told of another theme. */
void
sg_style_set_dark (gboolean dark)
{
  const char *theme = dark ? "Sandglass:dark" : "Sandglass";

  if (g_strcmp0 (g_getenv ("GTK_THEME"), theme) == 0)
    return;
  g_setenv ("GTK_THEME", theme, TRUE);
  g_object_notify (G_OBJECT (gtk_settings_get_default ()), "gtk-theme-name");
}
