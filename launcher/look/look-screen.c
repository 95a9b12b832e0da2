/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Desktops tell their programs by XSETTINGS, or on Wayland by GSettings; GDK knows both.  Where there
 * is neither (a window manager alone), the person's own GSettings and GTK's settings.ini are left. */
#include "launcher/look/look.h"

#include <gdk/gdk.h>
#include <stdlib.h>
#include <string.h>

#define DPI_USUAL 96.

/* What the display's settings say of NAME, of TYPE. */
static gboolean
ask_display (const char *name, GType type, GValue *value)
{
  GdkScreen *screen = gdk_screen_get_default ();

  g_value_init (value, type);
  return screen != NULL && gdk_screen_get_setting (screen, name, value);
}

static char *
display_text (const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return ask_display (name, G_TYPE_STRING, &value) ? g_value_dup_string (&value) : NULL;
}

static int
display_number (const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return ask_display (name, G_TYPE_INT, &value) ? g_value_get_int (&value) : 0;
}

/* --- dark --- */

static gboolean
is_dark_name (const char *name)
{
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  return lower != NULL && (g_str_has_suffix (lower, "-dark") || g_str_has_suffix (lower, ":dark"));
}

static gboolean
settings_file_is_dark (void)
{
  g_autofree char *path
      = g_build_filename (g_get_user_config_dir (), "gtk-3.0", "settings.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *theme = NULL, *dark = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return FALSE;
  theme = g_key_file_get_string (file, "Settings", "gtk-theme-name", NULL);
  dark = g_key_file_get_string (file, "Settings", "gtk-application-prefer-dark-theme", NULL);
  return is_dark_name (theme) || g_strcmp0 (dark, "1") == 0 || g_strcmp0 (dark, "true") == 0;
}

static gboolean
is_dark (void)
{
  g_autoptr (GVariant) scheme = look_setting (LOOK_INTERFACE, "color-scheme", "s");
  g_autoptr (GVariant) theme = look_setting (LOOK_INTERFACE, "gtk-theme", "s");
  g_autofree char *shown = display_text ("gtk-theme-name");

  if (scheme != NULL && !g_str_equal (g_variant_get_string (scheme, NULL), "default"))
    return g_str_equal (g_variant_get_string (scheme, NULL), "prefer-dark");
  if (shown == NULL && theme != NULL)
    shown = g_variant_dup_string (theme, NULL);
  return is_dark_name (shown) || is_dark_name (g_getenv ("GTK_THEME")) || settings_file_is_dark ();
}

/* --- sizes and pointer --- */

static void
add_text_size (GKeyFile *file)
{
  int dpi = display_number ("gtk-xft-dpi"); /* 1024ths, without the display's own scale */
  g_autoptr (GVariant) factor = look_setting (LOOK_INTERFACE, "text-scaling-factor", "d");
  double percent = dpi > 0 ? dpi / 1024. / DPI_USUAL * 100 : 100;

  /* A display that was told nothing says the usual. */
  if ((int)(percent + .5) == 100 && factor != NULL)
    percent = g_variant_get_double (factor) * 100;

  g_key_file_set_integer (file, LOOK_GROUP, "text-percent",
                          (int)(CLAMP (percent, 1, 10000) + .5));
}

static void
add_scale (GKeyFile *file)
{
  GdkDisplay *display = gdk_display_get_default ();
  GdkMonitor *monitor = display != NULL ? gdk_display_get_primary_monitor (display) : NULL;

  if (monitor == NULL && display != NULL)
    monitor = gdk_display_get_monitor (display, 0);
  if (monitor != NULL)
    g_key_file_set_integer (file, LOOK_GROUP, "scale", gdk_monitor_get_scale_factor (monitor));
}

static void
add_pointer (GKeyFile *file)
{
  g_autofree char *theme = display_text ("gtk-cursor-theme-name");
  int size = display_number ("gtk-cursor-theme-size");
  g_autoptr (GVariant) set_theme = look_setting (LOOK_INTERFACE, "cursor-theme", "s");
  g_autoptr (GVariant) set_size = look_setting (LOOK_INTERFACE, "cursor-size", "i");
  const char *variable = g_getenv ("XCURSOR_SIZE");

  if (theme == NULL)
    theme = set_theme != NULL ? g_variant_dup_string (set_theme, NULL)
                              : g_strdup (g_getenv ("XCURSOR_THEME"));
  if (size == 0)
    size = set_size != NULL ? g_variant_get_int32 (set_size) : variable != NULL ? atoi (variable) : 0;
  if (theme != NULL)
    g_key_file_set_string (file, LOOK_GROUP, "pointer-theme", theme);
  if (size > 0)
    g_key_file_set_integer (file, LOOK_GROUP, "pointer-size", size);
}

void
look_screen (GKeyFile *file)
{
  int argc = 0;

  if (!gdk_init_check (&argc, NULL))
    return; /* nobody will look at a window here */
  g_key_file_set_boolean (file, LOOK_GROUP, "dark", is_dark ());
  add_text_size (file);
  add_scale (file);
  add_pointer (file);
}
