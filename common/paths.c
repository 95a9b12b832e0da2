/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/paths.h"

#include "common/fd.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

char *
sg_paths_cache (void)
{
  return g_build_filename (g_get_user_cache_dir (), "sandglass", NULL);
}

char *
sg_paths_config (void)
{
  return g_build_filename (g_get_user_config_dir (), "sandglass", NULL);
}

#define MAKE_TRIES 100

/* Makes DIR with mode 0700, or accepts one that is a real directory, ours, and closed to others.
 * The last session to end removes it: one that was there for mkdir may be gone for lstat. */
static gboolean
private_directory (const char *dir, GError **error)
{
  struct stat st;
  int seen = -1;

  for (int tries = 0; seen < 0 && tries < MAKE_TRIES; tries++)
    {
      if (mkdir (dir, 0700) < 0 && errno != EEXIST)
        return sg_errno (error, "Cannot create %s", dir);
      seen = lstat (dir, &st);
      if (seen < 0 && errno != ENOENT)
        break;
    }
  if (seen < 0)
    return sg_errno (error, "Cannot look at %s", dir);
  if (!S_ISDIR (st.st_mode) || st.st_uid != geteuid () || (st.st_mode & 0077) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "%s is not a private directory of this user; remove it and try again", dir);
      return FALSE;
    }
  return TRUE;
}

char *
sg_paths_runtime (GError **error)
{
  const char *xdg = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *run_user = g_strdup_printf ("/run/user/%u", (unsigned)geteuid ());
  g_autofree char *dir = NULL;

  if (xdg != NULL && g_path_is_absolute (xdg) && access (xdg, W_OK | X_OK) == 0)
    dir = g_build_filename (xdg, "sandglass", NULL);
  else if (access (run_user, W_OK | X_OK) == 0)
    dir = g_build_filename (run_user, "sandglass", NULL);
  else
    dir = g_strdup_printf ("/tmp/sandglass-%u", (unsigned)geteuid ());
  if (!private_directory (dir, error))
    return NULL;
  return g_steal_pointer (&dir);
}

/* The directory of the running program; NULL where /proc is not there. */
static char *
own_directory (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  return self != NULL ? g_path_get_dirname (self) : NULL;
}

static char *
find_beside_or_installed (const char *name, GFileTest test, GError **error)
{
  g_autofree char *own = own_directory ();
  g_autofree char *installed = g_build_filename (SG_LIBEXECDIR, name, NULL);

  if (own != NULL)
    {
      g_autofree char *beside = g_build_filename (own, name, NULL);
      if (g_file_test (beside, test))
        return g_steal_pointer (&beside);
    }
  if (g_file_test (installed, test))
    return g_steal_pointer (&installed);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "%s is missing from this installation of Sandglass; install it again", name);
  return NULL;
}

char *
sg_paths_program (const char *name, GError **error)
{
  return find_beside_or_installed (name, G_FILE_TEST_IS_REGULAR, error);
}

char *
sg_paths_guest (GError **error)
{
  return find_beside_or_installed ("guest", G_FILE_TEST_IS_DIR, error);
}
