/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/tree.h"

#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static SgInode *
make (SgTree *tree, mode_t mode)
{
  SgInode *inode = sg_tree_inode (tree);

  inode->mode = mode;
  return inode;
}

static SgNode *
add_file (SgTree *tree, SgNode *dir, const char *name)
{
  return sg_tree_add (tree, dir, name, make (tree, S_IFREG | 0644), NULL);
}

START_TEST (names_are_sorted_by_their_bytes)
{
  static const char *const names[] = { "b", "a", "B", "\xff\xfe", "a.b", "ab", "a-b", "\xc3\xa9" };
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgNode *root = sg_tree_root (tree);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    ck_assert_ptr_nonnull (add_file (tree, root, names[i]));
  sg_tree_seal (tree);
  for (guint i = 1; i < root->n_children; i++)
    ck_assert_int_lt (strcmp (root->children[i - 1]->name, root->children[i]->name), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    ck_assert_str_eq (sg_tree_child (root, names[i])->name, names[i]);
  ck_assert_ptr_null (sg_tree_child (root, "c"));
}
END_TEST

START_TEST (impossible_names_are_refused)
{
  char long_name[257];
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgNode *root = sg_tree_root (tree);

  memset (long_name, 'x', 256);
  long_name[256] = '\0';
  const char *const bad[] = { "", ".", "..", "a/b", "/", long_name };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      SgInode *inode = make (tree, S_IFREG | 0644);
      ck_assert_ptr_null (sg_tree_add (tree, root, bad[i], inode, &error));
      ck_assert_ptr_nonnull (error);
      ck_assert_uint_eq (inode->nlink, 0);
    }
  ck_assert_ptr_nonnull (add_file (tree, root, long_name + 1));
  ck_assert_uint_eq (root->n_children, 1);
}
END_TEST

START_TEST (a_name_is_there_once)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  g_autoptr (GError) error = NULL;
  SgNode *file = add_file (tree, sg_tree_root (tree), "a");

  ck_assert_ptr_null (
      sg_tree_add (tree, sg_tree_root (tree), "a", make (tree, S_IFREG | 0644), &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  ck_assert_ptr_null (sg_tree_add (tree, file, "below", make (tree, S_IFREG | 0644), NULL));
}
END_TEST

START_TEST (links_are_counted)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgNode *root = sg_tree_root (tree);
  SgNode *dir = sg_tree_add (tree, root, "d", make (tree, S_IFDIR | 0755), NULL);
  SgInode *shared = make (tree, S_IFREG | 0644);

  sg_tree_add (tree, root, "one", shared, NULL);
  sg_tree_add (tree, dir, "two", shared, NULL);
  sg_tree_add (tree, dir, "sub", make (tree, S_IFDIR | 0755), NULL);
  ck_assert_uint_eq (shared->nlink, 2);
  ck_assert_uint_eq (root->inode->nlink, 3);
  ck_assert_uint_eq (dir->inode->nlink, 3);
  ck_assert_ptr_null (sg_tree_add (tree, root, "again", dir->inode, NULL));

  sg_tree_remove (tree, "/d");
  ck_assert_uint_eq (shared->nlink, 1);
  ck_assert_uint_eq (root->inode->nlink, 2);
  ck_assert_ptr_null (sg_tree_lookup (tree, "/d/two"));
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/one"));
  sg_tree_remove (tree, "/not-there");
  sg_tree_remove (tree, "/");
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/one"));
}
END_TEST

START_TEST (generated_files_replace_and_make_parents)
{
  g_autoptr (SgTree) tree = sg_tree_new ();

  sg_tree_set_epoch (tree, 12345);
  sg_tree_put_file (tree, "/a/b/c", 0600, 1, 2, "first", 5);
  SgNode *node = sg_tree_put_file (tree, "/a/b/c", 0640, 3, 4, "second", 6);
  ck_assert_ptr_eq (sg_tree_lookup (tree, "/a/b/c"), node);
  ck_assert_uint_eq (node->inode->mode, S_IFREG | 0640);
  ck_assert_uint_eq (node->inode->uid, 3);
  ck_assert_uint_eq (node->inode->gid, 4);
  ck_assert_uint_eq (node->inode->size, 6);
  ck_assert_int_eq (node->inode->mtime_sec, 12345);
  ck_assert_uint_eq (node->inode->nlink, 1);
  const SgNode *parent = sg_tree_lookup (tree, "/a/b");
  ck_assert_uint_eq (parent->inode->mode, S_IFDIR | 0755);
  ck_assert_int_eq (parent->inode->mtime_sec, 12345);
  sg_tree_put_link (tree, "/a", "elsewhere");
  ck_assert_ptr_null (sg_tree_lookup (tree, "/a/b"));
}
END_TEST

START_TEST (generated_files_follow_links_to_their_folder)
{
  g_autoptr (SgTree) tree = sg_tree_new ();

  sg_tree_put_dir (tree, "/usr/lib", 0755, 0, 0);
  sg_tree_put_link (tree, "/lib", "usr/lib");
  sg_tree_put_link (tree, "/usr/lib/abs", "/usr/share");
  sg_tree_put_link (tree, "/usr/lib/up", "../../usr/lib");
  sg_tree_put_file (tree, "/lib/x", 0644, 0, 0, "x", 1);
  sg_tree_put_file (tree, "/lib/abs/y", 0644, 0, 0, "y", 1);
  sg_tree_put_file (tree, "/lib/up/z", 0644, 0, 0, "z", 1);
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/usr/lib/x"));
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/usr/share/y"));
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/usr/lib/z"));
  ck_assert (S_ISLNK (sg_tree_lookup (tree, "/lib")->inode->mode));
  /* A link at the very place is replaced, not followed. */
  sg_tree_put_file (tree, "/lib/abs", 0644, 0, 0, "a", 1);
  ck_assert (S_ISREG (sg_tree_lookup (tree, "/usr/lib/abs")->inode->mode));
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/usr/share/y"));
}
END_TEST

START_TEST (circles_of_links_end)
{
  g_autoptr (SgTree) tree = sg_tree_new ();

  sg_tree_put_link (tree, "/a", "b");
  sg_tree_put_link (tree, "/b", "/a");
  ck_assert_ptr_nonnull (sg_tree_put_file (tree, "/a/x", 0644, 0, 0, "x", 1));
  sg_tree_put_link (tree, "/self", "self/self");
  ck_assert_ptr_nonnull (sg_tree_put_file (tree, "/self/x", 0644, 0, 0, "x", 1));
}
END_TEST

START_TEST (a_folder_that_is_put_again_keeps_what_is_in_it)
{
  g_autoptr (SgTree) tree = sg_tree_new ();

  sg_tree_put_file (tree, "/d/x", 0644, 0, 0, "x", 1);
  SgNode *dir = sg_tree_put_dir (tree, "/d", 0700, 5, 6);
  ck_assert_ptr_nonnull (sg_tree_lookup (tree, "/d/x"));
  ck_assert_uint_eq (dir->inode->mode, S_IFDIR | 0700);
  ck_assert_uint_eq (dir->inode->uid, 5);
  ck_assert_uint_eq (dir->inode->nlink, 2);
}
END_TEST

START_TEST (counts_are_of_what_is_in_the_tree)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgTreeCounts counts;
  SgInode *linked = make (tree, S_IFREG | 0644);

  linked->content = SG_CONTENT_LINKED;
  linked->identity.size = 1000;
  sg_tree_add (tree, sg_tree_root (tree), "a", linked, NULL);
  sg_tree_add (tree, sg_tree_root (tree), "b", linked, NULL);
  sg_tree_put_file (tree, "/c", 0644, 0, 0, "12345", 5);
  sg_tree_put_file (tree, "/gone", 0644, 0, 0, "12345", 5);
  sg_tree_put_link (tree, "/l", "a");
  sg_tree_remove (tree, "/gone");
  sg_tree_count (tree, &counts);
  ck_assert_uint_eq (counts.nodes, 5);
  ck_assert_uint_eq (counts.dirs, 1);
  ck_assert_uint_eq (counts.files, 3);
  ck_assert_uint_eq (counts.links, 1);
  ck_assert_uint_eq (counts.linked_bytes, 1000);
  ck_assert_uint_eq (counts.generated_bytes, 5);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__)
START_TEST (two_hundred_thousand_files_take_less_than_60_mb)
{
  struct mallinfo2 before = mallinfo2 ();
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgNode *dir = NULL;
  char name[64];

  for (guint i = 0; i < 200000; i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/usr/share/doc/some-package-%04u/file-%07u", i / 20, i);
      if (i % 20 == 0)
        {
          snprintf (name, sizeof name, "some-package-%04u", i / 20);
          dir = sg_tree_add (tree, sg_tree_root (tree), name, make (tree, S_IFDIR | 0755), NULL);
        }
      SgInode *inode = make (tree, S_IFREG | 0644);
      inode->host_path = sg_tree_string (tree, path);
      ck_assert_ptr_nonnull (sg_tree_add (tree, dir, strrchr (path, '/') + 1, inode, NULL));
    }
  struct mallinfo2 after = mallinfo2 ();
  gsize used = (after.uordblks + after.hblkhd) - (before.uordblks + before.hblkhd);
  ck_assert_msg (used < 60u << 20, "%zu bytes", used);
}
END_TEST
#endif

int
main (void)
{
  Suite *suite = suite_create ("tree");
  TCase *tcase = tcase_create ("tree");

  tcase_add_test (tcase, names_are_sorted_by_their_bytes);
  tcase_add_test (tcase, impossible_names_are_refused);
  tcase_add_test (tcase, a_name_is_there_once);
  tcase_add_test (tcase, links_are_counted);
  tcase_add_test (tcase, generated_files_replace_and_make_parents);
  tcase_add_test (tcase, generated_files_follow_links_to_their_folder);
  tcase_add_test (tcase, circles_of_links_end);
  tcase_add_test (tcase, a_folder_that_is_put_again_keeps_what_is_in_it);
  tcase_add_test (tcase, counts_are_of_what_is_in_the_tree);
#if !defined(__SANITIZE_ADDRESS__)
  tcase_add_test (tcase, two_hundred_thousand_files_take_less_than_60_mb);
#endif
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
