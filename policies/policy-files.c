/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a directory to texts: which files count, and may be trusted.
 *
 * Each step is taken with openat() below what was opened and looked at before, and follows no link;
 * so nothing can be put in the place of what was checked. */
#include "common/fd.h"
#include "policies/policy-internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024)
#define FILES_MAX 1000

/* What is not safe about it, as a sentence with what mends it; NULL: nothing.  `sticky`: others may
 * add files, if they cannot touch this one (a parent directory). */
static char *
insecure (const struct stat *st, const char *path, uid_t owner, gboolean sticky)
{
  if (st->st_uid != 0 && st->st_uid != owner)
    return g_strdup_printf ("it belongs to user number %u and not to root, so it may have been "
                            "changed by others; to mend it: chown root:root '%s'",
                            (guint)st->st_uid, path);
  if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(sticky && (st->st_mode & S_ISVTX) != 0))
    return g_strdup_printf (
        "others than root may write it (mode %04o); to mend it: chmod go-w '%s'",
        (guint)(st->st_mode & 07777), path);
  return NULL;
}

static char *
unopened (int code, const char *path)
{
  if (code == ELOOP || code == ENOTDIR)
    return g_strdup_printf (
        "it is a link or no folder, and links are not followed; to mend it: put "
        "the file itself in place of '%s'",
        path);
  if (code == EACCES)
    return g_strdup_printf ("it cannot be read by everybody whom it is for; to mend it: chmod "
                            "a+rX '%s'",
                            path);
  return g_strdup_printf ("it cannot be opened: %s", g_strerror (code));
}

/* Opens DIR step by step from the root.  -1: *RET_WHY, or NULL where there is no such directory. */
static int
open_dir (const char *dir, uid_t owner, char **ret_why)
{
  g_auto (GStrv) parts = g_strsplit (dir, "/", -1);
  g_autoptr (GString) path = g_string_new ("/");
  sg_fd int at = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat st;

  for (guint i = 0; at >= 0; i++)
    {
      gboolean last = parts[i] == NULL;

      if (!last && parts[i][0] == '\0')
        continue;
      if (fstat (at, &st) < 0 || (*ret_why = insecure (&st, path->str, owner, !last)) != NULL)
        return -1;
      if (last)
        return openat (at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      g_string_append_printf (path, "%s%s", path->len > 1 ? "/" : "", parts[i]);
      int next = openat (at, parts[i], O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
      if (next < 0 && errno != ENOENT)
        *ret_why = unopened (errno, path->str);
      sg_fd_clear (&at);
      at = next;
    }
  return -1;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Names of the files that count, sorted.  NULL: the directory cannot be read. */
static GPtrArray *
list_names (int fd)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = fdopendir (fd);
  struct dirent *entry;

  if (dir == NULL)
    {
      close (fd);
      return NULL;
    }
  errno = 0;
  while ((entry = readdir (dir)) != NULL && names->len <= FILES_MAX)
    if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, ".conf"))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  int failed = entry == NULL ? errno : 0;
  closedir (dir);
  if (failed != 0)
    return NULL;
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static void
add_file (SgPolicy *policy, int dir, const char *name, const char *path, uid_t owner)
{
  sg_fd int fd = openat (dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  g_autofree char *why = NULL, *text = NULL;
  struct stat st;
  gssize got;

  if (fd < 0)
    why = unopened (errno, path);
  else if (fstat (fd, &st) < 0)
    why = g_strdup_printf ("it cannot be looked at: %s", g_strerror (errno));
  else if (!S_ISREG (st.st_mode))
    why = g_strdup_printf ("it is %s and no file; to mend it: take '%s' away",
                           S_ISDIR (st.st_mode) ? "a folder" : "something else", path);
  else
    why = insecure (&st, path, owner, FALSE);
  if (why == NULL)
    {
      text = g_malloc (FILE_MAX + 1);
      got = sg_read_all (fd, text, FILE_MAX + 1, NULL);
      if (got < 0)
        why = g_strdup ("it cannot be read");
      else if (got > FILE_MAX)
        why = g_strdup_printf ("it is larger than %d MB, which no policy is", FILE_MAX >> 20);
      else
        sg_policy_add_text (policy, path, text, (gsize)got);
    }
  if (why != NULL)
    sg_policy_add_problem (policy, path, 0, "%s", why);
}

void
sg_policy_add_dir (SgPolicy *policy, const char *dir, uid_t owner, gboolean must_exist)
{
  g_autofree char *path = g_canonicalize_filename (dir, NULL);
  g_autofree char *why = NULL;
  sg_fd int fd = open_dir (path, owner, &why);
  g_autoptr (GPtrArray) names = NULL;

  if (fd < 0)
    {
      if (why != NULL)
        sg_policy_add_problem (policy, path, 0, "%s", why);
      else if (must_exist)
        sg_policy_add_problem (policy, path, 0, "there is no such folder");
      return;
    }
  names = list_names (fcntl (fd, F_DUPFD_CLOEXEC, 0));
  if (names == NULL || names->len > FILES_MAX)
    {
      sg_policy_add_problem (policy, path, 0,
                             names == NULL
                                 ? "the folder cannot be read; to mend it: chmod a+rX '%s'"
                                 : "there are more files than anybody keeps in '%s'",
                             path);
      return;
    }
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);

      g_ptr_array_add (policy->files, g_strdup (file));
      add_file (policy, fd, names->pdata[i], file, owner);
    }
}

SgPolicy *
sg_policy_load_system (void)
{
  SgPolicy *policy = sg_policy_new ();

  sg_policy_add_dir (policy, SG_POLICY_DIR, 0, FALSE);
  return policy;
}
