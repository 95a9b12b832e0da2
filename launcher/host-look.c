/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/host-look.h"

#include <string.h>

#define GROUP "look"
#define TEXT_MOST 8192
#define ENGINES_MOST 8

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* --- what the program says ----------------------------------------------------------------------
 */

static gboolean
is_name (const char *text, gsize most, const char *also)
{
  g_autofree char *letters = g_strconcat (LETTERS, also, NULL);

  return strlen (text) <= most && strspn (text, letters) == strlen (text);
}

/* NULL: there is none, or it is none. */
static char *
take_name (GKeyFile *file, const char *key, gsize most, const char *also)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);

  return text != NULL && is_name (text, most, also) ? g_steal_pointer (&text) : NULL;
}

/* 0: there is none, it is none, or it is the usual one. */
static guint
take_number (GKeyFile *file, const char *key, int least, int most, int usual)
{
  int number = g_key_file_get_integer (file, GROUP, key, NULL);

  return number >= least && number <= most && number != usual ? (guint)number : 0;
}

/* An icon theme's folder: no dot leads it out, as there may be none. */
static void
take_pointer (SgLook *look, GKeyFile *file)
{
  static const char *const usual[] = { "", "default", "Adwaita", NULL };

  look->pointer_size = take_number (file, "pointer-size", 16, 128, 24);
  look->pointer_theme = take_name (file, "pointer-theme", 64, "+ ");
  if (look->pointer_theme != NULL && g_strv_contains (usual, look->pointer_theme))
    g_clear_pointer (&look->pointer_theme, g_free);
}

static void
take_keyboard (SgLook *look, GKeyFile *file)
{
  g_autofree char *layouts = take_name (file, "keyboard", 60, ",");
  g_autofree char *variants = take_name (file, "keyboard-variants", 60, ",");

  if (layouts == NULL || strspn (layouts, ",") == strlen (layouts))
    return;
  look->keyboard = variants == NULL || strspn (variants, ",") == strlen (variants)
                       ? g_steal_pointer (&layouts)
                       : g_strdup_printf ("%s:%s", layouts, variants);
  look->options = take_name (file, "keyboard-options", 200, ",:");
  if (look->options == NULL)
    look->options = g_strdup ("");
}

static void
take_input_method (SgLook *look, GKeyFile *file)
{
  static const char *const known[] = { "ibus", "fcitx", NULL };
  g_auto (GStrv) engines = g_key_file_get_string_list (file, GROUP, "engines", NULL, NULL);
  GPtrArray *good = g_ptr_array_new ();

  look->input_method = take_name (file, "input-method", 8, "");
  if (look->input_method != NULL && !g_strv_contains (known, look->input_method))
    g_clear_pointer (&look->input_method, g_free);
  for (char **engine = engines;
       engine != NULL && *engine != NULL && look->input_method != NULL && good->len < ENGINES_MOST;
       engine++)
    if (**engine != '\0' && is_name (*engine, 64, ":.+"))
      g_ptr_array_add (good, g_strdup (*engine));
  g_ptr_array_add (good, NULL);
  look->engines = (char **)g_ptr_array_free (good, FALSE);
}

SgLook *
sg_look_parse (const char *text)
{
  SgLook *look = g_new0 (SgLook, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (strlen (text) <= TEXT_MOST)
    g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL);
  look->dark = g_key_file_get_boolean (file, GROUP, "dark", NULL);
  look->text_percent = take_number (file, "text-percent", 50, 300, 100);
  look->scale = take_number (file, "scale", 2, 3, 1);
  take_pointer (look, file);
  take_keyboard (look, file);
  take_input_method (look, file);
  return look;
}

void
sg_look_free (SgLook *look)
{
  if (look == NULL)
    return;
  g_free (look->pointer_theme);
  g_free (look->keyboard);
  g_free (look->options);
  g_free (look->input_method);
  g_strfreev (look->engines);
  g_free (look);
}

/* --- for the agent ------------------------------------------------------------------------------
 */

GVariant *
sg_look_again (const SgLook *look)
{
  GVariantDict inner;

  g_variant_dict_init (&inner, NULL);
  if (look->dark)
    g_variant_dict_insert (&inner, "dark", "b", TRUE);
  if (look->text_percent > 0)
    g_variant_dict_insert (&inner, "text-percent", "u", look->text_percent);
  if (look->scale > 0)
    g_variant_dict_insert (&inner, "scale", "u", look->scale);
  if (look->pointer_theme != NULL)
    g_variant_dict_insert (&inner, "pointer-theme", "s", look->pointer_theme);
  if (look->pointer_size > 0)
    g_variant_dict_insert (&inner, "pointer-size", "u", look->pointer_size);
  if (look->input_method != NULL)
    {
      g_variant_dict_insert (&inner, "input-method", "s", look->input_method);
      g_variant_dict_insert (&inner, "engines", "^as", look->engines);
    }
  return g_variant_dict_end (&inner);
}

void
sg_look_settings (const SgLook *look, gboolean keyboard, GVariantDict *dict)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (sg_look_again (look));

  if (keyboard && look->keyboard != NULL)
    {
      g_variant_dict_insert (dict, "keyboard", "s", look->keyboard);
      g_variant_dict_insert (dict, "keyboard-options", "s", look->options);
    }
  if (g_variant_n_children (all) > 0)
    g_variant_dict_insert_value (dict, "look", all);
}
