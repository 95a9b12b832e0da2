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

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX 8
#define PROGRESS_USEC 60000
#define PATHS_GUESSED 200000 /* as long as the package database is not read */

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

/* What getdents64() writes: the C library keeps one buffer per open directory, and there are many.
 */
typedef struct
{
  guint64 ino;
  gint64 next;
  guint16 len;
  guint8 type;
  char name[];
} RawEntry;
#define RAW_BYTES (64u * 1024u)

typedef struct
{
  guint8 *raw;      /* owned; RAW_BYTES */
  GString *names;   /* each with its NUL */
  GArray *entries;  /* SgEntry */
  GString *scratch; /* a path */
} Buffers;

static void
clear_entry (gpointer entry)
{
  sg_entry_clear (entry);
}

static void
add_name (Buffers *buffers, const RawEntry *raw)
{
  SgEntry one = { .name = (guint32)buffers->names->len, .order = raw->ino };

  if (raw->name[0] == '.' && (raw->name[1] == '\0' || strcmp (raw->name, "..") == 0))
    return;
  g_string_append_len (buffers->names, raw->name, (gssize)strlen (raw->name) + 1);
  g_array_append_val (buffers->entries, one);
}

static gboolean
read_names (int fd, Buffers *buffers)
{
  long n;

  g_string_truncate (buffers->names, 0);
  g_array_set_size (buffers->entries, 0);
  while ((n = syscall (SYS_getdents64, fd, buffers->raw, RAW_BYTES)) > 0)
    for (long at = 0; at < n;)
      {
        const RawEntry *raw = (const RawEntry *)(const void *)(buffers->raw + at);
        add_name (buffers, raw);
        at += raw->len;
      }
  return n == 0;
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
look_at_all (SgScan *scan, const SgScanDir *dir, int fd, Buffers *buffers)
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

static SgInode *
inode_for (SgScan *scan, const SgScanDir *dir, SgEntry *entry, const char *name)
{
  SgTree *tree = scan->tree;
  gboolean several = entry->nlink > 1 && !S_ISDIR (entry->mode);
  SgScanShared key = { entry->identity.dev, entry->identity.ino, NULL };
  SgScanShared *known = several ? g_hash_table_lookup (scan->shared, &key) : NULL;

  if (known != NULL)
    return known->inode;
  SgInode *inode = sg_tree_inode (tree);
  inode->mode = entry->mode;
  inode->uid = entry->uid;
  inode->gid = entry->gid;
  if (sg_scan_has_own_time (entry->mode, dir->path))
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
decide_entry (SgScan *scan, const SgScanDir *dir, const char *name, const SgRule *rule)
{
  if (sg_rule_is_in (rule) && !sg_scan_is_told_though_in (rule) && scan->watch == NULL)
    return;
  g_autofree char *path = g_strconcat (dir->path, "/", name, NULL);
  sg_scan_decide_locked (scan, path, rule);
}

static gboolean
enter (SgScan *scan, const SgScanDir *dir, SgEntry *entry, const char *name)
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
      SgScanDir child = { node, path, sg_rules_zone_below (dir->zone, path) };
      g_array_append_val (scan->dirs, child);
    }
  return TRUE;
}

static void
enter_all (SgScan *scan, const SgScanDir *dir, Buffers *buffers)
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
take_dir (SgScan *scan, SgScanDir *ret_dir)
{
  while (scan->dirs->len == 0 && scan->busy > 0 && scan->error == NULL)
    {
      scan->waiting++;
      g_cond_wait (&scan->more, &scan->lock);
      scan->waiting--;
    }
  if (scan->dirs->len == 0 || scan->error != NULL)
    return FALSE;
  *ret_dir = g_array_index (scan->dirs, SgScanDir, scan->dirs->len - 1);
  g_array_set_size (scan->dirs, scan->dirs->len - 1);
  scan->busy++;
  return TRUE;
}

static void
scan_dir (SgScan *scan, const SgScanDir *dir, Buffers *buffers)
{
  sg_fd int fd = open_dir (scan, dir->path);
  gboolean read = fd >= 0 && read_names (fd, buffers);

  if (read)
    look_at_all (scan, dir, fd, buffers);
  g_mutex_lock (&scan->lock);
  if (read)
    enter_all (scan, dir, buffers);
  else if (errno != ENOENT)
    sg_scan_decide_locked (scan, dir->path, sg_rules_get ("went-away"));
  if (scan->error == NULL)
    g_cancellable_set_error_if_cancelled (scan->cancellable, &scan->error);
  scan->busy--;
  if (scan->waiting > 0)
    g_cond_broadcast (&scan->more);
  if (scan->error != NULL || (scan->busy == 0 && scan->dirs->len == 0))
    g_cond_signal (&scan->over);
  g_mutex_unlock (&scan->lock);
}

static gpointer
scan_thread (gpointer data)
{
  SgScan *scan = data;
  Buffers buffers = { g_malloc (RAW_BYTES), g_string_new (NULL),
                      g_array_new (FALSE, FALSE, sizeof (SgEntry)), g_string_new (NULL) };
  SgScanDir dir;

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
  g_free (buffers.raw);
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
