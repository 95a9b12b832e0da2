/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up system in a temporary folder, with a package database of its own, as the scanner and
 * the rules take it.  run-as: both (devices, mounts and capabilities are root's; nothing may change
 * where the tester is not root). */
#include "baseimage/anonymous.h"
#include "baseimage/sources.h"
#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

static char *root;
static SgTree *tree;
static SgScan *scan;

/* ---- making the system ---- */

static char *
at (const char *path)
{
  return g_build_filename (root, path, NULL);
}

static void
put_dir (const char *path, mode_t mode)
{
  g_autofree char *full = at (path);

  ck_assert_int_eq (g_mkdir_with_parents (full, 0755), 0);
  ck_assert_int_eq (chmod (full, mode), 0);
}

static void
put (const char *path, mode_t mode, const char *text)
{
  g_autofree char *full = at (path);
  g_autofree char *folder = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (folder, 0755), 0);
  sg_fd int fd = open (full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ck_assert_msg (fd >= 0 && sg_write_all (fd, text, strlen (text), NULL), "%s", full);
  ck_assert_int_eq (fchmod (fd, mode), 0);
}

static void
put_link (const char *path, const char *target)
{
  g_autofree char *full = at (path);
  g_autofree char *folder = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (folder, 0755), 0);
  ck_assert_int_eq (symlink (target, full), 0);
}

static const char account_file[]
    = "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n";

static void
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

static void
tear_down (void)
{
  sg_scan_free (scan);
  sg_tree_free (tree);
  nftw (root, open_one, 16, FTW_PHYS);
  nftw (root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_clear_pointer (&root, g_free);
}

/* dpkg's database: LIST is what the one package has, CONFFILES lines of " path digest". */
static void
put_dpkg (const char *list, const char *conffiles)
{
  g_autofree char *status = g_strdup_printf (
      "Package: one\nStatus: install ok installed\nConffiles:\n%sDescription: x\n", conffiles);

  put ("var/lib/dpkg/status", 0644, status);
  put ("var/lib/dpkg/info/one.list", 0644, list);
}

/* ---- looking at it ---- */

static void
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

static SgInode *
inode_at (const char *path)
{
  SgNode *node = sg_tree_lookup (tree, path);

  ck_assert_msg (node != NULL, "%s is not inside", path);
  return node->inode;
}

static void
assert_out (const char *path)
{
  ck_assert_msg (sg_tree_lookup (tree, path) == NULL, "%s is inside", path);
}

/* PATH is in the list with RULE. */
static void
assert_told (const char *path, const char *rule)
{
  guint n;
  g_autofree char *text = sg_scan_left_out (scan, &n);
  g_autofree char *all = g_strconcat ("\n", text, NULL);
  g_autofree char *line = g_strdup_printf ("\n%s\t%s: ", path, rule);

  ck_assert_msg (strstr (all, line) != NULL, "'%s' is not in:\n%s", line + 1, text);
}

static char *
text_at (const char *path)
{
  const SgInode *inode = inode_at (path);
  gsize len;

  ck_assert_int_eq (inode->content, SG_CONTENT_GENERATED);
  const char *data = g_bytes_get_data (inode->data, &len);
  return g_strndup (data != NULL ? data : "", len);
}

static char *
md5 (const char *text)
{
  return g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
}

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

/* ---- /etc ---- */

START_TEST (settings_are_as_packages_brought_them)
{
  g_autofree char *intact = md5 ("as shipped\n");
  g_autofree char *conffiles
      = g_strdup_printf (" /etc/intact.conf %s\n /etc/changed.conf %s\n /etc/old.conf %s obsolete\n"
                         " newconffile\n /etc/gone.conf %s\n",
                         intact, intact, intact, intact);
  put_dpkg ("/.\n/etc\n/etc/intact.conf\n/etc/changed.conf\n/etc/kept-empty\n/etc/owned-link\n",
            conffiles);
  put ("etc/intact.conf", 0644, "as shipped\n");
  put ("etc/changed.conf", 0644, "my own\n");
  put ("etc/old.conf", 0644, "as shipped\n");
  put ("etc/unowned/x.conf", 0644, "x");
  put_dir ("etc/kept-empty", 0755);
  put_link ("etc/owned-link", "intact.conf");
  put_link ("etc/other-link", "intact.conf");
  gather ();
  g_autofree char *text = text_at ("/etc/intact.conf");
  ck_assert_str_eq (text, "as shipped\n");
  assert_out ("/etc/changed.conf");
  assert_told ("/etc/changed.conf", "etc-changed");
  inode_at ("/etc/old.conf");
  assert_out ("/etc/unowned");
  assert_told ("/etc/unowned/x.conf", "etc-unowned");
  inode_at ("/etc/kept-empty");
  inode_at ("/etc/owned-link");
  assert_out ("/etc/other-link");
}
END_TEST

START_TEST (settings_are_copied_or_left_out_but_never_linked)
{
  put ("etc/large.conf", 0644, "");
  put ("etc/huge.bin", 0644, "");
  g_autofree char *large = at ("etc/large.conf"), *huge = at ("etc/huge.bin");
  ck_assert_int_eq (truncate (large, 8 << 20), 0);
  ck_assert_int_eq (truncate (huge, (8 << 20) + 1), 0);
  gather ();
  ck_assert_int_eq (inode_at ("/etc/large.conf")->content, SG_CONTENT_GENERATED);
  ck_assert_uint_eq (inode_at ("/etc/large.conf")->size, 8 << 20);
  assert_out ("/etc/huge.bin");
  assert_told ("/etc/huge.bin", "too-large");
}
END_TEST

START_TEST (credentials_stay_outside)
{
  g_autofree char *key = md5 ("key");
  g_autofree char *conffiles = g_strdup_printf (" /etc/ssh/ssh_host_rsa_key %s\n", key);
  put_dpkg ("/etc/ssh/ssh_host_rsa_key\n/etc/apt/auth.conf.d\n", conffiles);
  put ("etc/ssh/ssh_host_rsa_key", 0644, "key");
  put ("etc/shadow", 0644, "alice:$6$hash:1::::::\n");
  put ("etc/apt/auth.conf.d/x", 0644, "machine example.org login me password pw");
  put ("etc/apt/sources.list", 0644,
       "deb https://me:pw@private.example.org/ x main\ndeb http://deb.example.org/ x main\n");
  put ("etc/profile", 0644, "export GITHUB_TOKEN=marker-token\n");
  put ("etc/ssl/certs/mixed.pem", 0644, "-----BEGIN PRIVATE KEY-----\nmarker\n");
  put ("etc/ssl/certs/public.pem", 0644, "-----BEGIN CERTIFICATE-----\nabc\n");
  put ("etc/environment", 0644, "LANG=C\nSECRET=marker\n");
  put ("usr/local/lib/.netrc", 0644, "machine x password marker");
  put ("usr/local/etc/app.conf", 0644, "password marker");
  gather ();
  assert_out ("/etc/ssh/ssh_host_rsa_key");
  assert_out ("/etc/apt/auth.conf.d/x");
  assert_out ("/etc/profile");
  assert_told ("/etc/profile", "etc-secret-inside");
  assert_out ("/etc/ssl/certs/mixed.pem");
  inode_at ("/etc/ssl/certs/public.pem");
  assert_out ("/usr/local/lib/.netrc");
  assert_out ("/usr/local/etc/app.conf");
  g_autofree char *sources = text_at ("/etc/apt/sources.list");
  ck_assert_str_eq (sources, "deb http://deb.example.org/ x main\n");
  g_autofree char *shadow = text_at ("/etc/shadow");
  ck_assert_ptr_null (strstr (shadow, "alice"));
  g_autofree char *environment = text_at ("/etc/environment");
  ck_assert_str_eq (environment, "LANG=C\n");
}
END_TEST

START_TEST (without_a_database_readable_settings_are_taken)
{
  put ("etc/some.conf", 0644, "x");
  put ("etc/closed.conf", 0600, "x");
  put ("opt/app/program", 0755, "x");
  gather ();
  inode_at ("/etc/some.conf");
  assert_out ("/etc/closed.conf");
  inode_at ("/opt/app/program");
}
END_TEST

START_TEST (pacmans_database_is_understood)
{
  g_autofree char *intact = md5 ("shipped");
  g_autofree char *files = g_strdup_printf (
      "%%FILES%%\nusr/\netc/\netc/intact.conf\netc/changed.conf\nopt/app/\nvar/lib/thing/\n\n"
      "%%BACKUP%%\netc/intact.conf\t%s\netc/changed.conf\t%s\n",
      intact, intact);
  put ("var/lib/pacman/local/one-1/files", 0644, files);
  put ("etc/intact.conf", 0644, "shipped");
  put ("etc/changed.conf", 0644, "other");
  put ("opt/app/program", 0755, "x");
  put ("opt/mine/program", 0755, "x");
  put_dir ("var/lib/thing", 0755);
  gather ();
  ck_assert_str_eq (sg_packages_kind (sg_scan_packages (scan)), "pacman");
  inode_at ("/etc/intact.conf");
  assert_out ("/etc/changed.conf");
  inode_at ("/opt/app/program");
  assert_out ("/opt/mine");
  inode_at ("/var/lib/thing");
  inode_at ("/var/lib/pacman/local/one-1/files");
}
END_TEST

/* An `rpm` of our own making, first in the path. */
static void
put_rpm (const char *script)
{
  put ("fake/rpm", 0755, script);
  put ("var/lib/rpm/rpmdb.sqlite", 0644, "database");
  put ("var/lib/rpm/rpmdb.sqlite-shm", 0644, "x");
  g_autofree char *fake = at ("fake");
  g_autofree char *path = g_strconcat (fake, ":/usr/bin:/bin", NULL);
  g_setenv ("PATH", path, TRUE);
}

START_TEST (rpm_is_asked)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "shipped", -1);
  g_autofree char *script
      = g_strdup_printf ("#!/bin/sh\n[ \"$1 $2\" = '--dbpath %s/var/lib/rpm' ] || exit 1\n"
                         "echo '17 -%s /etc/intact.conf'\n"
                         "echo '1 -%s /etc/changed.conf'\n"
                         "echo '0 - /opt/app'\n"
                         "echo '0 - /etc/with blank'\n",
                         root, sum, sum);
  put_rpm (script);
  put ("etc/intact.conf", 0644, "shipped");
  put ("etc/changed.conf", 0644, "other");
  put ("etc/with blank", 0644, "x");
  put ("opt/app/program", 0755, "x");
  gather ();
  ck_assert_str_eq (sg_packages_kind (sg_scan_packages (scan)), "rpm");
  inode_at ("/etc/intact.conf");
  inode_at ("/etc/with blank");
  assert_out ("/etc/changed.conf");
  inode_at ("/opt/app/program");
  inode_at ("/var/lib/rpm/rpmdb.sqlite");
  assert_out ("/var/lib/rpm/rpmdb.sqlite-shm");
}
END_TEST

START_TEST (an_rpm_database_that_cannot_be_read_is_said)
{
  put_rpm ("#!/bin/sh\nexit 1\n");
  put ("etc/some.conf", 0644, "x");
  gather ();
  ck_assert_ptr_null (sg_packages_kind (sg_scan_packages (scan)));
  ck_assert_ptr_nonnull (sg_packages_problem (sg_scan_packages (scan)));
  assert_told ("/var/lib/rpm", "database-unread");
  inode_at ("/etc/some.conf");
}
END_TEST

/* ---- the rest ---- */

START_TEST (personal_files_and_logs_stay_outside)
{
  put_dpkg ("/var\n/var/lib\n/var/lib/thing\n/var/log\n/var/log/app\n/var/spool/mail\n", "");
  put ("home/alice/diary", 0644, "marker");
  put ("root/notes", 0644, "marker");
  put ("srv/data", 0644, "marker");
  put ("own-folder/data", 0644, "marker");
  put ("var/log/app/log", 0644, "marker");
  put ("var/log/syslog", 0644, "marker");
  put ("var/lib/thing/state", 0644, "marker");
  put ("var/lib/other/state", 0644, "marker");
  put ("var/spool/mail/alice", 0644, "marker");
  put ("var/tmp/x", 0644, "marker");
  put ("snap/browser/1/x", 0644, "marker");
  gather ();
  ck_assert_uint_eq (sg_tree_lookup (tree, "/home")->n_children, 0);
  ck_assert_uint_eq (sg_tree_lookup (tree, "/root")->n_children, 0);
  ck_assert_uint_eq (sg_tree_lookup (tree, "/srv")->n_children, 0);
  assert_out ("/own-folder");
  assert_told ("/own-folder", "elsewhere");
  ck_assert_uint_eq (sg_tree_lookup (tree, "/var/log/app")->n_children, 0);
  ck_assert_uint_eq (sg_tree_lookup (tree, "/var/log")->n_children, 1);
  ck_assert_uint_eq (sg_tree_lookup (tree, "/var/lib/thing")->n_children, 0);
  assert_out ("/var/lib/other");
  ck_assert_uint_eq (sg_tree_lookup (tree, "/var/spool/mail")->n_children, 0);
  ck_assert_uint_eq (sg_tree_lookup (tree, "/var/tmp")->n_children, 0);
  ck_assert_uint_eq (inode_at ("/var/tmp")->mode, S_IFDIR | 01777);
  assert_told ("/snap/browser", "snap");
  assert_told ("/home", "homes");
}
END_TEST

START_TEST (the_package_database_goes_inside)
{
  put_dpkg ("/usr/bin/true\n", "");
  put ("var/lib/dpkg/status-old", 0644, "x");
  put ("var/lib/dpkg/lock", 0640, "");
  put ("var/lib/apt/lists/x_Packages", 0644, "x");
  gather ();
  ck_assert_int_eq (inode_at ("/var/lib/dpkg/status")->content, SG_CONTENT_GENERATED);
  ck_assert_int_eq (inode_at ("/var/lib/dpkg/info/one.list")->content, SG_CONTENT_LINKED);
  assert_out ("/var/lib/dpkg/status-old");
  assert_out ("/var/lib/dpkg/lock");
  assert_out ("/var/lib/apt/lists/x_Packages");
}
END_TEST

static void
describe (const SgNode *node, const char *path, GString *text)
{
  const SgInode *inode = node->inode;

  g_string_append_printf (text, "%s %o %u %u %u %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n", path,
                          inode->mode, inode->uid, inode->gid, inode->nlink, inode->size,
                          inode->mtime_sec);
  for (guint i = 0; i < node->n_children; i++)
    {
      g_autofree char *below = g_strconcat (path, "/", node->children[i]->name, NULL);
      describe (node->children[i], below, text);
    }
}

START_TEST (the_same_system_gives_the_same_tree)
{
  g_autoptr (GString) one = g_string_new (NULL), two = g_string_new (NULL);

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *path = g_strdup_printf ("usr/share/dir-%u/file-%u", i % 40, i);
      put (path, i % 7 == 0 ? 0600 : 0644, "x");
    }
  put_dpkg ("/var/lib/thing\n", "");
  put_dir ("var/lib/thing", 0755);
  gather ();
  describe (sg_tree_root (tree), "", one);
  g_clear_pointer (&scan, sg_scan_free);
  g_clear_pointer (&tree, sg_tree_free);
  gather ();
  describe (sg_tree_root (tree), "", two);
  ck_assert_str_eq (one->str, two->str);
}
END_TEST

static void
assert_watched (const char *path, const char *about, const char *rule)
{
  const char *said_about;

  tree = sg_tree_new ();
  scan = sg_scan_new (root, tree, NULL, NULL);
  sg_scan_watch (scan, path);
  ck_assert (sg_gather_system (scan, 1000, 1000, NULL, NULL, NULL));
  const SgRule *said = sg_scan_watched (scan, &said_about);
  ck_assert_ptr_nonnull (said);
  ck_assert_str_eq (said->id, rule);
  ck_assert_str_eq (said_about, about);
  g_clear_pointer (&scan, sg_scan_free);
  g_clear_pointer (&tree, sg_tree_free);
}

START_TEST (a_log_that_grows_changes_nothing)
{
  g_autoptr (GString) one = g_string_new (NULL), two = g_string_new (NULL);

  put_dpkg ("/var/log\n/var/lib/thing\n/etc\n/etc/thing\n", "");
  put ("var/log/syslog", 0644, "x");
  put ("var/lib/thing/state", 0644, "x");
  put_dir ("etc/thing", 0755);
  gather ();
  describe (sg_tree_root (tree), "", one);
  g_clear_pointer (&scan, sg_scan_free);
  g_clear_pointer (&tree, sg_tree_free);
  sleep (1);
  put ("var/log/other", 0644, "x");
  put ("var/lib/thing/lease", 0644, "x");
  put ("etc/thing/unowned", 0644, "x");
  put ("etc/resolv.conf", 0644, "x");
  gather ();
  describe (sg_tree_root (tree), "", two);
  ck_assert_str_eq (one->str, two->str);
}
END_TEST

START_TEST (a_watched_path_tells_its_rule)
{
  put ("usr/share/closed/file", 0644, "x");
  put_dir ("usr/share/closed", 0700);
  put_dir ("home", 0755);
  assert_watched ("/usr/bin/true", "/usr/bin/true", "system");
  assert_watched ("/usr/share/closed/file", "/usr/share/closed", "closed-directory");
  assert_watched ("/home/alice/x", "/home", "homes");
  assert_watched ("/etc/passwd", "/etc/passwd", "etc-ours");
}
END_TEST

static void
add_tests (TCase *tcase)
{
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
  tcase_add_test (tcase, settings_are_as_packages_brought_them);
  tcase_add_test (tcase, settings_are_copied_or_left_out_but_never_linked);
  tcase_add_test (tcase, credentials_stay_outside);
  tcase_add_test (tcase, without_a_database_readable_settings_are_taken);
  tcase_add_test (tcase, pacmans_database_is_understood);
  tcase_add_test (tcase, rpm_is_asked);
  tcase_add_test (tcase, an_rpm_database_that_cannot_be_read_is_said);
  tcase_add_test (tcase, personal_files_and_logs_stay_outside);
  tcase_add_test (tcase, the_package_database_goes_inside);
  tcase_add_test (tcase, the_same_system_gives_the_same_tree);
  tcase_add_test (tcase, a_log_that_grows_changes_nothing);
  tcase_add_test (tcase, a_watched_path_tells_its_rule);
}

/* ---- anonymous ---- */

#define PEM(body) "-----BEGIN CERTIFICATE-----\n" body "\n-----END CERTIFICATE-----\n"
#define PEM_WITH_TRUST(body)                                                                       \
  "-----BEGIN TRUSTED CERTIFICATE-----\n" body "\n-----END TRUSTED CERTIFICATE-----\n"

static void
assert_text (const char *path, const char *expected)
{
  SgInode *inode = inode_at (path);
  gsize len;
  const char *text = g_bytes_get_data (inode->data, &len);

  ck_assert_uint_eq (len, strlen (expected));
  ck_assert_int_eq (memcmp (text, expected, len), 0);
}

/* "YWNtZQ==" is "acme", "cHVibGlj" is "public"; in the trusted one more follows. */
START_TEST (an_anonymous_copy_has_no_certificate_of_a_company)
{
  put ("usr/local/share/ca-certificates/acme.crt", 0644, PEM ("YWNtZQ=="));
  put ("etc/ssl/certs/all.crt", 0644,
       "# public\n" PEM ("cHVibGlj") "# of acme\n" PEM ("YW\nNtZQ==") PEM ("cHVibGlj"));
  put ("etc/ssl/certs/trusted.crt", 0644, PEM_WITH_TRUST ("YWNtZSBtb3Jl") PEM ("cHVibGlj"));
  put ("etc/ssl/certs/only.crt", 0644, PEM ("YWNtZQ=="));
  put ("etc/ssl/certs/cut.crt", 0644, PEM ("cHVibGlj") "-----BEGIN CERTIFICATE-----\nYWNt");
  put ("etc/ssl/certs/java/cacerts", 0644, "anything");
  put_link ("etc/ssl/certs/acme.pem", "/usr/local/share/ca-certificates/acme.crt");
  put_link ("etc/ssl/certs/1234.0", "acme.pem");
  put_link ("etc/ssl/certs/5678.0", "all.crt");
  gather ();
  sg_anonymise (scan);
  assert_out ("/usr/local/share/ca-certificates");
  assert_text ("/etc/ssl/certs/all.crt", "# public\n" PEM ("cHVibGlj") PEM ("cHVibGlj"));
  assert_text ("/etc/ssl/certs/trusted.crt", PEM ("cHVibGlj"));
  assert_text ("/etc/ssl/certs/cut.crt", PEM ("cHVibGlj") "-----BEGIN CERTIFICATE-----\nYWNt");
  assert_out ("/etc/ssl/certs/only.crt");
  assert_out ("/etc/ssl/certs/java/cacerts");
  assert_out ("/etc/ssl/certs/acme.pem");
  assert_out ("/etc/ssl/certs/1234.0");
  inode_at ("/etc/ssl/certs/5678.0");
  assert_told ("/etc/ssl/certs/only.crt", "anonymous");
}
END_TEST

START_TEST (an_anonymous_copy_identifies_nobody)
{
  put ("etc/hostname", 0644, "laptop-of-alice\n");
  put ("etc/fonts/local.conf", 0644, "<!-- laptop-of-alice -->");
  put ("etc/fonts/fonts.conf", 0644, "<!-- of nobody -->");
  put ("usr/local/bin/tool", 0755, "x");
  put ("usr/local/lib/deep/part", 0755, "x");
  put ("etc/apt/sources.list.d/acme.list", 0644, "deb https://apt.acme.example/x stable main\n");
  put ("etc/apt/sources.list.d/like.list", 0644, "deb https://notdebian.org/x stable main\n");
  put ("etc/apt/sources.list", 0644, "deb http://deb.debian.org/debian stable main\n");
  put ("usr/share/zoneinfo/Etc/UTC", 0644, "x");
  put_link ("etc/localtime", "/usr/share/zoneinfo/Europe/Vienna");
  put_dpkg ("/usr\n", "");
  gather ();
  g_autoptr (GPtrArray) before = sg_identifying_in (tree, root, 1001);
  ck_assert_uint_ge (before->len, 7);
  sg_anonymise (scan);
  assert_out ("/etc/fonts/local.conf");
  inode_at ("/etc/fonts/fonts.conf");
  assert_out ("/usr/local/bin/tool");
  assert_out ("/usr/local/lib/deep");
  inode_at ("/usr/local/bin");
  assert_out ("/etc/apt/sources.list.d/acme.list");
  assert_out ("/etc/apt/sources.list.d/like.list");
  inode_at ("/etc/apt/sources.list");
  ck_assert_str_eq (inode_at ("/etc/localtime")->target, "/usr/share/zoneinfo/Etc/UTC");
  g_autoptr (GPtrArray) after = sg_identifying_in (tree, root, 1000);
  for (guint i = 0; i < after->len; i++)
    {
      const SgIdentifying *one = after->pdata[i];
      ck_assert_msg (one->stays, "%s: %s", one->topic, one->value);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("scan");
  TCase *tcase = tcase_create ("scan");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_set_timeout (tcase, 60);
  add_tests (tcase);
  tcase_add_test (tcase, an_anonymous_copy_has_no_certificate_of_a_company);
  tcase_add_test (tcase, an_anonymous_copy_identifies_nobody);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
