/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/paths.h"

#include <fnmatch.h>
#include <string.h>

#define PATH_MOST 4095

/* ---- variables */

static const char *
from_environment (const SgProfileHost *host, const char *name)
{
  if (host->environment == NULL)
    return NULL;
  const char *value = g_environ_getenv ((char **)host->environment, name);
  if (value != NULL)
    return value;
  g_autofree char *upper = g_ascii_strup (name, -1);
  return g_environ_getenv ((char **)host->environment, upper);
}

/* NULL: not set.  The home folder is the one that we were told, whatever $HOME says. */
static const char *
variable (const SgProfileHost *host, const char *name)
{
  static const char *const home[] = { "HOME", "USERPROFILE", "HOMEPATH" };

  for (gsize i = 0; i < G_N_ELEMENTS (home); i++)
    if (g_ascii_strcasecmp (name, home[i]) == 0)
      return host->home;
  if (g_ascii_strcasecmp (name, "USERNAME") == 0 || strcmp (name, "USER") == 0)
    return host->user;
  if (g_ascii_strcasecmp (name, "HOMEDRIVE") == 0)
    return "";
  return from_environment (host, name);
}

static gsize
name_length (const char *p)
{
  gsize n = 0;

  if (!g_ascii_isalpha (*p) && *p != '_')
    return 0;
  while (g_ascii_isalnum (p[n]) || p[n] == '_')
    n++;
  return n;
}

/* Length of a variable that begins at P ("%A%", "$A", "${A}"); 0: none.  *RET_NAME is taken over.
 */
static gsize
variable_at (const char *p, char **ret_name)
{
  gsize n;

  if (p[0] == '%' && (n = name_length (p + 1)) > 0 && p[1 + n] == '%')
    {
      *ret_name = g_strndup (p + 1, n);
      return n + 2;
    }
  if (p[0] == '$' && p[1] == '{' && (n = name_length (p + 2)) > 0 && p[2 + n] == '}')
    {
      *ret_name = g_strndup (p + 2, n);
      return n + 3;
    }
  if (p[0] == '$' && (n = name_length (p + 1)) > 0)
    {
      *ret_name = g_strndup (p + 1, n);
      return n + 1;
    }
  return 0;
}

static char *
expand (const char *written, const SgProfileHost *host, char **ret_why)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = written; *p != '\0' && out->len <= PATH_MOST;)
    {
      g_autofree char *name = NULL;
      gsize len = variable_at (p, &name);
      const char *value = len > 0 ? variable (host, name) : NULL;

      if (len == 0)
        g_string_append_c (out, *p++);
      else if (value != NULL)
        {
          g_string_append (out, value);
          p += len;
        }
      else
        {
          *ret_why = g_strdup_printf ("the variable '%s' is not set on this computer", name);
          return NULL;
        }
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* ---- Windows */

static gboolean
has_drive (const char *path)
{
  return g_ascii_isalpha (path[0]) && path[1] == ':';
}

/* "C:/Users/NAME/rest" -> HOME/rest; NULL: another place of a Windows disk. */
static char *
map_drive (const char *path, const char *home)
{
  const char *users = "/Users/", *rest;

  if (g_ascii_tolower (path[0]) != 'c'
      || g_ascii_strncasecmp (path + 2, users, strlen (users)) != 0)
    return NULL;
  rest = path + 2 + strlen (users);
  gsize name = strcspn (rest, "/");
  if (name == 0 || (name == 6 && g_ascii_strncasecmp (rest, "Public", 6) == 0)
      || (name == 7 && g_ascii_strncasecmp (rest, "Default", 7) == 0))
    return NULL;
  return g_strconcat (home, rest + name, NULL);
}

/* Backslashes are separators, except in a path that begins as only ours do. */
static char *
slashes (const char *path)
{
  char *out = g_strdup (path);

  if (path[0] != '/' && path[0] != '~' && path[0] != '$')
    g_strdelimit (out, "\\", '/');
  return out;
}

static char *
fit (char *path, char **ret_why)
{
  if (strlen (path) <= PATH_MOST)
    return path;
  g_free (path);
  *ret_why = g_strdup ("the path is longer than this computer allows");
  return NULL;
}

char *
sg_path_map_host (const char *written, const SgProfileHost *host, char **ret_why)
{
  g_autofree char *separated = slashes (written);
  g_autofree char *path = NULL, *mapped = NULL;

  if (g_str_has_prefix (separated, "//") && separated[0] != written[0])
    {
      *ret_why
          = g_strdup ("folders of other computers cannot be given; mount it here, and name the "
                      "place where it is mounted");
      return NULL;
    }
  path = expand (separated, host, ret_why);
  if (path == NULL)
    return NULL;
  if (has_drive (path))
    {
      mapped = map_drive (path, host->home);
      if (mapped == NULL)
        {
          *ret_why = g_strdup ("it is a place on a Windows disk, and only C:\\Users\\NAME has a "
                               "counterpart here, the home folder");
          return NULL;
        }
      return fit (g_canonicalize_filename (mapped, "/"), ret_why);
    }
  if (path[0] == '~' && (path[1] == '/' || path[1] == '\0'))
    mapped = g_strconcat (host->home, path + 1, NULL);
  else if (path[0] == '~')
    {
      *ret_why = g_strdup ("of home folders only '~/', your own, can be named");
      return NULL;
    }
  else if (path[0] != '/' && host->dir == NULL)
    {
      *ret_why = g_strdup ("a path must begin with '/' or '~/' where the profile is no file");
      return NULL;
    }
  return fit (g_canonicalize_filename (mapped != NULL ? mapped : path, host->dir), ret_why);
}

/* ---- inside */

/* A folder mounted there would break the sandbox itself. */
static gboolean
is_system (const char *path)
{
  static const char *const places[] = { "/bin",  "/boot", "/dev",  "/etc", "/lib", "/lib64",
                                        "/proc", "/run",  "/sbin", "/sys", "/usr" };

  if (path[1] == '\0')
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      gsize len = strlen (places[i]);
      if (strncmp (path, places[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
        return TRUE;
    }
  return FALSE;
}

char *
sg_path_map_sandbox (const char *written, char **ret_why)
{
  const SgProfileHost inside
      = { .home = SG_SANDBOX_HOME, .user = "sandbox", .dir = SG_SANDBOX_DESKTOP };
  char *path = sg_path_map_host (written, &inside, ret_why);

  if (path != NULL && is_system (path))
    {
      *ret_why = g_strdup_printf ("'%s' belongs to the sandbox's system", path);
      g_clear_pointer (&path, g_free);
    }
  else if (path != NULL
           && (strcmp (path, SG_SANDBOX_HOME) == 0 || strcmp (path, "/home") == 0
               || strcmp (path, "/var") == 0))
    {
      *ret_why = g_strdup_printf ("'%s' would cover everything that is in it", path);
      g_clear_pointer (&path, g_free);
    }
  return path;
}

/* ---- globs */

gboolean
sg_path_under_glob (const char *path, const char *glob)
{
  /* Not FNM_PERIOD: "~/.ssh" is what people want to name with a star, too. */
  return fnmatch (glob, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0
         || strcmp (glob, "/") == 0; /* everything lies in it */
}

gboolean
sg_path_above_glob (const char *path, const char *glob)
{
  const char *end = glob;
  guint parts = 0;

  if (strcmp (path, "/") == 0)
    return TRUE;
  for (const char *p = path; *p != '\0'; p++)
    parts += *p == '/';
  for (; parts > 0 && *end == '/'; parts--)
    end += 1 + strcspn (end + 1, "/");
  if (parts > 0 || *end == '\0')
    return FALSE;
  g_autofree char *head = g_strndup (glob, (gsize)(end - glob));
  return fnmatch (head, path, FNM_PATHNAME) == 0;
}
