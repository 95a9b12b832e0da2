/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Is it below that place" is asked by going up: ".." from the folder, until the root.  "Does it
 * contain that place" the same way from the place.  Both see through links and bind mounts, and
 * neither believes a name. */
#include "launcher/share-rules.h"

#include "common/fd.h"
#include "launcher/share-rules-table.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Deeper than any path the kernel takes. */
#define DEPTH_MOST 2048
const SgPlaceRule *
sg_share_rules (gsize *ret_n)
{
  *ret_n = G_N_ELEMENTS (rules);
  return rules;
}

static void
cover_free (gpointer data)
{
  SgShareCover *cover = data;

  g_free (cover->below);
  g_free (cover);
}

void
sg_share_verdict_free (SgShareVerdict *verdict)
{
  if (verdict == NULL)
    return;
  g_free (verdict->path);
  g_clear_pointer (&verdict->covers, g_ptr_array_unref);
  g_strfreev (verdict->warnings);
  g_free (verdict);
}

int
sg_share_open (const char *path, GError **error)
{
  struct open_how how
      = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
  int fd = (int)syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);

  if (fd >= 0)
    return fd;
  if (errno == ENOTDIR)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY,
                 _ ("'%s' is not a folder; share the folder that it is in"), path);
  else if (errno == ELOOP)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("'%s' cannot be shared: it leads through links of the kernel or in a circle"),
                 path);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "'%s' cannot be shared: %s",
                 path, g_strerror (errno));
  return -1;
}

/* --- going up -----------------------------------------------------------------------------------
 */

static gboolean
same (const struct stat *a, dev_t device, ino_t inode)
{
  return a->st_dev == device && a->st_ino == inode;
}

/* Device and inode of each folder from FD's up to the root, FD's first. */
static GArray *
look_up (int fd, GError **error)
{
  g_autoptr (GArray) chain = g_array_new (FALSE, FALSE, sizeof (struct stat));
  sg_fd int at = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  struct stat st;

  if (at < 0 || fstat (at, &st) < 0)
    {
      sg_errno (error, _ ("The folder cannot be looked at"));
      return NULL;
    }
  g_array_append_val (chain, st);
  while (chain->len < DEPTH_MOST)
    {
      sg_fd int up = openat (at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

      if (up < 0 || fstat (up, &st) < 0)
        {
          sg_errno (error, _ ("The folders above it cannot be looked at"));
          return NULL;
        }
      if (same (&st, g_array_index (chain, struct stat, chain->len - 1).st_dev,
                g_array_index (chain, struct stat, chain->len - 1).st_ino))
        return g_steal_pointer (&chain);
      g_array_append_val (chain, st);
      sg_fd_clear (&at);
      at = sg_fd_steal (&up);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The folder is nested too deeply"));
  return NULL;
}

/* Index of the folder in CHAIN, or -1. */
static int
find (const GArray *chain, const struct stat *st)
{
  for (guint i = 0; i < chain->len; i++)
    if (same (&g_array_index (chain, struct stat, i), st->st_dev, st->st_ino))
      return (int)i;
  return -1;
}

/* --- one place against the folder ---------------------------------------------------------------
 */

typedef struct
{
  const SgSharePlaces *places;
  gboolean writable;
  GArray *chain; /* of the folder */
  SgShareVerdict *verdict;
} Judge;

/* The real path of an open file. */
static char *
real_path (int fd, GError **error)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  char *path = g_file_read_link (link, error);

  if (path != NULL && *path != '/')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("The folder has no place any more"));
      g_clear_pointer (&path, g_free);
    }
  return path;
}

static gboolean
refuse (const Judge *judge, const char *why, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _ ("'%s' is not shared: %s"),
               judge->verdict->path, _ (why));
  return FALSE;
}

/* Refuses because of PLACE, which is the folder itself or lies above or below it. */
static gboolean
refuse_writing (const Judge *judge, const char *place, const char *why, GError **error)
{
  gboolean itself = g_str_equal (place, judge->verdict->path);

  if (itself)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("'%s' is not shared for writing: %s. It can be shared for reading"), place,
                 _ (why));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("'%s' is not shared for writing because of '%s': %s. It can be shared for "
                    "reading"),
                 judge->verdict->path, place, _ (why));
  return FALSE;
}

static gboolean
is_below (const char *path, const char *dir)
{
  gsize length = strlen (dir);

  return g_str_has_prefix (path, dir) && (path[length] == '/' || path[length] == '\0');
}

static gboolean
add_cover (const Judge *judge, const char *real, const char *why, const struct stat *st,
           GError **error)
{
  const char *path = judge->verdict->path;
  GPtrArray *covers = judge->verdict->covers;
  gsize length = strlen (path);
  SgShareCover *cover;

  /* Contained, but by another way than its own path (a bind mount): where in the folder it shows
   * is not known, so nothing of it is shown. */
  if (!g_str_has_prefix (real, path) || (real[length] != '/' && length > 1))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _ ("'%s' is not shared: it contains '%s', %s"), path, real, _ (why));
      return FALSE;
    }
  real += length + (length > 1);
  for (guint i = 0; i < covers->len; i++)
    if (is_below (real, ((SgShareCover *)g_ptr_array_index (covers, i))->below))
      return TRUE; /* hidden already */
  cover = g_new0 (SgShareCover, 1);
  cover->below = g_strdup (real);
  cover->why = why;
  cover->device = st->st_dev;
  cover->inode = st->st_ino;
  cover->is_dir = S_ISDIR (st->st_mode);
  g_ptr_array_add (covers, cover);
  return TRUE;
}

/* The chain of folders that contain a place, whose REAL path was just walked.  Not from the place
 * itself: it may be closed to us, which the folders above it are not. */
static GArray *
containers (const char *real, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (real);
  sg_fd int above = sg_open_at (AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, error);

  return above >= 0 ? look_up (above, error) : NULL;
}

static gboolean
judge_opened (const Judge *judge, int place, SgPlaceKind kind, const char *why, GError **error)
{
  g_autofree char *real = real_path (place, error);
  g_autoptr (GArray) chain = NULL;
  struct stat st;
  int within;
  gboolean contains;

  if (real == NULL || fstat (place, &st) < 0)
    return error == NULL || *error != NULL || sg_errno (error, _ ("A place cannot be looked at"));
  within = find (judge->chain, &st);
  if (kind == SG_PLACE_ITSELF)
    return within != 0 || refuse (judge, why, error);
  if (kind == SG_PLACE_NEVER && within >= 0)
    return refuse (judge, why, error);
  if (kind == SG_PLACE_NEVER || judge->writable)
    {
      chain = containers (real, error);
      if (chain == NULL)
        return FALSE;
    }
  contains = chain != NULL && find (chain, &g_array_index (judge->chain, struct stat, 0)) >= 0;
  if (kind == SG_PLACE_NEVER)
    return !contains || add_cover (judge, real, why, &st, error);
  if (!judge->writable)
    return TRUE;
  if (contains || (within >= 0 && kind == SG_PLACE_NO_WRITING) || within == 0)
    return refuse_writing (judge, real, why, error);
  return TRUE;
}

/* A place that is not there cannot be in the way; one that cannot be looked at is inside something
 * that the sandbox, with our own rights, cannot look at either. */
static gboolean
judge_path (const Judge *judge, const char *path, SgPlaceKind kind, const char *why, GError **error)
{
  sg_fd int place = path != NULL && *path == '/' ? open (path, O_PATH | O_CLOEXEC) : -1;

  return place < 0 || judge_opened (judge, place, kind, why, error);
}

static gboolean
judge_search_path (const Judge *judge, const SgPlaceRule *rule, GError **error)
{
  g_auto (GStrv) dirs
      = g_strsplit (judge->places->path != NULL ? judge->places->path : "", ":", -1);

  for (char **dir = dirs; *dir != NULL; dir++)
    if (!judge_path (judge, *dir, rule->kind, rule->why, error))
      return FALSE;
  return TRUE;
}

static gboolean
judge_rule (const Judge *judge, const SgPlaceRule *rule, GError **error)
{
  const SgSharePlaces *places = judge->places;
  g_autofree char *joined = NULL;
  const char *path = rule->where;

  if (g_str_equal (path, "@path"))
    return judge_search_path (judge, rule, error);
  if (g_str_equal (path, "@runtime"))
    path = places->runtime;
  else if (g_str_equal (path, "@cache"))
    path = places->cache;
  else if (g_str_equal (path, "@config"))
    path = places->config;
  else if (*path == '~' && places->home == NULL)
    return TRUE;
  else if (*path == '~')
    path = joined = g_strconcat (places->home, path + 1, NULL);
  return judge_path (judge, path, rule->kind, rule->why, error);
}

/* --- what no table of paths knows ---------------------------------------------------------------
 */

/* The kernel's own file systems, wherever they are mounted. */
static gboolean
is_files (const Judge *judge, int fd, GError **error)
{
  static const long kernels[]
      = { PROC_SUPER_MAGIC,    SYSFS_MAGIC,   DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC,
          CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,      SECURITYFS_MAGIC,
          SELINUX_MAGIC,       BPF_FS_MAGIC,  EFIVARFS_MAGIC };
  struct statfs fs;

  if (fstatfs (fd, &fs) < 0)
    return sg_errno (error, "'%s' cannot be shared", judge->verdict->path);
  for (gsize i = 0; i < G_N_ELEMENTS (kernels); i++)
    if (fs.f_type == kernels[i])
      return refuse (judge, KERNEL, error);
  return TRUE;
}

/* What programs keep in a hidden folder of the home folder they also run: settings with commands in
 * them, extensions, programs of their own.  By the real path, for there is no list of them. */
static gboolean
is_not_hidden (const Judge *judge, GError **error)
{
  const char *path = judge->verdict->path;
  sg_fd int home = judge->writable && judge->places->home != NULL
                       ? open (judge->places->home, O_PATH | O_CLOEXEC)
                       : -1;
  g_autofree char *real = home >= 0 ? real_path (home, NULL) : NULL;
  g_autofree char *place = NULL;
  gsize length;

  if (real == NULL || !is_below (path, real))
    return TRUE;
  length = strlen (real);
  if (path[length] != '/' || path[length + 1] != '.')
    return TRUE;
  place = g_strndup (path, length + 1 + strcspn (path + length + 1, "/"));
  return refuse_writing (judge, place, STARTS, error);
}

static gboolean
has_git (int fd)
{
  struct stat st;

  return fstatat (fd, ".git", &st, AT_SYMLINK_NOFOLLOW) == 0
         || (fstatat (fd, "HEAD", &st, 0) == 0 && fstatat (fd, "hooks", &st, 0) == 0);
}

static void
warn (const Judge *judge, int fd)
{
  GPtrArray *words = g_ptr_array_new ();

  for (guint i = 0; i < judge->verdict->covers->len; i++)
    {
      const SgShareCover *cover = g_ptr_array_index (judge->verdict->covers, i);
      g_ptr_array_add (words, g_strdup_printf (_ ("'%s' in it is empty inside the sandbox: %s"),
                                               cover->below, _ (cover->why)));
    }
  if (judge->writable && has_git (fd))
    g_ptr_array_add (words, g_strdup (_ ("there is a Git repository in it: what the sandbox writes "
                                         "there (hooks, settings) can make your own `git` run "
                                         "programs outside the sandbox")));
  g_ptr_array_add (words, NULL);
  judge->verdict->warnings = (char **)g_ptr_array_free (words, FALSE);
}

static gboolean
carry_out (const Judge *judge, int fd, GError **error)
{
  if (!is_files (judge, fd, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (!judge_rule (judge, &rules[i], error))
      return FALSE;
  if (!is_not_hidden (judge, error))
    return FALSE;
  return judge->places->allow == NULL
         || judge->places->allow (judge->verdict->path, judge->writable, judge->places->data,
                                  error);
}

SgShareVerdict *
sg_share_judge (int fd, gboolean writable, const SgSharePlaces *places, GError **error)
{
  g_autoptr (SgShareVerdict) verdict = g_new0 (SgShareVerdict, 1);
  g_autoptr (GArray) chain = NULL;
  Judge judge = { places, writable, NULL, verdict };
  struct stat st;

  if (fstat (fd, &st) < 0)
    {
      sg_errno (error, _ ("The folder cannot be looked at"));
      return NULL;
    }
  if (!S_ISDIR (st.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY,
                   _ ("Only a folder can be shared; share the one that the file is in"));
      return NULL;
    }
  verdict->device = st.st_dev;
  verdict->inode = st.st_ino;
  verdict->covers = g_ptr_array_new_with_free_func (cover_free);
  verdict->path = real_path (fd, error);
  judge.chain = chain = verdict->path != NULL ? look_up (fd, error) : NULL;
  if (chain == NULL || !carry_out (&judge, fd, error))
    return NULL;
  warn (&judge, fd);
  return g_steal_pointer (&verdict);
}
