/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree in memory.
 *
 * Three arenas: bytes (names, paths, arrays), inodes, nodes; nothing is freed before the tree.  The
 * inodes have one of their own so that the tree can find each of them, whatever became of its
 * names, to release its contents.
 *
 * A directory's children are sorted at any time.  Whoever adds them in order, as the scanner does,
 * pays one comparison a name; any other order costs a bisection and a move. */
#include "baseimage/tree.h"

#include <string.h>
#include <sys/stat.h>

#define ARENA_BLOCK (256u * 1024)
#define LINK_HOPS_MAX 16 /* symbolic links on the way to a generated file */

typedef struct
{
  GPtrArray *blocks; /* owned blocks */
  guint8 *at;
  gsize left;
  gsize block_size;
} Arena;

struct SgTree
{
  Arena bytes, inodes, nodes;
  SgNode *root;
  gint64 epoch_sec;
};

/* ---- arenas ---- */

static void
arena_init (Arena *arena, gsize block_size)
{
  arena->blocks = g_ptr_array_new_with_free_func (g_free);
  arena->block_size = block_size;
}

static void *
arena_take (Arena *arena, gsize size)
{
  void *taken;

  if (size > arena->block_size / 4)
    {
      taken = g_malloc (size);
      g_ptr_array_add (arena->blocks, taken);
      return taken;
    }
  if (size > arena->left)
    {
      arena->at = g_malloc (arena->block_size);
      arena->left = arena->block_size;
      g_ptr_array_add (arena->blocks, arena->at);
    }
  taken = arena->at;
  arena->at += size;
  arena->left -= size;
  return taken;
}

void *
sg_tree_alloc (SgTree *tree, gsize size)
{
  gsize unaligned = (gsize)(guintptr)tree->bytes.at % sizeof (void *);

  if (unaligned != 0)
    {
      gsize skip = MIN (sizeof (void *) - unaligned, tree->bytes.left);
      tree->bytes.at += skip;
      tree->bytes.left -= skip;
    }
  return arena_take (&tree->bytes, MAX (size, 1));
}

const char *
sg_tree_string (SgTree *tree, const char *text)
{
  gsize len = strlen (text) + 1;

  return memcpy (arena_take (&tree->bytes, len), text, len);
}

/* The inodes fill their blocks exactly, so that all can be found again. */
#define INODES_PER_BLOCK (ARENA_BLOCK / sizeof (SgInode))

SgInode *
sg_tree_inode (SgTree *tree)
{
  return memset (arena_take (&tree->inodes, sizeof (SgInode)), 0, sizeof (SgInode));
}

typedef void (*InodeFunc) (SgInode *inode, gpointer data);

static void
each_inode (SgTree *tree, InodeFunc func, gpointer data)
{
  const Arena *arena = &tree->inodes;

  for (guint i = 0; i < arena->blocks->len; i++)
    {
      SgInode *block = g_ptr_array_index (arena->blocks, i);
      gsize n = INODES_PER_BLOCK;
      if (i + 1 == arena->blocks->len)
        n -= arena->left / sizeof (SgInode);
      for (gsize k = 0; k < n; k++)
        func (&block[k], data);
    }
}

/* ---- the tree ---- */

SgTree *
sg_tree_new (void)
{
  SgTree *tree = g_new0 (SgTree, 1);

  arena_init (&tree->bytes, ARENA_BLOCK);
  arena_init (&tree->inodes, INODES_PER_BLOCK * sizeof (SgInode));
  arena_init (&tree->nodes, ARENA_BLOCK);
  tree->root = memset (arena_take (&tree->nodes, sizeof (SgNode)), 0, sizeof (SgNode));
  tree->root->name = "";
  tree->root->inode = sg_tree_inode (tree);
  tree->root->inode->mode = S_IFDIR | 0755;
  tree->root->inode->nlink = 2;
  return tree;
}

static void
release_data (SgInode *inode, gpointer unused)
{
  g_clear_pointer (&inode->data, g_bytes_unref);
}

void
sg_tree_free (SgTree *tree)
{
  if (tree == NULL)
    return;
  each_inode (tree, release_data, NULL);
  g_ptr_array_unref (tree->bytes.blocks);
  g_ptr_array_unref (tree->inodes.blocks);
  g_ptr_array_unref (tree->nodes.blocks);
  g_free (tree);
}

SgNode *
sg_tree_root (SgTree *tree)
{
  return tree->root;
}

void
sg_tree_set_epoch (SgTree *tree, gint64 epoch_sec)
{
  tree->epoch_sec = epoch_sec;
}

/* ---- names ---- */

/* Where NAME is among DIR's children, or where it would be. */
static guint
find (const SgNode *dir, const char *name, gboolean *ret_there)
{
  guint low = 0, high = dir->n_children;

  *ret_there = FALSE;
  /* The usual case: names come in order. */
  if (high > 0 && strcmp (dir->children[high - 1]->name, name) < 0)
    return high;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = strcmp (dir->children[middle]->name, name);
      if (order == 0)
        *ret_there = TRUE;
      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

SgNode *
sg_tree_child (SgNode *dir, const char *name)
{
  gboolean there;
  guint at = find (dir, name, &there);

  return there ? dir->children[at] : NULL;
}

void
sg_tree_reserve (SgTree *tree, SgNode *dir, guint n)
{
  if (n <= dir->alloc_children)
    return;
  SgNode **larger = sg_tree_alloc (tree, n * sizeof *larger);
  if (dir->n_children > 0)
    memcpy (larger, dir->children, dir->n_children * sizeof *larger);
  dir->children = larger;
  dir->alloc_children = n;
}

static gboolean
check_name (const SgNode *parent, const char *name, const SgInode *inode, GError **error)
{
  gsize len = strlen (name);

  if (len == 0 || len > 255 || strchr (name, '/') != NULL || strcmp (name, ".") == 0
      || strcmp (name, "..") == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "'%s' cannot be a file's name",
                 name);
  else if (!S_ISDIR (parent->inode->mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, "'%s' is not a directory",
                 parent->name);
  else if (S_ISDIR (inode->mode) && inode->nlink != 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "The directory '%s' would have two names", name);
  else
    return TRUE;
  return FALSE;
}

/* A linked file's name is mostly the end of its path, which is kept anyway. */
static const char *
keep_name (SgTree *tree, const char *name, const SgInode *inode)
{
  const char *last = inode->host_path != NULL ? strrchr (inode->host_path, '/') : NULL;

  return last != NULL && strcmp (last + 1, name) == 0 ? last + 1 : sg_tree_string (tree, name);
}

SgNode *
sg_tree_add (SgTree *tree, SgNode *parent, const char *name, SgInode *inode, GError **error)
{
  gboolean there;

  if (!check_name (parent, name, inode, error))
    return NULL;
  guint at = find (parent, name, &there);
  if (there)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "There are two files named '%s'", name);
      return NULL;
    }
  if (parent->n_children == parent->alloc_children)
    sg_tree_reserve (tree, parent, MAX (4, 2 * parent->alloc_children));
  SgNode *node = memset (arena_take (&tree->nodes, sizeof *node), 0, sizeof *node);
  node->name = keep_name (tree, name, inode);
  node->inode = inode;
  node->parent = parent;
  memmove (parent->children + at + 1, parent->children + at,
           (parent->n_children - at) * sizeof *parent->children);
  parent->children[at] = node;
  parent->n_children++;
  if (S_ISDIR (inode->mode))
    {
      inode->nlink = 2;
      parent->inode->nlink++;
    }
  else
    inode->nlink++;
  return node;
}

/* The next component of *PATH, which is advanced; NULL at its end.  Free with g_free(). */
static char *
next_component (const char **path)
{
  *path += strspn (*path, "/");
  gsize len = strcspn (*path, "/");
  char *component = len > 0 ? g_strndup (*path, len) : NULL;

  *path += len;
  return component;
}

SgNode *
sg_tree_lookup (SgTree *tree, const char *path)
{
  SgNode *node = tree->root;

  for (;;)
    {
      g_autofree char *name = next_component (&path);
      if (name == NULL)
        return node;
      node = sg_tree_child (node, name);
      if (node == NULL)
        return NULL;
    }
}

/* ---- taking out ---- */

static void
drop_names (SgNode *node)
{
  for (guint i = 0; i < node->n_children; i++)
    drop_names (node->children[i]);
  node->inode->nlink = S_ISDIR (node->inode->mode) ? 0 : node->inode->nlink - 1;
}

static void
take_out (SgNode *node)
{
  SgNode *parent = node->parent;
  gboolean there;
  guint at = find (parent, node->name, &there);

  if (S_ISDIR (node->inode->mode))
    parent->inode->nlink--;
  drop_names (node);
  parent->n_children--;
  memmove (parent->children + at, parent->children + at + 1,
           (parent->n_children - at) * sizeof *parent->children);
}

void
sg_tree_remove (SgTree *tree, const char *path)
{
  SgNode *node = sg_tree_lookup (tree, path);

  if (node != NULL && node->parent != NULL)
    take_out (node);
}

/* ---- generated entries ---- */

static SgInode *
new_inode (SgTree *tree, mode_t mode, uid_t uid, gid_t gid)
{
  SgInode *inode = sg_tree_inode (tree);

  inode->mode = mode;
  inode->uid = uid;
  inode->gid = gid;
  inode->mtime_sec = tree->epoch_sec;
  return inode;
}

static SgNode *enter (SgTree *tree, SgNode *dir, const char *name, guint *hops);

/* The directory that PATH leads to from DIR. */
static SgNode *
walk (SgTree *tree, SgNode *dir, const char *path, guint *hops)
{
  if (path[0] == '/')
    dir = tree->root;
  for (;;)
    {
      g_autofree char *name = next_component (&path);
      if (name == NULL)
        return dir;
      dir = enter (tree, dir, name, hops);
    }
}

/* DIR's child NAME as a directory: a symbolic link is followed as the guest would ("/lib" is one
 * on most systems), what is missing or stands in the way becomes a directory. */
static SgNode *
enter (SgTree *tree, SgNode *dir, const char *name, guint *hops)
{
  SgNode *node;

  if (strcmp (name, ".") == 0)
    return dir;
  if (strcmp (name, "..") == 0)
    return dir->parent != NULL ? dir->parent : dir;
  node = sg_tree_child (dir, name);
  if (node != NULL && S_ISDIR (node->inode->mode))
    return node;
  if (node != NULL && S_ISLNK (node->inode->mode) && ++*hops <= LINK_HOPS_MAX)
    return walk (tree, dir, node->inode->target, hops);
  if (node != NULL)
    take_out (node);
  return sg_tree_add (tree, dir, name, new_inode (tree, S_IFDIR | 0755, 0, 0), NULL);
}

/* Puts INODE at PATH in place of what is there. */
static SgNode *
put (SgTree *tree, const char *path, SgInode *inode)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  guint hops = 0;
  SgNode *dir = walk (tree, tree->root, folder, &hops);
  SgNode *before = sg_tree_child (dir, name);

  if (before != NULL)
    take_out (before);
  g_autoptr (GError) error = NULL;
  SgNode *node = sg_tree_add (tree, dir, name, inode, &error);
  if (node == NULL) /* our own names, from our own tables */
    g_error ("%s: %s", path, error->message);
  return node;
}

SgNode *
sg_tree_put_file (SgTree *tree, const char *path, mode_t perm, uid_t uid, gid_t gid,
                  const void *data, gsize len)
{
  SgInode *inode = new_inode (tree, S_IFREG | (perm & 07777), uid, gid);

  inode->content = SG_CONTENT_GENERATED;
  inode->data = g_bytes_new (data, len);
  inode->size = len;
  return put (tree, path, inode);
}

SgNode *
sg_tree_put_dir (SgTree *tree, const char *path, mode_t perm, uid_t uid, gid_t gid)
{
  SgNode *there = sg_tree_lookup (tree, path);

  if (there == NULL || !S_ISDIR (there->inode->mode))
    return put (tree, path, new_inode (tree, S_IFDIR | (perm & 07777), uid, gid));
  there->inode->mode = S_IFDIR | (perm & 07777);
  there->inode->uid = uid;
  there->inode->gid = gid;
  there->inode->mtime_sec = tree->epoch_sec;
  there->inode->mtime_nsec = 0;
  there->inode->n_xattrs = 0;
  return there;
}

SgNode *
sg_tree_put_link (SgTree *tree, const char *path, const char *target)
{
  SgInode *inode = new_inode (tree, S_IFLNK | 0777, 0, 0);

  inode->target = sg_tree_string (tree, target);
  inode->size = strlen (target);
  return put (tree, path, inode);
}

/* ---- as a whole ---- */

void
sg_tree_seal (SgTree *tree)
{
  /* Directories are sorted at any time. */
}

static void
count_names (const SgNode *node, SgTreeCounts *counts)
{
  mode_t mode = node->inode->mode;

  counts->nodes++;
  if (S_ISDIR (mode))
    counts->dirs++;
  else if (S_ISREG (mode))
    counts->files++;
  else if (S_ISLNK (mode))
    counts->links++;
  else
    counts->others++;
  for (guint i = 0; i < node->n_children; i++)
    count_names (node->children[i], counts);
}

static void
count_bytes (SgInode *inode, gpointer data)
{
  SgTreeCounts *counts = data;

  if (inode->nlink == 0)
    return;
  if (inode->content == SG_CONTENT_LINKED)
    counts->linked_bytes += inode->identity.size;
  else if (inode->content == SG_CONTENT_GENERATED)
    counts->generated_bytes += g_bytes_get_size (inode->data);
}

void
sg_tree_count (SgTree *tree, SgTreeCounts *ret_counts)
{
  *ret_counts = (SgTreeCounts){ 0 };
  count_names (tree->root, ret_counts);
  each_inode (tree, count_bytes, ret_counts);
}
