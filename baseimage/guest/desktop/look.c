/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include "child.h"

#include "baseimage/guest/look.h"

#include <stdlib.h>
#include <string.h>

/* The first picture comes before programs that nobody types into yet. */
#define AFTER_MSEC 300

#define INTERFACE "org.gnome.desktop.interface"
#define IBUS "org.freedesktop.ibus.general"
/* The Super key is the shell's, and what is pressed with it gets no further grab of the X server. */
#define SWITCH "<Control>space"

struct SgDesktopLook
{
  const SgUser *user;
  const char *const *env;
  char **method_env; /* the same, for the input method */
  GFileMonitor *monitor;
  guint later;
  SgChild *settings, *method;
  char *program; /* the input method's; NULL: none */
  const char *argv[4];
  char *text;  /* of the file, as it was last seen; NULL: it was not there */
  char *sizes; /* the same without the dark style, as it was last taken over */
  void (*changed) (gpointer data, gboolean program);
  gpointer data;
};

static const char *const settings_argv[]
    = { SG_GUEST_LIBDIR "/sandglass-desktop", "settings", NULL };

/* --- settings --- */

/* VALUE: NULL for as usual. */
static void
set (const char *schema, const char *key, GVariant *value)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) found
      = source ? g_settings_schema_source_lookup (source, schema, TRUE) : NULL;
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GVariant) wanted = value ? g_variant_ref_sink (value) : NULL;
  g_autoptr (GSettingsSchemaKey) about = NULL;

  if (!found || !g_settings_schema_has_key (found, key))
    return;
  about = g_settings_schema_get_key (found, key);
  if (wanted
      && (!g_variant_is_of_type (wanted, g_settings_schema_key_get_value_type (about))
          || !g_settings_schema_key_range_check (about, wanted)))
    return;
  settings = g_settings_new_full (found, NULL, NULL);
  if (wanted)
    g_settings_set_value (settings, key, wanted);
  else
    g_settings_reset (settings, key);
}

static void
set_engines (GKeyFile *look)
{
  const char *const keys[] = { SWITCH };
  g_auto (GStrv) engines
      = g_key_file_get_string_list (look, SG_GUEST_LOOK_GROUP, "engines", NULL, NULL);

  if (!engines || !*engines)
    return;
  set (IBUS, "preload-engines", g_variant_new_strv ((const char *const *)engines, -1));
  set (IBUS, "use-system-keyboard-layout", g_variant_new_boolean (TRUE));
  set (IBUS ".hotkey", "triggers", g_variant_new_strv (keys, G_N_ELEMENTS (keys)));
  /* It stands in the panel's way, and says what is known. */
  set ("org.freedesktop.ibus.panel", "show-icon-on-systray", g_variant_new_boolean (FALSE));
}

int
sg_desktop_look_settings (void)
{
  g_autoptr (GKeyFile) look = sg_guest_look_read ();
  gboolean dark = g_key_file_get_boolean (look, SG_GUEST_LOOK_GROUP, "dark", NULL);
  int percent = g_key_file_get_integer (look, SG_GUEST_LOOK_GROUP, "text-percent", NULL);
  int size = g_key_file_get_integer (look, SG_GUEST_LOOK_GROUP, "pointer-size", NULL);
  g_autofree char *theme = g_key_file_get_string (look, SG_GUEST_LOOK_GROUP, "pointer-theme", NULL);

  set (INTERFACE, "color-scheme", g_variant_new_string (dark ? "prefer-dark" : "default"));
  /* It may have been otherwise before. */
  set (INTERFACE, "text-scaling-factor", percent > 0 ? g_variant_new_double (percent / 100.) : NULL);
  set (INTERFACE, "cursor-size", size > 0 ? g_variant_new_int32 (size) : NULL);
  set (INTERFACE, "cursor-theme", theme ? g_variant_new_string (theme) : NULL);
  set_engines (look);
  g_settings_sync ();
  return EXIT_SUCCESS;
}

/* --- what runs --- */

/* The settings are written: the input method reads them when it starts. */
static void
start_method (gpointer data, const char *why)
{
  SgDesktopLook *look = data;
  g_autoptr (GKeyFile) file = sg_guest_look_read ();
  g_auto (GStrv) said = sg_guest_look_env (file);

  if (look->method)
    return;
  look->program = sg_guest_look_input_method (file);
  if (!look->program)
    return;
  look->argv[0] = look->program;
  look->argv[1] = g_str_has_suffix (look->program, "/ibus-daemon") ? "--xim"
                  : g_str_has_suffix (look->program, "/fcitx")     ? "-D"
                                                                   : NULL;
  look->method_env = g_strdupv ((char **)look->env);
  for (char **entry = said; *entry; entry++)
    {
      char *equals = strchr (*entry, '=');

      *equals = '\0';
      look->method_env = g_environ_setenv (look->method_env, *entry, equals + 1, TRUE);
    }
  look->method = sg_child_start (&(SgChildSpec){ .name = "the input method",
                                                 .argv = look->argv,
                                                 .env = (const char *const *)look->method_env,
                                                 .user = look->user,
                                                 .fd = -1 });
}

/* The window manager begins anew for it, which a person sees: not where only the colours are others. */
static void
tell_sizes (SgDesktopLook *look, GKeyFile *file)
{
  g_autofree char *sizes = NULL;

  g_key_file_remove_key (file, SG_GUEST_LOOK_GROUP, "dark", NULL);
  sizes = g_key_file_to_data (file, NULL, NULL);
  if (g_strcmp0 (sizes, look->sizes) == 0)
    return;
  g_free (look->sizes);
  look->sizes = g_steal_pointer (&sizes);
  look->changed (look->data, sg_guest_look_program (file));
}

static gboolean
start (gpointer data)
{
  SgDesktopLook *look = data;
  g_autoptr (GKeyFile) file = sg_guest_look_read ();

  look->later = 0;
  tell_sizes (look, file);
  sg_child_stop (look->settings);
  look->settings = sg_child_start (&(SgChildSpec){ .name = "settings",
                                                   .argv = settings_argv,
                                                   .env = look->env,
                                                   .user = look->user,
                                                   .fd = -1,
                                                   .once = TRUE,
                                                   .gave_up = start_method,
                                                   .data = look });
  return G_SOURCE_REMOVE;
}

/* One writing is several events. */
static void
look_again (SgDesktopLook *look)
{
  g_autoptr (GKeyFile) file = sg_guest_look_read ();
  g_autofree char *text = NULL;

  if (!g_file_get_contents (SG_GUEST_LOOK, &text, NULL, NULL) || g_strcmp0 (text, look->text) == 0)
    return;
  g_free (look->text);
  look->text = g_steal_pointer (&text);
  if (look->later == 0)
    look->later = g_timeout_add (sg_guest_look_program (file) ? 0 : AFTER_MSEC, start, look);
}

static void
on_file (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
         SgDesktopLook *look)
{
  look_again (look);
}

SgDesktopLook *
sg_desktop_look_watch (const SgUser *user, const char *const *env,
                       void (*changed) (gpointer data, gboolean program), gpointer data)
{
  SgDesktopLook *look = g_new0 (SgDesktopLook, 1);
  g_autoptr (GFile) file = g_file_new_for_path (SG_GUEST_LOOK);

  look->user = user;
  look->env = env;
  look->changed = changed;
  look->data = data;
  look->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (look->monitor)
    g_signal_connect (look->monitor, "changed", G_CALLBACK (on_file), look);
  look_again (look);
  return look;
}

void
sg_desktop_look_free (SgDesktopLook *look)
{
  if (!look)
    return;
  g_clear_handle_id (&look->later, g_source_remove);
  g_clear_object (&look->monitor);
  sg_child_stop (look->settings);
  sg_child_stop (look->method);
  g_strfreev (look->method_env);
  g_free (look->program);
  g_free (look->text);
  g_free (look->sizes);
  g_free (look);
}
