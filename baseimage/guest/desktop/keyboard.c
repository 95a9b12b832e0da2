/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyboard.h"
#include "vars.h"

#include <string.h>

#define NAME_MAX_BYTES 200
#define TABLE "/usr/share/systemd/kbd-model-map"

static gboolean
is_name (const char *text)
{
  return strlen (text) <= NAME_MAX_BYTES
         && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-,:+()")
                == strlen (text);
}

static char *
name_or_empty (const char *text)
{
  return g_strdup (text && is_name (text) ? text : "");
}

void
sg_keyboard_free (SgKeyboard *keyboard)
{
  if (!keyboard)
    return;
  g_free (keyboard->model);
  g_free (keyboard->layout);
  g_free (keyboard->variant);
  g_free (keyboard->options);
  g_free (keyboard);
}

static SgKeyboard *
keyboard_new (const char *model, const char *layout, const char *variant, const char *options)
{
  SgKeyboard *keyboard = g_new0 (SgKeyboard, 1);

  keyboard->model = name_or_empty (model);
  keyboard->layout = name_or_empty (layout);
  keyboard->variant = name_or_empty (variant);
  keyboard->options = name_or_empty (options);
  return keyboard;
}

static SgKeyboard *
from_vars (GHashTable *vars)
{
  SgKeyboard *keyboard = keyboard_new (
      g_hash_table_lookup (vars, "XKBMODEL"), g_hash_table_lookup (vars, "XKBLAYOUT"),
      g_hash_table_lookup (vars, "XKBVARIANT"), g_hash_table_lookup (vars, "XKBOPTIONS"));

  if (*keyboard->layout)
    return keyboard;
  sg_keyboard_free (keyboard);
  return NULL;
}

/* A row of the table: console keymap, layout, model, variant, options; "-" is "none". */
static SgKeyboard *
from_row (const char *row, const char *keymap)
{
  g_auto (GStrv) raw = g_strsplit_set (row, " \t", -1);
  const char *words[5];
  guint n = 0;

  for (guint i = 0; raw[i] && n < 5; i++)
    if (*raw[i])
      words[n++] = strcmp (raw[i], "-") == 0 ? "" : raw[i];
  if (n != 5 || strcmp (words[0], keymap) != 0)
    return NULL;
  return keyboard_new (words[2], words[1], words[3], words[4]);
}

static SgKeyboard *
from_console (const char *root, const char *keymap)
{
  g_autofree char *path = g_strconcat (root, TABLE, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) rows = NULL;
  SgKeyboard *keyboard = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  rows = g_strsplit (text, "\n", -1);
  for (guint i = 0; rows[i] && !keyboard; i++)
    if (rows[i][0] != '#')
      keyboard = from_row (rows[i], keymap);
  return keyboard;
}

SgKeyboard *
sg_keyboard_read (const char *root)
{
  g_autofree char *debian = g_strconcat (root, "/etc/default/keyboard", NULL);
  g_autofree char *console = g_strconcat (root, "/etc/vconsole.conf", NULL);
  g_autoptr (GHashTable) first = sg_vars_read (debian);
  g_autoptr (GHashTable) second = sg_vars_read (console);
  const char *keymap = g_hash_table_lookup (second, "KEYMAP");
  SgKeyboard *keyboard = from_vars (first);

  if (!keyboard)
    keyboard = from_vars (second);
  if (!keyboard && keymap)
    keyboard = from_console (root, keymap);
  return keyboard ? keyboard : keyboard_new ("", "us", "", "");
}

SgKeyboard *
sg_keyboard_parse (const char *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  guint n = g_strv_length (words);

  if (n < 1 || n > 2 || !*words[0] || !is_name (words[0]) || (n == 2 && !is_name (words[1])))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "This is no keyboard layout.  Layouts look like: de, \"de nodeadkeys\", us,ru");
      return NULL;
    }
  return keyboard_new ("", words[0], n == 2 ? words[1] : "", "");
}

static void
add_option (GString *out, const char *name, const char *value)
{
  if (*value)
    g_string_append_printf (out, "  Option \"%s\" \"%s\"\n", name, value);
}

char *
sg_keyboard_section (const SgKeyboard *keyboard)
{
  GString *out = g_string_new ("Section \"InputClass\"\n"
                               "  Identifier \"keyboard layout\"\n"
                               "  MatchIsKeyboard \"on\"\n");

  add_option (out, "XkbModel", keyboard->model);
  add_option (out, "XkbLayout", keyboard->layout);
  add_option (out, "XkbVariant", keyboard->variant);
  add_option (out, "XkbOptions", keyboard->options);
  g_string_append (out, "EndSection\n");
  return g_string_free (out, FALSE);
}
