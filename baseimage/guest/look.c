/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

static const struct
{
  const char *name, *program;
} methods[] = {
  { "ibus", "/usr/bin/ibus-daemon" },
  { "fcitx", "/usr/bin/fcitx5" },
  { "fcitx", "/usr/bin/fcitx" },
};

GKeyFile *
sg_guest_look_read (void)
{
  GKeyFile *look = g_key_file_new ();

  g_key_file_load_from_file (look, SG_GUEST_LOOK, G_KEY_FILE_NONE, NULL);
  return look;
}

gboolean
sg_guest_look_program (GKeyFile *look)
{
  return g_key_file_get_boolean (look, SG_GUEST_LOOK_GROUP, "program", NULL);
}

char *
sg_guest_look_input_method (GKeyFile *look)
{
  g_autofree char *wanted
      = g_key_file_get_string (look, SG_GUEST_LOOK_GROUP, "input-method", NULL);

  for (gsize i = 0; wanted != NULL && i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, wanted)
        && g_file_test (methods[i].program, G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (methods[i].program);
  return NULL;
}

char **
sg_guest_look_env (GKeyFile *look)
{
  g_autofree char *program = sg_guest_look_input_method (look);
  g_autofree char *name = g_key_file_get_string (look, SG_GUEST_LOOK_GROUP, "input-method", NULL);
  GPtrArray *env = g_ptr_array_new ();

  if (program != NULL)
    {
      g_ptr_array_add (env, g_strconcat ("GTK_IM_MODULE=", name, NULL));
      g_ptr_array_add (env, g_strconcat ("QT_IM_MODULE=", name, NULL));
      g_ptr_array_add (env, g_strconcat ("XMODIFIERS=@im=", name, NULL));
    }
  if (g_key_file_get_integer (look, SG_GUEST_LOOK_GROUP, "scale", NULL) > 1)
    g_ptr_array_add (env, g_strdup ("QT_AUTO_SCREEN_SCALE_FACTOR=1"));
  g_ptr_array_add (env, NULL);
  return (char **)g_ptr_array_free (env, FALSE);
}
