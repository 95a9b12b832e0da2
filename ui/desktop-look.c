/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/desktop-look.h"

#include "common/fd.h"

#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PATIENCE_MSEC 500
#define TEXT_MAX 8192

static const struct
{
  const char *schema, *keys[9];
} wanted[] = {
  { "org.gnome.desktop.interface",
    { "gtk-theme", "icon-theme", "cursor-theme", "cursor-size", "font-name", "text-scaling-factor",
      "enable-animations", "color-scheme", NULL } },
  { "org.gnome.desktop.a11y.interface", { "high-contrast", NULL } },
  { "org.gnome.desktop.wm.preferences", { "button-layout", NULL } },
};

/* NULL: this computer has no such schema. */
static GSettingsSchema *
find_schema (gsize i)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();

  return source != NULL ? g_settings_schema_source_lookup (source, wanted[i].schema, TRUE) : NULL;
}

/* --- the process of a moment --- */

static void
read_schema (gsize i, GKeyFile *file)
{
  g_autoptr (GSettingsSchema) schema = find_schema (i);
  g_autoptr (GSettings) settings = schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;

  for (const char *const *key = wanted[i].keys; settings != NULL && *key != NULL; key++)
    {
      g_autoptr (GVariant) value = g_settings_schema_has_key (schema, *key)
                                       ? g_settings_get_user_value (settings, *key)
                                       : NULL;
      g_autofree char *text = value != NULL ? g_variant_print (value, FALSE) : NULL;

      if (text != NULL)
        g_key_file_set_string (file, wanted[i].schema, *key, text);
    }
}

static void
read_all (int fd)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  gsize length;

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    read_schema (i, file);
  text = g_key_file_to_data (file, &length, NULL);
  sg_write_all (fd, text, length, NULL);
}

int
sg_desktop_look_ask (void)
{
  const char *backend = g_getenv ("GDK_BACKEND");
  int ours, theirs;

  if (g_getenv ("WAYLAND_DISPLAY") == NULL || (backend != NULL && g_str_has_prefix (backend, "x11"))
      || !sg_socketpair (&ours, &theirs, NULL))
    return -1;
  switch (fork ())
    {
    case 0:
      prctl (PR_SET_NAME, "sandglass-look");
      close (ours);
      alarm (5);
      read_all (theirs);
      _exit (0);
    case -1:
      close (ours);
      ours = -1;
      /* fall through */
    default:
      close (theirs);
      return ours;
    }
}

/* --- the viewer --- */

static char *
receive (int fd)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_MSEC * 1000;
  g_autofree char *text = g_malloc0 (TEXT_MAX + 1);
  gsize length = 0;

  while (length < TEXT_MAX)
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };
      gint64 left = (until - g_get_monotonic_time ()) / 1000;
      gssize n;

      if (left <= 0 || poll (&wait, 1, (int)left) <= 0)
        return NULL;
      n = read (fd, text + length, TEXT_MAX - length);
      if (n < 0)
        return NULL;
      if (n == 0)
        return g_steal_pointer (&text);
      length += (gsize)n;
    }
  return NULL;
}

static void
take_schema (gsize i, GKeyFile *file)
{
  g_autoptr (GSettingsSchema) schema = find_schema (i);
  g_autoptr (GSettings) settings = schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;

  for (const char *const *name = wanted[i].keys; settings != NULL && *name != NULL; name++)
    {
      g_autofree char *text = g_key_file_get_string (file, wanted[i].schema, *name, NULL);
      g_autoptr (GSettingsSchemaKey) key = text != NULL && g_settings_schema_has_key (schema, *name)
                                               ? g_settings_schema_get_key (schema, *name)
                                               : NULL;
      g_autoptr (GVariant) value
          = key != NULL ? g_variant_parse (g_settings_schema_key_get_value_type (key), text, NULL, NULL,
                                           NULL)
                        : NULL;

      if (value != NULL && g_settings_schema_key_range_check (key, value))
        g_settings_set_value (settings, *name, value);
    }
}

void
sg_desktop_look_take (int fd)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;

  if (fd < 0)
    return;
  text = receive (fd);
  close (fd);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  if (text == NULL || !g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    take_schema (i, file);
}
