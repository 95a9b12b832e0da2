/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-env.h"
#include "vars.h"

#include <string.h>

static const char *const locale_words[]
    = { "LANG",       "LANGUAGE",     "LC_ALL",         "LC_CTYPE", "LC_NUMERIC",
        "LC_TIME",    "LC_COLLATE",   "LC_MONETARY",    "LC_PAPER", "LC_MESSAGES",
        "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT", "LC_NAME",  "LC_IDENTIFICATION" };

char *
sg_session_runtime_dir (uid_t uid)
{
  return g_strdup_printf ("/run/user/%u", (unsigned)uid);
}

static char **
add_locale (char **env, const char *root)
{
  static const char *const files[] = { "/etc/locale.conf", "/etc/default/locale" };

  env = g_environ_setenv (env, "LANG", "C.UTF-8", TRUE);
  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      g_autofree char *path = g_strconcat (root, files[f], NULL);
      g_autoptr (GHashTable) vars = sg_vars_read (path);
      for (guint i = 0; i < G_N_ELEMENTS (locale_words); i++)
        {
          const char *value = g_hash_table_lookup (vars, locale_words[i]);
          if (value && *value && strlen (value) < 200 && !strpbrk (value, "/\n"))
            env = g_environ_setenv (env, locale_words[i], value, TRUE);
        }
    }
  return env;
}

char **
sg_session_env (const char *root, const SgUser *user, const char *display)
{
  g_autofree char *runtime = sg_session_runtime_dir (user->uid);
  g_autofree char *bus = g_strdup_printf ("unix:path=%s/bus", runtime);
  g_autofree char *flatpak = g_strconcat (root, "/var/lib/flatpak/exports/share", NULL);
  const char *const set[][2] = {
    { "USER", user->name },
    { "LOGNAME", user->name },
    { "HOME", user->home },
    { "SHELL", user->shell },
    { "PATH",
      "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/local/sbin:/usr/sbin:/sbin" },
    { "DISPLAY", display },
    { "XDG_RUNTIME_DIR", runtime },
    { "DBUS_SESSION_BUS_ADDRESS", bus },
    { "XDG_SESSION_TYPE", "x11" },
    { "XDG_SESSION_CLASS", "user" },
    { "XDG_SEAT", "seat0" },
    { "XDG_CURRENT_DESKTOP", "Sandglass" },
    { "DESKTOP_SESSION", "sandglass" },
    { "XDG_DATA_DIRS", g_file_test (flatpak, G_FILE_TEST_IS_DIR)
                           ? "/usr/local/share:/usr/share:/var/lib/flatpak/exports/share"
                           : "/usr/local/share:/usr/share" },
  };
  char **env = g_new0 (char *, 1);

  for (guint i = 0; i < G_N_ELEMENTS (set); i++)
    env = g_environ_setenv (env, set[i][0], set[i][1], TRUE);
  return add_locale (env, root);
}
