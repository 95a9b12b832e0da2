/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a made-up system as the scanner takes them, and a system that changes meanwhile.
 * run-as: both (devices, mounts and capabilities are root's; nothing may change where the tester is
 * not root). */
#include "tests/unit/scan-kit.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- files ---- */

START_TEST (a_file_is_linked_as_it_is)
{
  put ("usr/lib/x", 0644, "12345");
  g_autofree char *full = at ("usr/lib/x");
  struct stat st;
  ck_assert_int_eq (stat (full, &st), 0);
  gather ();
  const SgInode *inode = inode_at ("/usr/lib/x");
  ck_assert_int_eq (inode->content, SG_CONTENT_LINKED);
  ck_assert_str_eq (inode->host_path, "/usr/lib/x");
  ck_assert_uint_eq (inode->mode, st.st_mode);
  ck_assert_uint_eq (inode->uid, st.st_uid);
  ck_assert_uint_eq (inode->identity.ino, st.st_ino);
  ck_assert_uint_eq (inode->identity.size, 5);
  ck_assert_int_eq (inode->mtime_sec, st.st_mtim.tv_sec);
  ck_assert_uint_eq (inode->mtime_nsec, (guint32)st.st_mtim.tv_nsec);
  ck_assert_str_eq (inode_at ("/bin")->target, "usr/bin");
}
END_TEST

START_TEST (what_others_cannot_read_stays_outside)
{
  put ("usr/share/private", 0640, "x");
  put ("usr/share/closed/file", 0644, "x");
  put ("usr/share/passage/file", 0644, "x");
  put ("usr/share/set-id", 04750, "x");
  put ("usr/share/package-set-id", 04711, "x");
  put_dpkg ("/usr\n/usr/share/package-set-id\n", "");
  put_dir ("usr/share/closed", 0700);
  put_dir ("usr/share/passage", 0711);
  gather ();
  assert_out ("/usr/share/private");
  assert_told ("/usr/share/private", "unreadable");
  assert_out ("/usr/share/set-id");
  assert_out ("/usr/share/package-set-id");
  assert_told ("/usr/share/package-set-id", "set-id");
  ck_assert_uint_eq (inode_at ("/usr/share/closed")->mode, S_IFDIR | 0700);
  assert_out ("/usr/share/closed/file");
  assert_told ("/usr/share/closed", "closed-directory");
  assert_out ("/usr/share/passage/file");
}
END_TEST

START_TEST (odd_names_are_names)
{
  char long_name[256];
  memset (long_name, 'n', 255);
  long_name[255] = '\0';
  g_autofree char *path = g_build_filename ("usr/share", long_name, NULL);
  put (path, 0644, "x");
  put ("usr/share/\xff\xfe\x80", 0644, "x");
  put ("usr/share/new\nline", 0600, "x");
  put ("usr/share/ ", 0644, "x");
  gather ();
  g_autofree char *inside = g_strconcat ("/", path, NULL);
  inode_at (inside);
  inode_at ("/usr/share/\xff\xfe\x80");
  inode_at ("/usr/share/ ");
  /* One line per entry, whatever the name. */
  assert_told ("/usr/share/new?line", "unreadable");
}
END_TEST

START_TEST (links_are_taken_and_not_followed)
{
  put_link ("usr/share/dangling", "/nowhere/at/all");
  put_link ("usr/share/one", "two");
  put_link ("usr/share/two", "one");
  put_link ("usr/share/up", "..");
  put_link ("usr/share/out", "/home");
  put ("home/alice/diary", 0644, "x");
  gather ();
  ck_assert_str_eq (inode_at ("/usr/share/dangling")->target, "/nowhere/at/all");
  ck_assert_str_eq (inode_at ("/usr/share/one")->target, "two");
  ck_assert_str_eq (inode_at ("/usr/share/up")->target, "..");
  ck_assert_str_eq (inode_at ("/usr/share/out")->target, "/home");
  ck_assert_uint_eq (sg_tree_lookup (tree, "/usr/share/out")->n_children, 0);
  assert_out ("/home/alice");
}
END_TEST

START_TEST (devices_sockets_and_pipes_stay_outside)
{
  g_autofree char *fifo = at ("usr/share/fifo");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  put_dir ("usr/share", 0755);
  ck_assert_int_eq (mkfifo (fifo, 0666), 0);
  snprintf (address.sun_path, sizeof address.sun_path, "%s/usr/share/sock", root);
  ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
  g_autofree char *device = at ("usr/share/null");
  gboolean made = mknod (device, S_IFCHR | 0666, 0x103) == 0;
  gather ();
  close (fd);
  assert_out ("/usr/share/fifo");
  assert_told ("/usr/share/fifo", "special");
  assert_out ("/usr/share/sock");
  assert_out ("/usr/share/null");
  if (made)
    assert_told ("/usr/share/null", "special");
}
END_TEST

START_TEST (hard_links_are_one_file)
{
  put ("usr/share/a", 0644, "x");
  g_autofree char *a = at ("usr/share/a"), *b = at ("usr/bin/b"), *c = at ("home/c");
  put_dir ("home", 0755);
  ck_assert_int_eq (link (a, b), 0);
  ck_assert_int_eq (link (a, c), 0);
  gather ();
  ck_assert_ptr_eq (inode_at ("/usr/share/a"), inode_at ("/usr/bin/b"));
  /* The name in /home does not count. */
  ck_assert_uint_eq (inode_at ("/usr/share/a")->nlink, 2);
}
END_TEST

START_TEST (a_sparse_file_has_its_size)
{
  put ("usr/share/sparse", 0644, "");
  g_autofree char *full = at ("usr/share/sparse");
  ck_assert_int_eq (truncate (full, (off_t)1 << 36), 0);
  gather ();
  ck_assert_uint_eq (inode_at ("/usr/share/sparse")->identity.size, G_GUINT64_CONSTANT (1) << 36);
}
END_TEST

START_TEST (capabilities_are_kept)
{
  /* VFS_CAP_REVISION_2, cap_net_raw=ep */
  static const guint8 cap[20] = { 1, 0, 0, 2, 0, 0x20 };
  put ("usr/bin/ping", 0755, "x");
  put ("usr/bin/other", 0755, "x");
  g_autofree char *full = at ("usr/bin/ping");
  if (setxattr (full, "security.capability", cap, sizeof cap, 0) < 0)
    {
      puts ("skipped: file capabilities: only root may set them");
      return;
    }
  gather ();
  const SgInode *inode = inode_at ("/usr/bin/ping");
  ck_assert_uint_eq (inode->n_xattrs, 1);
  ck_assert_str_eq (inode->xattrs[0].name, "security.capability");
  ck_assert_uint_eq (inode->xattrs[0].len, sizeof cap);
  ck_assert_mem_eq (inode->xattrs[0].value, cap, sizeof cap);
  ck_assert_uint_eq (inode_at ("/usr/bin/other")->n_xattrs, 0);
}
END_TEST

START_TEST (paths_too_long_to_open_are_left_out)
{
  g_autofree char *name = g_strnfill (200, 'd');
  int dir = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  put_dir ("usr/share", 0755);
  dir = openat (dir, "usr/share", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (guint i = 0; i < 25; i++)
    {
      ck_assert_int_eq (mkdirat (dir, name, 0755), 0);
      int next = openat (dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      close (dir);
      dir = next;
      ck_assert_int_ge (dir, 0);
    }
  close (dir);
  gather ();
  guint n;
  g_autofree char *text = sg_scan_left_out (scan, &n);
  ck_assert_ptr_nonnull (strstr (text, "\tpath-too-long: "));
  /* tear_down's nftw() cannot go there: take it away by hand */
  g_autofree char *command = g_strdup_printf ("rm -rf '%s/usr/share'", root);
  ck_assert_int_eq (system (command), 0);
}
END_TEST

/* ---- a system that changes meanwhile ---- */

static gint stop_changing;

static gpointer
change (gpointer data)
{
  g_autofree char *dir = at ("usr/share/busy");
  g_autofree char *file = at ("usr/share/busy/file");
  g_autofree char *sub = at ("usr/share/busy/sub");
  g_autofree char *grows = at ("etc/grows");

  while (!g_atomic_int_get (&stop_changing))
    {
      mkdir (dir, 0755);
      mkdir (sub, 0755);
      g_file_set_contents (file, "x", 1, NULL);
      int fd = open (grows, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
      if (fd >= 0 && write (fd, "more\n", 5) == 5)
        close (fd);
      unlink (file);
      rmdir (sub);
      rmdir (dir);
    }
  return NULL;
}

START_TEST (a_system_that_changes_meanwhile_is_no_error)
{
  put ("etc/grows", 0644, "x");
  put_dpkg ("/etc/grows\n", "");
  put_dir ("usr/share", 0755);
  GThread *thread = g_thread_new ("change", change, NULL);
  for (guint i = 0; i < 200; i++)
    {
      gather ();
      SgNode *grows = sg_tree_lookup (tree, "/etc/grows");
      /* Either whole as it was at one moment, or left out. */
      if (grows != NULL)
        ck_assert_uint_eq (grows->inode->size, g_bytes_get_size (grows->inode->data));
      g_clear_pointer (&scan, sg_scan_free);
      g_clear_pointer (&tree, sg_tree_free);
    }
  g_atomic_int_set (&stop_changing, 1);
  g_thread_join (thread);
}
END_TEST

START_TEST (it_can_be_cancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  tree = sg_tree_new ();
  scan = sg_scan_new (root, tree, cancellable, NULL);
  g_cancellable_cancel (cancellable);
  ck_assert (!sg_gather_system (scan, 1000, 1000, NULL, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
END_TEST

static void
on_progress (const char *stage, double fraction, gpointer data)
{
  ck_assert (fraction >= 0 && fraction <= 1);
  ck_assert (g_utf8_validate (stage, -1, NULL));
}

START_TEST (progress_stays_within_its_bounds)
{
  tree = sg_tree_new ();
  scan = sg_scan_new (root, tree, NULL, NULL);
  ck_assert (sg_gather_system (scan, 1000, 1000, on_progress, NULL, NULL));
}
END_TEST

/* ---- other file systems ---- */

START_TEST (network_and_virtual_file_systems_stay_outside)
{
  put_dir ("usr/share/mounted", 0755);
  put_dir ("usr/share/same", 0755);
  put ("usr/lib/deep/file", 0644, "x");
  g_autofree char *mounted = at ("usr/share/mounted");
  g_autofree char *same = at ("usr/share/same"), *deep = at ("usr/lib/deep");
  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount ("proc", mounted, "proc", 0, NULL) < 0)
    {
      puts ("skipped: other file systems: only root may mount");
      return;
    }
  ck_assert_int_eq (mount (deep, same, NULL, MS_BIND, NULL), 0);
  gather ();
  assert_out ("/usr/share/mounted");
  assert_told ("/usr/share/mounted", "other-file-system");
  inode_at ("/usr/share/same/file"); /* a mount of the system's own disk is part of it */
  umount (same);
  umount (mounted);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("scan");
  TCase *tcase = tcase_create ("scan");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, a_file_is_linked_as_it_is);
  tcase_add_test (tcase, what_others_cannot_read_stays_outside);
  tcase_add_test (tcase, odd_names_are_names);
  tcase_add_test (tcase, links_are_taken_and_not_followed);
  tcase_add_test (tcase, devices_sockets_and_pipes_stay_outside);
  tcase_add_test (tcase, hard_links_are_one_file);
  tcase_add_test (tcase, a_sparse_file_has_its_size);
  tcase_add_test (tcase, capabilities_are_kept);
  tcase_add_test (tcase, paths_too_long_to_open_are_left_out);
  tcase_add_test (tcase, a_system_that_changes_meanwhile_is_no_error);
  tcase_add_test (tcase, it_can_be_cancelled);
  tcase_add_test (tcase, progress_stays_within_its_bounds);
  tcase_add_test (tcase, network_and_virtual_file_systems_stay_outside);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
