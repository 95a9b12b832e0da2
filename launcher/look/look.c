/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-look: how this desktop looks and is typed on, for the session of a sandbox with a window.
 *
 * A program of its own: it asks the display and the settings of the desktop, whose libraries are
 * loaded into who asks, and it can take its time while the machine starts.  Prints a key file,
 *
 *   [look]
 *   dark=true
 *   text-percent=125
 *   scale=2
 *   pointer-theme=Adwaita
 *   pointer-size=48
 *   keyboard=de,ru
 *   keyboard-variants=nodeadkeys,
 *   keyboard-options=grp:win_space_toggle
 *   input-method=ibus
 *   engines=libpinyin;
 *
 * with what it knows.  What of it goes inside: launcher/host-look.h.
 *
 * --watch: it stays until nobody reads any more, or the display is gone (look-watch.c), and prints all
 * of it again when something of it is another; behind each, a NUL. */
#include "launcher/look/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

GVariant *
look_setting (const char *schema, const char *key, const char *type)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) found
      = source != NULL ? g_settings_schema_source_lookup (source, schema, TRUE) : NULL;
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GVariant) value = NULL;

  if (found == NULL || !g_settings_schema_has_key (found, key)
      || g_settings_schema_get_path (found) == NULL)
    return NULL;
  settings = g_settings_new_full (found, NULL, NULL);
  value = g_settings_get_user_value (settings, key);
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type))
             ? g_steal_pointer (&value)
             : NULL;
}

/* Where there is no session bus, the settings' library would start one for this display: a process
 * that stays.  Settings are read without it, too. */
static void
start_no_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") == NULL && !g_file_test (socket, G_FILE_TEST_EXISTS))
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}

char *
look_text (void)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  look_screen (file);
  look_keys (file);
  return g_key_file_to_data (file, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_autofree char *text = NULL;

  start_no_bus ();
  if (argc == 2 && strcmp (argv[1], "--watch") == 0)
    return look_watch ();
  text = look_text ();
  return fputs (text, stdout) >= 0 && fflush (stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
