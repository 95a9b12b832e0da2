/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/image-kit.h"

#include "baseimage/identity.h"
#include "common/fd.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

typedef struct
{
  SgTree *tree;
  const char *root;
  GHashTable *inodes; /* "dev:ino" -> SgInode, for hard links */
} Scan;

static void
take_xattrs (Scan *scan, const char *full, SgInode *inode)
{
  char names[4096];
  ssize_t len = llistxattr (full, names, sizeof names);

  for (const char *name = names; len > 0 && name < names + len; name += strlen (name) + 1)
    {
      guint8 value[65536];
      ssize_t n = lgetxattr (full, name, value, sizeof value);
      if (n < 0)
        continue;
      SgXattr *all = sg_tree_alloc (scan->tree, (inode->n_xattrs + 1) * sizeof (SgXattr));
      if (inode->n_xattrs > 0)
        memcpy (all, inode->xattrs, inode->n_xattrs * sizeof (SgXattr));
      SgXattr *xattr = &all[inode->n_xattrs++];
      xattr->name = (char *)sg_tree_string (scan->tree, name);
      xattr->value = sg_tree_alloc (scan->tree, MAX ((gsize)n, 1));
      xattr->len = (gsize)n;
      memcpy (xattr->value, value, (gsize)n);
      inode->xattrs = all;
    }
}

static void
take_contents (Scan *scan, const char *full, const struct stat *st, SgInode *inode)
{
  if (S_ISLNK (st->st_mode))
    {
      char target[4097] = { 0 };
      ck_assert_int_ge (readlink (full, target, sizeof target - 1), 0);
      inode->target = sg_tree_string (scan->tree, target);
    }
  else if (S_ISREG (st->st_mode))
    {
      int fd = open (full, O_PATH | O_NOFOLLOW | O_CLOEXEC);
      ck_assert (sg_identity_of_fd (fd, &inode->identity, NULL));
      close (fd);
      inode->content = SG_CONTENT_LINKED;
      inode->host_path = sg_tree_string (scan->tree, full + strlen (scan->root));
    }
}

static SgInode *
take_inode (Scan *scan, const char *full)
{
  struct stat st;
  ck_assert_msg (lstat (full, &st) == 0, "%s", full);
  g_autofree char *key = g_strdup_printf ("%lu:%lu", (gulong)st.st_dev, (gulong)st.st_ino);
  SgInode *inode = S_ISDIR (st.st_mode) ? NULL : g_hash_table_lookup (scan->inodes, key);

  if (inode != NULL)
    return inode;
  inode = sg_tree_inode (scan->tree);
  inode->mode = st.st_mode;
  inode->uid = st.st_uid;
  inode->gid = st.st_gid;
  inode->mtime_sec = st.st_mtim.tv_sec;
  inode->mtime_nsec = (guint32)st.st_mtim.tv_nsec;
  inode->rdev = st.st_rdev;
  inode->size = S_ISREG (st.st_mode) || S_ISLNK (st.st_mode) ? (guint64)st.st_size : 0;
  take_contents (scan, full, &st, inode);
  take_xattrs (scan, full, inode);
  g_hash_table_insert (scan->inodes, g_steal_pointer (&key), inode);
  return inode;
}

static void
take_dir (Scan *scan, const char *full, SgNode *node)
{
  DIR *dir = opendir (full);
  struct dirent *entry;

  ck_assert_msg (dir != NULL, "%s", full);
  while ((entry = readdir (dir)) != NULL)
    {
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      g_autofree char *child = g_build_filename (full, entry->d_name, NULL);
      SgInode *inode = take_inode (scan, child);
      SgNode *added = sg_tree_add (scan->tree, node, entry->d_name, inode, NULL);
      ck_assert_ptr_nonnull (added);
      if (S_ISDIR (inode->mode))
        take_dir (scan, child, added);
    }
  closedir (dir);
}

SgTree *
kit_tree_of (const char *dir)
{
  g_autoptr (GHashTable) inodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = { .tree = sg_tree_new (), .root = dir, .inodes = inodes };

  take_dir (&scan, dir, sg_tree_root (scan.tree));
  sg_tree_seal (scan.tree);
  return scan.tree;
}

void
kit_write (SgTree *tree, const char *root, const char *base, SgErofsResult *ret_result)
{
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (mkdir (base, 0700), 0);
  sg_fd int fd = open (base, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  ck_assert_msg (sg_erofs_write (tree, root, fd, ret_result, NULL, &error), "%s",
                 error != NULL ? error->message : "");
}

char *
kit_dir (void)
{
  char *dir = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);

  ck_assert_ptr_nonnull (dir);
  return dir;
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  return remove (path);
}

void
kit_remove (const char *dir)
{
  nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
kit_file (const char *dir, const char *name, const void *data, gsize len)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  sg_fd int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

  ck_assert_msg (fd >= 0, "%s", path);
  ck_assert (sg_write_all (fd, data, len, NULL));
}

guint8 *
kit_noise (gsize len, guint32 seed)
{
  guint8 *data = g_malloc (MAX (len, 1));
  GRand *rand = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < len; i++)
    data[i] = (guint8)g_rand_int (rand);
  g_rand_free (rand);
  return data;
}
