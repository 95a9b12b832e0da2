/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image writer, judged by others: fsck.erofs reads every image, and unpacks it for comparison;
 * where we are root and the kernel has EROFS and loop devices, its mount is compared as well. */
#include "baseimage/erofs-format.h"
#include "baseimage/materialise.h"
#include "common/fd.h"
#include "tests/unit/image-kit.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define COMPARE_ALL 1 /* xattrs, nlink, exact times: a mount keeps them, unpacking does not */

static char *dir;  /* the test's directory */
static char *host; /* the tree that is imaged */
static char *base;
static char *image;

static void
setup (void)
{
  dir = kit_dir ();
  host = g_build_filename (dir, "host", NULL);
  base = g_build_filename (dir, "base", NULL);
  image = g_build_filename (dir, "image", NULL);
  ck_assert_int_eq (mkdir (host, 0755), 0);
}

static void
teardown (void)
{
  kit_remove (dir);
  g_free (dir);
  g_free (host);
  g_free (base);
  g_free (image);
}

/* ---- comparing two trees ---- */

static void
compare_xattrs (const char *a, const char *b)
{
  char names_a[4096], names_b[4096];
  ssize_t len_a = llistxattr (a, names_a, sizeof names_a);
  ssize_t len_b = llistxattr (b, names_b, sizeof names_b);

  ck_assert_msg (MAX (len_a, 0) == MAX (len_b, 0), "xattrs of %s", a);
  for (char *name = names_a; len_a > 0 && name < names_a + len_a; name += strlen (name) + 1)
    {
      static char value_a[65536], value_b[65536];
      ssize_t n = lgetxattr (a, name, value_a, sizeof value_a);
      ck_assert_msg (n == lgetxattr (b, name, value_b, sizeof value_b), "%s of %s", name, a);
      ck_assert (n < 0 || memcmp (value_a, value_b, (size_t)n) == 0);
    }
}

static void
compare_contents (const char *a, const char *b, gint64 size)
{
  g_autofree char *data_a = g_malloc (1 << 16), *data_b = g_malloc (1 << 16);
  sg_fd int fd_a = open (a, O_RDONLY | O_CLOEXEC), fd_b = open (b, O_RDONLY | O_CLOEXEC);

  ck_assert_msg (fd_a >= 0 && fd_b >= 0, "open %s", a);
  while (size > 0)
    {
      gssize n = sg_read_all (fd_a, data_a, 1 << 16, NULL);
      ck_assert_msg (n > 0 && sg_read_all (fd_b, data_b, 1 << 16, NULL) == n, "read %s", b);
      ck_assert_msg (memcmp (data_a, data_b, (size_t)n) == 0, "contents of %s", a);
      size -= n;
    }
}

static void
compare_nodes (const char *a, const char *b, int flags)
{
  struct stat sa, sb;
  char target_a[5000] = { 0 }, target_b[5000] = { 0 };

  ck_assert_msg (lstat (a, &sa) == 0 && lstat (b, &sb) == 0, "lstat %s: %s", b, strerror (errno));
  ck_assert_msg ((sa.st_mode & S_IFMT) == (sb.st_mode & S_IFMT), "type of %s", a);
  if (S_ISREG (sa.st_mode))
    {
      ck_assert_msg (sa.st_size == sb.st_size, "size of %s", a);
      compare_contents (a, b, sa.st_size);
    }
  if (S_ISLNK (sa.st_mode))
    {
      ck_assert (readlink (a, target_a, sizeof target_a)
                 == readlink (b, target_b, sizeof target_b));
      ck_assert_str_eq (target_a, target_b);
    }
  if (!(flags & COMPARE_ALL))
    return;
  ck_assert_msg (sa.st_mode == sb.st_mode, "mode of %s", a);
  ck_assert_msg (sa.st_uid == sb.st_uid && sa.st_gid == sb.st_gid, "owner of %s", a);
  ck_assert_msg (S_ISDIR (sa.st_mode) || sa.st_nlink == sb.st_nlink, "links of %s", a);
  ck_assert_msg (sa.st_rdev == sb.st_rdev, "device of %s", a);
  ck_assert_msg (sa.st_mtim.tv_sec == sb.st_mtim.tv_sec && sa.st_mtim.tv_nsec == sb.st_mtim.tv_nsec,
                 "mtime of %s", a);
  compare_xattrs (a, b);
}

static guint
count_entries (const char *path)
{
  DIR *listing = opendir (path);
  guint n = 0;

  ck_assert_msg (listing != NULL, "%s", path);
  while (readdir (listing) != NULL)
    n++;
  closedir (listing);
  return n;
}

/* B must be equal to A; devices and sockets may be missing where unpacking could not make them. */
static void
compare_trees (const char *a, const char *b, int flags)
{
  DIR *listing = opendir (a);
  struct dirent *entry;

  ck_assert_msg (listing != NULL, "%s", a);
  ck_assert_msg (count_entries (a) == count_entries (b), "number of entries in %s", a);
  while ((entry = readdir (listing)) != NULL)
    {
      g_autofree char *in_a = g_build_filename (a, entry->d_name, NULL);
      g_autofree char *in_b = g_build_filename (b, entry->d_name, NULL);
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      compare_nodes (in_a, in_b, flags);
      if (entry->d_type == DT_DIR)
        compare_trees (in_a, in_b, flags);
    }
  closedir (listing);
}

/* ---- the referees ---- */

static int
run (const char *const *argv)
{
  g_autofree char *said = NULL, *complaint = NULL;
  int status = -1;

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, &complaint,
                     &status, NULL))
    return -1;
  if (status != 0)
    fprintf (stderr, "%s: %s%s\n", argv[0], said, complaint);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
make_image (SgTree *tree)
{
  g_autoptr (GError) error = NULL;
  SgErofsResult result;
  SgMaterialised made;
  sg_fd int fd = open (image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  kit_write (tree, host, base, &result);
  ck_assert_msg (sg_materialise (base, host, fd, &made, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (made.image_bytes, result.image_bytes);
}

static void
fsck_accepts (void)
{
  const char *argv[] = { "fsck.erofs", image, NULL };

  ck_assert_int_eq (run (argv), 0);
}

/* Unpacks with erofs-utils and compares; devices only root can make. */
static void
unpacked_equals_host (void)
{
  g_autofree char *out = g_build_filename (dir, "out", NULL);
  g_autofree char *extract = g_strconcat ("--extract=", out, NULL);
  const char *argv[] = { "fsck.erofs", extract, image, NULL };

  ck_assert_int_eq (run (argv), 0);
  compare_trees (host, out, 0);
}

/* FALSE where this machine cannot loop-mount EROFS. */
static gboolean
mounted_equals_host (void)
{
  g_autofree char *at = g_build_filename (dir, "mnt", NULL);
  const char *argv[] = { "mount", "-t", "erofs", "-o", "loop,ro", image, at, NULL };

  if (geteuid () != 0)
    return FALSE;
  ck_assert_int_eq (mkdir (at, 0700), 0);
  if (run (argv) != 0)
    return FALSE;
  pid_t child = fork (); /* so that a failure does not leave it mounted */
  if (child == 0)
    {
      compare_trees (host, at, COMPARE_ALL);
      _exit (0);
    }
  int status = -1;
  waitpid (child, &status, 0);
  ck_assert_int_eq (umount (at), 0);
  ck_assert_int_eq (status, 0);
  return TRUE;
}

static void
image_equals_host (void)
{
  g_autoptr (SgTree) tree = kit_tree_of (host);

  make_image (tree);
  fsck_accepts ();
  unpacked_equals_host ();
  mounted_equals_host ();
}

/* ---- trees ---- */

static char *
in_host (const char *name)
{
  return g_build_filename (host, name, NULL);
}

START_TEST (an_empty_tree_is_an_image) { image_equals_host (); }
END_TEST

START_TEST (names_of_any_bytes_keep_their_order)
{
  /* Below and above '.', not UTF-8, 1 and 255 bytes long. */
  const char *names[] = { "!", "+x",   "-",        "-.",       ".a",  "..a", "...",
                          "0", "\x01", "\xff\xfe", "\xc3\x28", "a b", "~" };
  char longest[256];

  memset (longest, 'n', 255);
  longest[255] = '\0';
  kit_file (host, longest, "long", 4);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    kit_file (host, names[i], names[i], strlen (names[i]));
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03u%.250s", i, longest);
      kit_file (host, name, "x", 1);
    }
  image_equals_host ();
}
END_TEST

START_TEST (a_directory_of_50000_entries)
{
  g_autofree char *big = in_host ("big");
  g_autofree char *first = g_build_filename (big, "0", NULL);

  ck_assert_int_eq (mkdir (big, 0755), 0);
  kit_file (big, "0", "first", 5);
  for (guint i = 1; i < 50000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u-%x", big, i, i * 2654435761u);
      ck_assert_int_eq (link (first, name), 0);
    }
  image_equals_host ();
}
END_TEST

START_TEST (files_of_every_size_around_a_block)
{
  const gsize sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 65535, 65536, 1000001 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("size-%zu", sizes[i]);
      g_autofree guint8 *data = kit_noise (sizes[i], i);
      kit_file (host, name, data, sizes[i]);
    }
  image_equals_host ();
}
END_TEST

START_TEST (sparse_files_and_hard_links)
{
  g_autofree char *sparse = in_host ("sparse"), *again = in_host ("again");
  g_autofree char *sub = in_host ("sub"), *third = in_host ("sub/third");

  kit_file (host, "sparse", "start", 5);
  ck_assert_int_eq (truncate (sparse, 3000000), 0);
  ck_assert_int_eq (mkdir (sub, 02775), 0);
  ck_assert_int_eq (link (sparse, again), 0);
  ck_assert_int_eq (link (sparse, third), 0);
  image_equals_host ();
}
END_TEST

START_TEST (links_of_every_length)
{
  const gsize lengths[] = { 1, 59, 60, 61, 1000, 3000, 4030, 4031, 4032, 4033, 4095 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/link-%zu", host, lengths[i]);
      g_autofree char *target = g_strnfill (lengths[i], 't');
      for (gsize k = 200; k < lengths[i]; k += 200)
        target[k] = '/';
      ck_assert_int_eq (symlink (target, name), 0);
    }
  image_equals_host ();
}
END_TEST

START_TEST (times_before_1970_and_far_ahead)
{
  const gint64 seconds[] = { -1, -100000, 0, 1, 2147483648, 4294967296, 7000000000 };

  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/time-%u", host, i);
      struct timespec times[2] = { { seconds[i], 5 }, { seconds[i], 999999999 } };
      g_autofree char *leaf = g_path_get_basename (name);
      kit_file (host, leaf, "t", 1);
      ck_assert_int_eq (utimensat (AT_FDCWD, name, times, 0), 0);
    }
  image_equals_host ();
}
END_TEST

START_TEST (attributes_short_and_long)
{
  g_autofree guint8 *value = kit_noise (3000, 1);
  g_autofree char *file = in_host ("file"), *sub = in_host ("sub");

  kit_file (host, "file", "data", 4);
  ck_assert_int_eq (mkdir (sub, 0755), 0);
  if (setxattr (file, "user.empty", "", 0, 0) < 0)
    {
      fprintf (stderr, "SKIP attributes: this file system keeps none\n");
      return;
    }
  ck_assert_int_eq (setxattr (file, "user.odd", "12345", 5, 0), 0);
  ck_assert_int_eq (setxattr (file, "user.long", value, 3000, 0), 0);
  ck_assert_int_eq (setxattr (sub, "user.long", value, 3000, 0), 0);
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/f%02u", sub, i);
      g_autofree char *leaf = g_path_get_basename (name);
      kit_file (sub, leaf, "x", 1);
      ck_assert_int_eq (setxattr (name, "user.n", value, 40 * i, 0), 0);
    }
  image_equals_host ();
}
END_TEST

START_TEST (special_files_and_capabilities)
{
  g_autofree char *fifo = in_host ("fifo"), *null = in_host ("null"), *disk = in_host ("disk");
  g_autofree char *tool = in_host ("tool"), *sock = in_host ("sock");
  /* struct vfs_cap_data, revision 2: CAP_NET_RAW permitted and effective */
  const guint8 capability[20] = { 1, 0, 0, 2, 0, 0x20 };

  ck_assert_int_eq (mkfifo (fifo, 0600), 0);
  sg_fd int socket_fd = socket (AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  g_strlcpy (name.sun_path, sock, sizeof name.sun_path);
  ck_assert_int_eq (bind (socket_fd, (struct sockaddr *)&name, sizeof name), 0);
  if (geteuid () != 0)
    {
      g_autoptr (SgTree) tree = kit_tree_of (host);
      make_image (tree);
      fsck_accepts ();
      fprintf (stderr, "SKIP devices and capabilities: only root can make them\n");
      return;
    }
  ck_assert_int_eq (mknod (null, S_IFCHR | 0666, makedev (1, 3)), 0);
  ck_assert_int_eq (mknod (disk, S_IFBLK | 0660, makedev (259, 70000)), 0);
  kit_file (host, "tool", "#!", 2);
  ck_assert_int_eq (chown (tool, 70000, 80000), 0);
  ck_assert_int_eq (chmod (tool, 06755), 0);
  ck_assert_int_eq (setxattr (tool, "security.capability", capability, sizeof capability, 0), 0);
  g_autoptr (SgTree) tree = kit_tree_of (host);
  make_image (tree);
  fsck_accepts ();
  mounted_equals_host ();
}
END_TEST

/* Generated files are compared with what a directory with the same contents holds. */
START_TEST (generated_files_small_and_large)
{
  const gsize sizes[] = { 0, 1, 1023, 1024, 1025, 4000, 4096, 70000, 300000 };
  g_autoptr (SgTree) tree = sg_tree_new ();

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("generated-%zu", sizes[i]);
      g_autofree guint8 *data = kit_noise (sizes[i], i + 100);
      SgInode *inode = sg_tree_inode (tree);
      kit_file (host, name, data, sizes[i]);
      inode->mode = S_IFREG | 0644;
      inode->content = SG_CONTENT_GENERATED;
      inode->data = g_bytes_new (data, sizes[i]);
      inode->size = sizes[i];
      ck_assert_ptr_nonnull (sg_tree_add (tree, sg_tree_root (tree), name, inode, NULL));
    }
  sg_tree_seal (tree);
  make_image (tree);
  fsck_accepts ();
  unpacked_equals_host ();
}
END_TEST

START_TEST (equal_trees_give_equal_images)
{
  g_autofree char *second = g_build_filename (dir, "second", NULL);
  SgErofsResult one, two;

  kit_file (host, "a", "abc", 3);
  g_autoptr (SgTree) tree = kit_tree_of (host);
  g_autoptr (SgTree) again = kit_tree_of (host);
  kit_write (tree, host, base, &one);
  kit_write (again, host, second, &two);
  ck_assert_mem_eq (one.digest, two.digest, sizeof one.digest);
  for (guint i = 0; i < 2; i++)
    {
      const char *name = i == 0 ? "meta" : "map";
      g_autofree char *a = g_build_filename (base, name, NULL);
      g_autofree char *b = g_build_filename (second, name, NULL);
      struct stat st;
      ck_assert_int_eq (stat (a, &st), 0);
      compare_contents (a, b, st.st_size);
    }
}
END_TEST

START_TEST (another_file_gives_another_digest)
{
  g_autofree char *second = g_build_filename (dir, "second", NULL);
  SgErofsResult one, two;

  kit_file (host, "a", "abc", 3);
  g_autoptr (SgTree) tree = kit_tree_of (host);
  kit_write (tree, host, base, &one);
  kit_file (host, "a", "abd", 3);
  g_autoptr (SgTree) again = kit_tree_of (host);
  kit_write (again, host, second, &two);
  ck_assert_mem_ne (one.digest, two.digest, sizeof one.digest);
}
END_TEST

START_TEST (names_out_of_order_are_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgErofsResult result;

  for (guint i = 0; i < 2; i++)
    {
      SgInode *inode = sg_tree_inode (tree);
      inode->mode = S_IFIFO | 0644;
      sg_tree_add (tree, sg_tree_root (tree), i == 0 ? "b" : "a", inode, NULL);
    }
  SgNode **names = sg_tree_root (tree)->children; /* a tree sorts them by itself */
  SgNode *last = names[1];
  names[1] = names[0];
  names[0] = last;
  ck_assert_int_eq (mkdir (base, 0700), 0);
  sg_fd int fd = open (base, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ck_assert (!sg_erofs_write (tree, host, fd, &result, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
}
END_TEST

START_TEST (a_cancelled_write_says_so)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SgTree) tree = kit_tree_of (host);
  SgErofsResult result;

  g_cancellable_cancel (cancellable);
  ck_assert_int_eq (mkdir (base, 0700), 0);
  sg_fd int fd = open (base, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ck_assert (!sg_erofs_write (tree, host, fd, &result, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
END_TEST

/* Two files never touch, so that one request never covers both. */
START_TEST (a_free_block_lies_between_two_files)
{
  kit_file (host, "a", "1", 1);
  kit_file (host, "b", "2", 1);
  g_autoptr (SgTree) tree = kit_tree_of (host);
  SgErofsResult result;

  kit_write (tree, host, base, &result);
  guint64 a = sg_tree_root (tree)->children[0]->inode->writer_data[1];
  guint64 b = sg_tree_root (tree)->children[1]->inode->writer_data[1];
  ck_assert_uint_eq (b, a + 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("erofs");
  TCase *tc = tcase_create ("erofs");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 300);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, an_empty_tree_is_an_image);
  tcase_add_test (tc, names_of_any_bytes_keep_their_order);
  tcase_add_test (tc, a_directory_of_50000_entries);
  tcase_add_test (tc, files_of_every_size_around_a_block);
  tcase_add_test (tc, sparse_files_and_hard_links);
  tcase_add_test (tc, links_of_every_length);
  tcase_add_test (tc, times_before_1970_and_far_ahead);
  tcase_add_test (tc, attributes_short_and_long);
  tcase_add_test (tc, special_files_and_capabilities);
  tcase_add_test (tc, generated_files_small_and_large);
  tcase_add_test (tc, equal_trees_give_equal_images);
  tcase_add_test (tc, another_file_gives_another_digest);
  tcase_add_test (tc, names_out_of_order_are_refused);
  tcase_add_test (tc, a_cancelled_write_says_so);
  tcase_add_test (tc, a_free_block_lies_between_two_files);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
