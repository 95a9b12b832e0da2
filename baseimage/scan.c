/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner: a stack of directories and a few threads.
 *
 *   take a directory from the stack  (lock)
 *   read its names, look at each, ask the rules         <- all system calls are here
 *   enter what is in into the tree, push directories    (lock)
 *
 * A directory is opened by its path with links refused, so that nobody leads the scanner out of the
 * tree while it runs; names are looked at in the order of their inodes, which a cold disk likes,
 * and entered in the order of their bytes, which the tree likes. */
#include "baseimage/scan-internal.h"

#include "common/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define THREADS_MAX 8
#define PROGRESS_USEC 60000
#define PATHS_GUESSED 200000 /* as long as the package database is not read */

typedef struct
{
  SgNode *node;
  const char *path; /* in the tree's arena, absolute; "" for the root */
  SgZone zone;
} Dir;

/* A file that has more than one name. */
typedef struct
{
  guint64 dev, ino;
  SgInode *inode;
} Shared;

struct SgScan
{
  char *root; /* owned; "" for "/", so that paths can be put behind */
  int rootfd; /* owned */
  uid_t owner;
  guint64 root_type;         /* f_type of the root's file system */
  SgTree *tree;              /* not owned */
  GCancellable *cancellable; /* owned, may be NULL */
  SgPackages *packages;      /* owned */

  GMutex lock;  /* guards everything below, and the tree */
  GCond more;   /* a directory was pushed, or all is done */
  GCond over;   /* all is done */
  GArray *dirs; /* Dir, a stack */
  guint busy;   /* threads in a directory */
  GHashTable *shared;
  GHashTable *left_out; /* path -> rule */
  GHashTable *devices;  /* dev -> 1 (a system's file system) or 2 (another) */
  guint64 n_entries;
  GError *error; /* owned; the first */
  char *watch;   /* owned, may be NULL */
  char *watched_path;
  const SgRule *watched_rule;
};

/* ---- new, free, facts ---- */

static guint
shared_hash (gconstpointer key)
{
  const Shared *shared = key;

  return (guint)(shared->ino ^ shared->ino >> 32 ^ shared->dev * 31);
}

static gboolean
shared_equal (gconstpointer a, gconstpointer b)
{
  const Shared *x = a, *y = b;

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
  scan->dirs = g_array_new (FALSE, FALSE, sizeof (Dir));
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
static gboolean
is_told_though_in (const SgRule *rule)
{
  return strcmp (rule->id, "closed-directory") == 0 || strcmp (rule->id, "homes") == 0;
}

static void
decide (SgScan *scan, const char *path, const SgRule *rule)
{
  if (rule->verdict == SG_RULE_OUT || is_told_though_in (rule))
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
  decide (scan, path, rule);
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

/* ---- one directory ---- */

static int
open_dir (const SgScan *scan, const char *path)
{
  struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
  int fd
      = (int)syscall (SYS_openat2, scan->rootfd, path[0] == '/' ? path + 1 : ".", &how, sizeof how);

  if (fd >= 0 || errno != ENOSYS) /* Linux 5.6 has it */
    return fd;
  return openat (scan->rootfd, path[0] == '/' ? path + 1 : ".",
                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
sg_scan_open (const SgScan *scan, const char *path)
{
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                          .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

  return (int)syscall (SYS_openat2, scan->rootfd, path, &how, sizeof how);
}

typedef struct
{
  GString *names;   /* each with its NUL */
  GArray *entries;  /* SgEntry */
  GString *scratch; /* a path */
} Buffers;

static void
clear_entry (gpointer entry)
{
  sg_entry_clear (entry);
}

static gboolean
read_names (int fd, Buffers *buffers)
{
  DIR *dir = fdopendir (dup (fd));
  struct dirent *entry;

  g_string_truncate (buffers->names, 0);
  g_array_set_size (buffers->entries, 0);
  if (dir == NULL)
    return FALSE;
  while ((entry = readdir (dir)) != NULL)
    {
      SgEntry one = { .name = (guint32)buffers->names->len, .order = entry->d_ino };
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      g_string_append_len (buffers->names, entry->d_name, (gssize)strlen (entry->d_name) + 1);
      g_array_append_val (buffers->entries, one);
    }
  closedir (dir);
  return TRUE;
}

static int
by_order (const void *a, const void *b)
{
  const SgEntry *x = a, *y = b;

  return x->order < y->order ? -1 : x->order > y->order;
}

static int
by_name (const void *a, const void *b, void *names)
{
  const SgEntry *x = a, *y = b;
  const char *text = names;

  return strcmp (text + x->name, text + y->name);
}

static void
look_at_all (SgScan *scan, const Dir *dir, int fd, Buffers *buffers)
{
  SgLook look = {
    .scan = scan, .fd = fd, .path = dir->path, .zone = dir->zone, .scratch = buffers->scratch
  };
  SgEntry *entries = (SgEntry *)(void *)buffers->entries->data;
  struct stat st;

  if (buffers->entries->len == 0)
    return;
  if (fstat (fd, &st) == 0)
    look.dev = st.st_dev;
  qsort (entries, buffers->entries->len, sizeof *entries, by_order);
  for (guint i = 0; i < buffers->entries->len; i++)
    sg_entry_look (&look, buffers->names->str + entries[i].name, &entries[i]);
  qsort_r (entries, buffers->entries->len, sizeof *entries, by_name, buffers->names->str);
}

/* ---- entering (with the lock held) ---- */

static char *
join (SgTree *tree, const char *dir, const char *name)
{
  gsize a = strlen (dir), b = strlen (name);
  char *path = sg_tree_alloc (tree, a + b + 2);

  memcpy (path, dir, a);
  path[a] = '/';
  memcpy (path + a + 1, name, b + 1);
  return path;
}

static void
add_capability (SgTree *tree, SgInode *inode, const SgEntry *entry)
{
  SgXattr *xattr = sg_tree_alloc (tree, sizeof *xattr);

  xattr->name = (char *)sg_tree_string (tree, "security.capability");
  xattr->value = sg_tree_alloc (tree, entry->cap_len);
  xattr->len = entry->cap_len;
  memcpy (xattr->value, entry->cap, entry->cap_len);
  inode->xattrs = xattr;
  inode->n_xattrs = 1;
}

static void
fill_contents (SgTree *tree, SgInode *inode, SgEntry *entry, const char *path)
{
  if (S_ISLNK (entry->mode))
    {
      inode->target = sg_tree_string (tree, entry->target);
      inode->size = strlen (entry->target);
    }
  else if (S_ISREG (entry->mode) && entry->data != NULL)
    {
      inode->content = SG_CONTENT_GENERATED;
      inode->data = g_steal_pointer (&entry->data);
      inode->size = g_bytes_get_size (inode->data);
    }
  else if (S_ISREG (entry->mode))
    {
      inode->content = SG_CONTENT_LINKED;
      inode->host_path = path;
      inode->identity = entry->identity;
      inode->size = entry->identity.size;
    }
}

/* In /etc and /var a directory holds something else than on the host, and there its time moves with
 * every log and lease: equal systems would have unequal bases. */
static gboolean
has_own_time (mode_t mode, const char *path)
{
  return !S_ISDIR (mode) || (strncmp (path, "/etc", 4) != 0 && strncmp (path, "/var", 4) != 0);
}

static SgInode *
inode_for (SgScan *scan, const Dir *dir, SgEntry *entry, const char *name)
{
  SgTree *tree = scan->tree;
  gboolean several = entry->nlink > 1 && !S_ISDIR (entry->mode);
  Shared key = { entry->identity.dev, entry->identity.ino, NULL };
  Shared *known = several ? g_hash_table_lookup (scan->shared, &key) : NULL;

  if (known != NULL)
    return known->inode;
  SgInode *inode = sg_tree_inode (tree);
  inode->mode = entry->mode;
  inode->uid = entry->uid;
  inode->gid = entry->gid;
  if (has_own_time (entry->mode, dir->path))
    {
      inode->mtime_sec = entry->identity.mtime_sec;
      inode->mtime_nsec = entry->identity.mtime_nsec;
    }
  else
    inode->mtime_sec = SG_EPOCH_SEC;
  fill_contents (tree, inode, entry, S_ISREG (entry->mode) ? join (tree, dir->path, name) : NULL);
  if (entry->cap != NULL)
    add_capability (tree, inode, entry);
  if (several)
    {
      key.inode = inode;
      g_hash_table_add (scan->shared, g_memdup2 (&key, sizeof key));
    }
  return inode;
}

static void
decide_entry (SgScan *scan, const Dir *dir, const char *name, const SgRule *rule)
{
  if (sg_rule_is_in (rule) && !is_told_though_in (rule) && scan->watch == NULL)
    return;
  g_autofree char *path = g_strconcat (dir->path, "/", name, NULL);
  decide (scan, path, rule);
}

static gboolean
enter (SgScan *scan, const Dir *dir, SgEntry *entry, const char *name)
{
  decide_entry (scan, dir, name, entry->rule);
  if (!sg_rule_is_in (entry->rule) || entry->rule->verdict == SG_RULE_OURS)
    return TRUE;
  SgNode *node = sg_tree_add (scan->tree, dir->node, name, inode_for (scan, dir, entry, name),
                              scan->error == NULL ? &scan->error : NULL);
  if (node == NULL)
    return FALSE;
  if (S_ISDIR (entry->mode) && entry->rule->verdict != SG_RULE_EMPTY)
    {
      const char *path = join (scan->tree, dir->path, name);
      Dir child = { node, path, sg_rules_zone_below (dir->zone, path) };
      g_array_append_val (scan->dirs, child);
    }
  return TRUE;
}

static void
enter_all (SgScan *scan, const Dir *dir, Buffers *buffers)
{
  SgEntry *entries = (SgEntry *)(void *)buffers->entries->data;

  sg_tree_reserve (scan->tree, dir->node, dir->node->n_children + buffers->entries->len);
  for (guint i = 0; i < buffers->entries->len; i++)
    if (entries[i].rule != NULL
        && !enter (scan, dir, &entries[i], buffers->names->str + entries[i].name))
      return;
  scan->n_entries += buffers->entries->len;
}

/* ---- threads ---- */

/* The next directory; FALSE when there will be none. */
static gboolean
take_dir (SgScan *scan, Dir *ret_dir)
{
  while (scan->dirs->len == 0 && scan->busy > 0 && scan->error == NULL)
    g_cond_wait (&scan->more, &scan->lock);
  if (scan->dirs->len == 0 || scan->error != NULL)
    return FALSE;
  *ret_dir = g_array_index (scan->dirs, Dir, scan->dirs->len - 1);
  g_array_set_size (scan->dirs, scan->dirs->len - 1);
  scan->busy++;
  return TRUE;
}

static void
scan_dir (SgScan *scan, const Dir *dir, Buffers *buffers)
{
  sg_fd int fd = open_dir (scan, dir->path);
  gboolean read = fd >= 0 && read_names (fd, buffers);

  if (read)
    look_at_all (scan, dir, fd, buffers);
  g_mutex_lock (&scan->lock);
  if (read)
    enter_all (scan, dir, buffers);
  else if (errno != ENOENT)
    decide (scan, dir->path, sg_rules_get ("went-away"));
  if (scan->error == NULL)
    g_cancellable_set_error_if_cancelled (scan->cancellable, &scan->error);
  scan->busy--;
  g_cond_broadcast (&scan->more);
  if (scan->error != NULL || (scan->busy == 0 && scan->dirs->len == 0))
    g_cond_signal (&scan->over);
  g_mutex_unlock (&scan->lock);
}

static gpointer
scan_thread (gpointer data)
{
  SgScan *scan = data;
  Buffers buffers
      = { g_string_new (NULL), g_array_new (FALSE, FALSE, sizeof (SgEntry)), g_string_new (NULL) };
  Dir dir;

  g_array_set_clear_func (buffers.entries, clear_entry);
  for (;;)
    {
      g_mutex_lock (&scan->lock);
      gboolean some = take_dir (scan, &dir);
      g_mutex_unlock (&scan->lock);
      if (!some)
        break;
      scan_dir (scan, &dir, &buffers);
    }
  g_array_unref (buffers.entries);
  g_string_free (buffers.names, TRUE);
  g_string_free (buffers.scratch, TRUE);
  return NULL;
}

static double
fraction (SgScan *scan)
{
  guint64 expected = sg_packages_n_paths (scan->packages);

  return MIN (0.99, (double)scan->n_entries / (double)MAX (expected, PATHS_GUESSED));
}

/* Tells how far it is until all threads are done.  The lock is not held while telling. */
static void
watch_progress (SgScan *scan, SgBaseProgress progress, gpointer data)
{
  gint64 next = g_get_monotonic_time () + PROGRESS_USEC;

  g_mutex_lock (&scan->lock);
  while (scan->error == NULL && (scan->busy > 0 || scan->dirs->len > 0))
    {
      if (g_cond_wait_until (&scan->over, &scan->lock, next))
        continue;
      double now = fraction (scan);
      g_mutex_unlock (&scan->lock);
      progress ("Looking at your programs", now, data);
      next = g_get_monotonic_time () + PROGRESS_USEC;
      g_mutex_lock (&scan->lock);
    }
  g_mutex_unlock (&scan->lock);
}

gboolean
sg_scan_run (SgScan *scan, SgBaseProgress progress, gpointer data, GError **error)
{
  guint n = CLAMP (g_get_num_processors (), 1, THREADS_MAX);
  GThread *threads[THREADS_MAX];

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("scan", scan_thread, scan);
  if (progress != NULL)
    watch_progress (scan, progress, data);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (scan->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&scan->error));
  return FALSE;
}

/* ---- beginnings ---- */

/* The directory FD in the tree at PATH with the host's rights.  What is there stays in it. */
static SgNode *
put_host_dir (SgScan *scan, const char *path, const struct stat *st)
{
  SgNode *node = sg_tree_put_dir (scan->tree, path, st->st_mode & 07777, st->st_uid, st->st_gid);

  if (has_own_time (st->st_mode, path))
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
  Dir dir = { sg_tree_lookup (scan->tree, path), sg_tree_string (scan->tree, path), zone };
  g_array_append_val (scan->dirs, dir);
}
