/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/scan-kit.h"

#include "common/fd.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *root;
SgTree *tree;
SgScan *scan;

/* ---- making the system ---- */

char *
at (const char *path)
{
  return g_build_filename (root, path, NULL);
}

void
put_dir (const char *path, mode_t mode)
{
  g_autofree char *full = at (path);

  ck_assert_int_eq (g_mkdir_with_parents (full, 0755), 0);
  ck_assert_int_eq (chmod (full, mode), 0);
}

void
put (const char *path, mode_t mode, const char *text)
{
  g_autofree char *full = at (path);
  g_autofree char *folder = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (folder, 0755), 0);
  sg_fd int fd = open (full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ck_assert_msg (fd >= 0 && sg_write_all (fd, text, strlen (text), NULL), "%s", full);
  ck_assert_int_eq (fchmod (fd, mode), 0);
}

void
put_link (const char *path, const char *target)
{
  g_autofree char *full = at (path);
  g_autofree char *folder = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (folder, 0755), 0);
  ck_assert_int_eq (symlink (target, full), 0);
}

static const char account_file[]
    = "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n";

void
set_up (void)
{
  umask (022);
  root = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  ck_assert_ptr_nonnull (root);
  ck_assert_int_eq (chmod (root, 0755), 0);
  put ("usr/bin/true", 0755, "true");
  put ("etc/passwd", 0644, account_file);
  put_link ("bin", "usr/bin");
  put_dir ("var/lib", 0755);
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  return remove (path);
}

static int
open_one (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  return type == FTW_D || type == FTW_DNR ? chmod (path, 0755) : 0;
}

void
tear_down (void)
{
  sg_scan_free (scan);
  sg_tree_free (tree);
  nftw (root, open_one, 16, FTW_PHYS);
  nftw (root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_clear_pointer (&root, g_free);
}

void
put_dpkg (const char *list, const char *conffiles)
{
  g_autofree char *status = g_strdup_printf (
      "Package: one\nStatus: install ok installed\nConffiles:\n%sDescription: x\n", conffiles);

  put ("var/lib/dpkg/status", 0644, status);
  put ("var/lib/dpkg/info/one.list", 0644, list);
}

/* ---- looking at it ---- */

void
gather (void)
{
  g_autoptr (GError) error = NULL;

  tree = sg_tree_new ();
  scan = sg_scan_new (root, tree, NULL, &error);
  ck_assert_msg (scan != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_msg (sg_gather_system (scan, 1000, 1000, NULL, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  sg_tree_seal (tree);
}

SgInode *
inode_at (const char *path)
{
  SgNode *node = sg_tree_lookup (tree, path);

  ck_assert_msg (node != NULL, "%s is not inside", path);
  return node->inode;
}

void
assert_out (const char *path)
{
  ck_assert_msg (sg_tree_lookup (tree, path) == NULL, "%s is inside", path);
}

void
assert_told (const char *path, const char *rule)
{
  guint n;
  g_autofree char *text = sg_scan_left_out (scan, &n);
  g_autofree char *all = g_strconcat ("\n", text, NULL);
  g_autofree char *line = g_strdup_printf ("\n%s\t%s: ", path, rule);

  ck_assert_msg (strstr (all, line) != NULL, "'%s' is not in:\n%s", line + 1, text);
}

char *
text_at (const char *path)
{
  const SgInode *inode = inode_at (path);
  gsize len;

  ck_assert_int_eq (inode->content, SG_CONTENT_GENERATED);
  const char *data = g_bytes_get_data (inode->data, &len);
  return g_strndup (data != NULL ? data : "", len);
}

char *
md5 (const char *text)
{
  return g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
}
