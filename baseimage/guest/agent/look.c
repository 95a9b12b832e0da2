/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the person's own desktop looks: kept in a file, which the desktop's start and the shell watch. */
#include "agent.h"

#include "baseimage/guest/look.h"

#include <string.h>

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

char *
settings_look (GVariant *look, gboolean program)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;

  if (look != NULL)
    take_look (file, look);
  if (program)
    g_key_file_set_boolean (file, SG_GUEST_LOOK_GROUP, "program", TRUE);
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
