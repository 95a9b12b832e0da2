/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a scan knows and says: its root, its decisions, the file systems that count, and where it
 * begins.  scan-walk.c does the walking. */
#include "baseimage/scan-internal.h"

#include "common/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- new, free, facts ---- */

static guint
shared_hash (gconstpointer key)
{
  const SgScanShared *shared = key;

  return (guint)(shared->ino ^ shared->ino >> 32 ^ shared->dev * 31);
}

static gboolean
shared_equal (gconstpointer a, gconstpointer b)
{
  const SgScanShared *x = a, *y = b;

  return x->ino == y->ino && x->dev == y->dev;
}

SgScan *
sg_scan_new (const char *root, SgTree *tree, GCancellable *cancellable, GError **error)
{
  sg_fd int fd = sg_open_at (AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, error);
  struct stat st;
  struct statfs fs;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) < 0 || fstatfs (fd, &fs) < 0)
    {
      sg_errno (error, "Cannot look at %s", root);
      return NULL;
    }
  SgScan *scan = g_new0 (SgScan, 1);
  scan->root = g_strdup (strcmp (root, "/") == 0 ? "" : root);
  scan->rootfd = sg_fd_steal (&fd);
  scan->owner = st.st_uid;
  scan->root_type = (guint64)fs.f_type;
  scan->tree = tree;
  scan->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  scan->packages = sg_packages_start (root, cancellable);
  scan->dirs = g_array_new (FALSE, FALSE, sizeof (SgScanDir));
  scan->shared = g_hash_table_new_full (shared_hash, shared_equal, g_free, NULL);
  scan->left_out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  scan->devices = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_mutex_init (&scan->lock);
  g_cond_init (&scan->more);
  g_cond_init (&scan->over);
  return scan;
}

void
sg_scan_free (SgScan *scan)
{
  if (scan == NULL)
    return;
  sg_packages_free (scan->packages);
  sg_fd_clear (&scan->rootfd);
  g_array_unref (scan->dirs);
  g_hash_table_unref (scan->shared);
  g_hash_table_unref (scan->left_out);
  g_hash_table_unref (scan->devices);
  g_mutex_clear (&scan->lock);
  g_cond_clear (&scan->more);
  g_cond_clear (&scan->over);
  g_clear_object (&scan->cancellable);
  g_clear_error (&scan->error);
  g_free (scan->watched_path);
  g_free (scan->watch);
  g_free (scan->root);
  g_free (scan);
}

const char *
sg_scan_root (const SgScan *scan)
{
  return scan->root;
}

int
sg_scan_rootfd (const SgScan *scan)
{
  return scan->rootfd;
}

SgTree *
sg_scan_tree (SgScan *scan)
{
  return scan->tree;
}

SgPackages *
sg_scan_packages (SgScan *scan)
{
  return scan->packages;
}

uid_t
sg_scan_owner (const SgScan *scan)
{
  return scan->owner;
}

/* ---- decisions ---- */

static gboolean
leads_to (const char *path, const char *watch)
{
  gsize len = strlen (path);

  return strncmp (path, watch, len) == 0 && (watch[len] == '\0' || watch[len] == '/');
}

/* Inside is an empty directory, and what is in it on this computer is missing. */
gboolean
sg_scan_is_told_though_in (const SgRule *rule)
{
  return strcmp (rule->id, "closed-directory") == 0 || strcmp (rule->id, "homes") == 0;
}

void
sg_scan_decide_locked (SgScan *scan, const char *path, const SgRule *rule)
{
  if (rule->verdict == SG_RULE_OUT || sg_scan_is_told_though_in (rule))
    g_hash_table_replace (scan->left_out, g_strdup (path), (gpointer)rule);
  if (scan->watch == NULL || !leads_to (path, scan->watch)
      || (scan->watched_path != NULL && strlen (scan->watched_path) > strlen (path)))
    return;
  g_free (scan->watched_path);
  scan->watched_path = g_strdup (path);
  scan->watched_rule = rule;
}

void
sg_scan_decide (SgScan *scan, const char *path, const SgRule *rule)
{
  g_mutex_lock (&scan->lock);
  sg_scan_decide_locked (scan, path, rule);
  g_mutex_unlock (&scan->lock);
}

void
sg_scan_watch (SgScan *scan, const char *path)
{
  g_free (scan->watch);
  scan->watch = g_strdup (path);
}

const SgRule *
sg_scan_watched (SgScan *scan, const char **ret_path)
{
  *ret_path = scan->watched_path;
  return scan->watched_rule;
}

static gint
by_bytes (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A name may hold anything but NUL and '/': on its line it is escaped. */
char *
sg_scan_left_out (SgScan *scan, guint *ret_n)
{
  g_autofree gpointer *paths = g_hash_table_get_keys_as_array (scan->left_out, ret_n);
  GString *text = g_string_new (NULL);

  if (*ret_n > 0)
    qsort (paths, *ret_n, sizeof *paths, by_bytes);
  for (guint i = 0; i < *ret_n; i++)
    {
      const SgRule *rule = g_hash_table_lookup (scan->left_out, paths[i]);
      g_autofree char *valid = g_utf8_make_valid (paths[i], -1);
      g_strdelimit (valid, "\n\r\t", '?');
      g_string_append_printf (text, "%s\t%s: %s\n", valid, rule->id, rule->reason);
    }
  return g_string_free (text, FALSE);
}

/* ---- file systems ---- */

static gboolean
is_installed_on (guint64 type)
{
  static const guint64 types[] = {
    0xef53,     /* ext2, 3, 4 */
    0x58465342, /* xfs */
    0x9123683e, /* btrfs */
    0xf2f52010, /* f2fs */
    0xca451a4e, /* bcachefs */
    0x2fc12fc1, /* zfs */
    0x3153464a, /* jfs */
    0x794c7630, /* overlay: live systems, ostree, containers */
    0xe0f5e1e2, /* erofs */
    0x73717368, /* squashfs */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i] == type)
      return TRUE;
  return FALSE;
}

gboolean
sg_scan_is_system_fs (SgScan *scan, int fd, dev_t dev)
{
  gint64 key = (gint64)dev;
  struct statfs fs;

  g_mutex_lock (&scan->lock);
  gpointer known = g_hash_table_lookup (scan->devices, &key);
  g_mutex_unlock (&scan->lock);
  if (known != NULL)
    return GPOINTER_TO_INT (known) == 1;
  gboolean good
      = fstatfs (fd, &fs) == 0
        && (is_installed_on ((guint64)fs.f_type) || (guint64)fs.f_type == scan->root_type);
  g_mutex_lock (&scan->lock);
  g_hash_table_replace (scan->devices, g_memdup2 (&key, sizeof key),
                        GINT_TO_POINTER (good ? 1 : 2));
  g_mutex_unlock (&scan->lock);
  return good;
}

/* ---- beginnings ---- */

int
sg_scan_open (const SgScan *scan, const char *path)
{
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                          .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

  return (int)syscall (SYS_openat2, scan->rootfd, path, &how, sizeof how);
}

/* In /etc and /var a directory holds something else than on the host, and there its time moves with
 * every log and lease: equal systems would have unequal bases. */
gboolean
sg_scan_has_own_time (mode_t mode, const char *path)
{
  return !S_ISDIR (mode) || (strncmp (path, "/etc", 4) != 0 && strncmp (path, "/var", 4) != 0);
}

/* The directory FD in the tree at PATH with the host's rights.  What is there stays in it. */
static SgNode *
put_host_dir (SgScan *scan, const char *path, const struct stat *st)
{
  SgNode *node = sg_tree_put_dir (scan->tree, path, st->st_mode & 07777, st->st_uid, st->st_gid);

  if (sg_scan_has_own_time (st->st_mode, path))
    {
      node->inode->mtime_sec = st->st_mtim.tv_sec;
      node->inode->mtime_nsec = (guint32)st->st_mtim.tv_nsec;
    }
  return node;
}

static gboolean
look_up (const SgScan *scan, const char *path, struct stat *ret_st)
{
  g_autofree char *relative = g_strdup (path + 1);

  /* Every parent must be open to others; a link on the way is another directory's business. */
  for (char *slash = strchr (relative, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      gboolean open = fstatat (scan->rootfd, relative, ret_st, AT_SYMLINK_NOFOLLOW) == 0
                      && S_ISDIR (ret_st->st_mode) && (ret_st->st_mode & S_IXOTH) != 0;
      *slash = '/';
      if (!open)
        return FALSE;
    }
  return fstatat (scan->rootfd, relative, ret_st, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
sg_scan_take_dir (SgScan *scan, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  struct stat st;

  if (!look_up (scan, path, &st) || !S_ISDIR (st.st_mode))
    return FALSE;
  SgNode *there = sg_tree_lookup (scan->tree, path);
  if (there != NULL)
    return S_ISDIR (there->inode->mode);
  if (strcmp (parent, "/") != 0 && !sg_scan_take_dir (scan, parent))
    return FALSE;
  put_host_dir (scan, path, &st);
  return TRUE;
}

void
sg_scan_add (SgScan *scan, const char *path, SgZone zone)
{
  struct stat st;

  if (!look_up (scan, path, &st))
    return;
  if (S_ISLNK (st.st_mode))
    {
      char target[PATH_MAX];
      ssize_t n = readlinkat (scan->rootfd, path + 1, target, sizeof target - 1);
      if (n <= 0)
        return;
      target[n] = '\0';
      SgNode *node = sg_tree_put_link (scan->tree, path, target);
      node->inode->uid = st.st_uid;
      node->inode->gid = st.st_gid;
      node->inode->mtime_sec = st.st_mtim.tv_sec;
      node->inode->mtime_nsec = (guint32)st.st_mtim.tv_nsec;
      sg_scan_decide (scan, path, sg_rules_get ("system"));
      return;
    }
  if (!S_ISDIR (st.st_mode) || !sg_scan_take_dir (scan, path))
    return;
  gboolean open = (st.st_mode & (S_IROTH | S_IXOTH)) == (S_IROTH | S_IXOTH);
  if (!open)
    {
      sg_scan_decide (scan, path, sg_rules_get ("closed-directory"));
      return;
    }
  SgScanDir dir = { sg_tree_lookup (scan->tree, path), sg_tree_string (scan->tree, path), zone };
  g_array_append_val (scan->dirs, dir);
}
