/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* As login.defs has them on the distributions we know; the user finds administration tools too,
 * for in here he is the administrator. */
#define PATH_OF_ROOT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PATH_OF_USER                                                                               \
  "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/local/sbin:/usr/sbin:/sbin"

void
login_free (Login *login)
{
  if (login == NULL)
    return;
  g_free (login->name);
  g_free (login->home);
  g_free (login->shell);
  g_free (login->groups);
  g_free (login);
}

static Login *
login_new (const struct passwd *entry)
{
  Login *login = g_new0 (Login, 1);
  int n = 64;

  login->name = g_strdup (entry->pw_name);
  login->home = g_strdup (entry->pw_dir[0] == '/' ? entry->pw_dir : "/");
  login->shell = g_strdup (entry->pw_shell[0] == '/' ? entry->pw_shell : "/bin/sh");
  login->uid = entry->pw_uid;
  login->gid = entry->pw_gid;
  login->groups = g_new (gid_t, 64);
  if (getgrouplist (login->name, login->gid, login->groups, &n) < 0)
    {
      login->groups = g_renew (gid_t, login->groups, n);
      if (getgrouplist (login->name, login->gid, login->groups, &n) < 0)
        n = 0;
    }
  login->n_groups = n;
  return login;
}

Login *
login_find (const char *name, char **ret_why)
{
  const struct passwd *entry = getpwnam (name);

  if (entry == NULL)
    *ret_why = g_strdup_printf ("There is no user %s in the sandbox", name);
  else if (geteuid () != 0 && entry->pw_uid != geteuid ())
    *ret_why = g_strdup_printf ("Only root may run commands as %s", name);
  else
    return login_new (entry);
  return NULL;
}

Login *
login_self (void)
{
  const struct passwd *entry = getpwuid (geteuid ());
  struct passwd nameless = { .pw_name = "nobody",
                             .pw_dir = "/",
                             .pw_shell = "/bin/sh",
                             .pw_uid = geteuid (),
                             .pw_gid = getegid () };

  return login_new (entry != NULL ? entry : &nameless);
}

/* LANG and its like, from the file that this distribution keeps them in. */
static char **
add_locale (char **env)
{
  static const char *const places[] = { "/etc/default/locale", "/etc/locale.conf" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      if (!g_file_get_contents (places[i], &text, NULL, NULL))
        continue;
      lines = g_strsplit (text, "\n", -1);
      for (char **line = lines; *line != NULL; line++)
        {
          char *equals = strchr (*line, '=');
          g_autofree char *value = equals != NULL ? g_shell_unquote (equals + 1, NULL) : NULL;

          if (value == NULL
              || (!g_str_has_prefix (*line, "LANG") && !g_str_has_prefix (*line, "LC_")))
            continue;
          *equals = '\0';
          env = g_environ_setenv (env, *line, value, TRUE);
        }
      break;
    }
  return env;
}

/* The proxies of the host's desktop, where the network is on (net/main.c writes them). */
static char **
add_network (char **env)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/run/sandglass/network.env", &text, NULL, NULL))
    return env;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *equals = strchr (*line, '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      env = g_environ_setenv (env, *line, equals + 1, TRUE);
    }
  return env;
}

/* What only the user's own session may use. */
static gboolean
is_of_session (const char *name)
{
  return g_str_equal (name, "DBUS_SESSION_BUS_ADDRESS") || g_str_has_prefix (name, "XDG_");
}

static char **
add_desktop (char **env, const Agent *agent, const Login *login)
{
  g_auto (GStrv) said = desktop_environment (agent->desktop);

  for (char **entry = said; *entry != NULL; entry++)
    {
      char *equals = strchr (*entry, '=');

      *equals = '\0';
      if (g_str_equal (login->name, AGENT_USER) || !is_of_session (*entry))
        env = g_environ_setenv (env, *entry, equals + 1, TRUE);
    }
  return env;
}

static char *
runtime_dir (const Login *login)
{
  return g_strdup_printf ("/run/user/%u", (unsigned)login->uid);
}

char **
login_environment (const Agent *agent, const Login *login)
{
  g_autofree char *runtime = runtime_dir (login);
  char **env = g_new0 (char *, 1);

  env = g_environ_setenv (env, "HOME", login->home, TRUE);
  env = g_environ_setenv (env, "USER", login->name, TRUE);
  env = g_environ_setenv (env, "LOGNAME", login->name, TRUE);
  env = g_environ_setenv (env, "SHELL", login->shell, TRUE);
  env = g_environ_setenv (env, "PATH", login->uid == 0 ? PATH_OF_ROOT : PATH_OF_USER, TRUE);
  if (access (runtime, F_OK) == 0)
    env = g_environ_setenv (env, "XDG_RUNTIME_DIR", runtime, TRUE);
  return add_desktop (login_add_look (add_network (add_locale (env))), agent, login);
}

void
login_make_runtime_dir (const Login *login)
{
  g_autofree char *dir = runtime_dir (login);

  if (geteuid () != 0 || mkdir ("/run/user", 0755) < 0)
    if (errno != EEXIST || geteuid () != 0)
      return;
  if (mkdir (dir, 0700) == 0 && chown (dir, login->uid, login->gid) < 0)
    rmdir (dir);
}
