/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes into a made-up host's tree, and what of that host no longer starts by itself. */
#include "baseimage/guest-payload.h"
#include "baseimage/guest/payload-internal.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static SgTree *tree;
static char *guest;
static const SgGuestFacts facts = { "/", "9.9-made-up", 1234, 1235 };

static void
put (const char *path, mode_t perm, const char *text)
{
  sg_tree_put_file (tree, path, perm, 0, 0, text, strlen (text));
}

static void
put_table (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (guest, name, NULL);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (void)
{
  tree = sg_tree_new ();
  guest = g_dir_make_tmp ("sg-payload-XXXXXX", NULL);
  put_table ("source", "contents");
  put ("/usr/lib/systemd/system/cron.service", 0644, "[Unit]\n");
  sg_tree_put_link (tree, "/usr/lib/systemd/system/timers.target.wants/daily.timer",
                    "../daily.timer");
  sg_tree_put_link (tree, "/usr/lib/systemd/system/sockets.target.wants/dbus.socket",
                    "../dbus.socket");
  sg_tree_put_link (tree, "/usr/lib/systemd/system/a.service.requires/b.service", "../b.service");
  sg_tree_put_link (tree, "/etc/systemd/system/multi-user.target.wants/ssh.service", "/x");
  sg_tree_put_link (tree, "/etc/systemd/user/default.target.wants/x.service", "/x");
  put ("/usr/lib/systemd/system-generators/systemd-fstab-generator", 0755, "");
  put ("/etc/skel/.bashrc", 0644, "# yours\n");
}

static void
tear_down (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", guest);

  ck_assert_int_eq (system (command), 0);
  g_free (guest);
  sg_tree_free (tree);
}

static const SgInode *
inode_of (const char *path)
{
  SgNode *node = sg_tree_lookup (tree, path);

  ck_assert_msg (node != NULL, "%s is not there", path);
  return node->inode;
}

static void
expect_mask (const char *path)
{
  ck_assert_msg (S_ISLNK (inode_of (path)->mode), "%s", path);
  ck_assert_str_eq (inode_of (path)->target, "/dev/null");
}

START_TEST (only_listed_units_start_by_themselves)
{
  g_autoptr (GHashTable) allowed = NULL;
  g_autoptr (GError) error = NULL;

  put_table ("units.list", "# why\n\ndbus.socket   the bus\n");
  allowed = sg_payload_units_read (guest, &error);
  ck_assert_ptr_nonnull (allowed);
  ck_assert_uint_eq (g_hash_table_size (allowed), 1);
  sg_payload_units (tree, allowed);
  expect_mask ("/etc/systemd/system/timers.target.wants/daily.timer");
  expect_mask ("/etc/systemd/system/a.service.requires/b.service");
  expect_mask ("/etc/systemd/system-generators/systemd-fstab-generator");
  ck_assert_ptr_null (
      sg_tree_lookup (tree, "/etc/systemd/system/sockets.target.wants/dbus.socket"));
  /* The host's own choices are not taken in; a unit can still be started by hand. */
  ck_assert_ptr_null (sg_tree_lookup (tree, "/etc/systemd/system/multi-user.target.wants"));
  ck_assert_ptr_null (sg_tree_lookup (tree, "/etc/systemd/user"));
  ck_assert_ptr_null (sg_tree_lookup (tree, "/etc/systemd/system/cron.service"));
}
END_TEST

START_TEST (a_table_puts_files_directories_and_links)
{
  g_autoptr (GError) error = NULL;

  put ("/etc/motd", 0644, "of the host");
  put ("/etc/fstab", 0600, "of the host");
  put_table ("a.payload", "# a comment\n\n"
                          "file 0640:user /home/sandbox/x source its reason\n"
                          "file 4755 /usr/bin/tool source its reason\n"
                          "file 0644 /etc/fstab source its reason\n"
                          "dir 1777 /scratch - its reason\n"
                          "link - /etc/l target/of/it its reason\n"
                          "gone - /etc/motd - its reason\n");
  ck_assert_msg (sg_payload_tables (tree, &facts, guest, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (inode_of ("/home/sandbox/x")->mode, S_IFREG | 0640);
  ck_assert_uint_eq (inode_of ("/home/sandbox/x")->uid, 1234);
  ck_assert_uint_eq (inode_of ("/home/sandbox/x")->gid, 1235);
  ck_assert_uint_eq (inode_of ("/usr/bin/tool")->mode, S_IFREG | 04755);
  ck_assert_uint_eq (inode_of ("/usr/bin/tool")->uid, 0);
  ck_assert_uint_eq (inode_of ("/etc/fstab")->mode, S_IFREG | 0644);
  ck_assert_uint_eq (inode_of ("/etc/fstab")->size, 8);
  ck_assert_uint_eq (inode_of ("/scratch")->mode, S_IFDIR | 01777);
  ck_assert_str_eq (inode_of ("/etc/l")->target, "target/of/it");
  ck_assert_ptr_null (sg_tree_lookup (tree, "/etc/motd"));
}
END_TEST

/* Later names win: a part can replace what another one puts. */
START_TEST (tables_are_read_in_the_order_of_their_names)
{
  g_autoptr (GError) error = NULL;

  put_table ("b.payload", "link - /etc/l second because\n");
  put_table ("a.payload", "link - /etc/l first because\n");
  ck_assert (sg_payload_tables (tree, &facts, guest, &error));
  ck_assert_str_eq (inode_of ("/etc/l")->target, "second");
}
END_TEST

START_TEST (a_mistake_in_a_table_is_told_with_its_place)
{
  static const char *const mistakes[] = {
    "file 0644 /etc/x source",              /* no reason */
    "file 0644 etc/x source reason",        /* not absolute */
    "file 9999 /etc/x source reason",       /* not octal */
    "file 0644:root /etc/x source reason",  /* no such owner */
    "file 0644 /etc/x no-such-file reason", /* no source */
    "device 0644 /etc/x source reason",     /* no such kind */
    "file",                                 /* cut off */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autofree char *text = g_strconcat ("# line 1\n", mistakes[i], "\n", NULL);
      g_autoptr (GError) error = NULL;

      put_table ("a.payload", text);
      ck_assert_msg (!sg_payload_tables (tree, &facts, guest, &error), "%s", mistakes[i]);
      ck_assert_msg (g_str_has_prefix (error->message, "a.payload, line 2: "), "%s",
                     error->message);
    }
}
END_TEST

/* The real tables, on a host without sudo. */
START_TEST (the_whole_payload_goes_in)
{
  g_autoptr (GError) error = NULL;

  put ("/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service", 0644, "x");
  put ("/usr/share/dbus-1/system-services/org.freedesktop.NetworkManager.service", 0644, "x");
  ck_assert_msg (sg_guest_payload_add (tree, &facts, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (inode_of ("/usr/lib/sandglass/sandglass-agent")->mode, S_IFREG | 0755);
  ck_assert_uint_eq (inode_of ("/usr/bin/sudo")->mode, S_IFREG | 04755);
  ck_assert_uint_eq (inode_of ("/etc/fstab")->size, 0);
  ck_assert_uint_eq (inode_of ("/root")->mode, S_IFDIR | 0700);
  ck_assert_uint_eq (inode_of ("/home/sandbox/.bashrc")->uid, 1234);
  ck_assert_uint_eq (inode_of ("/etc/skel/.bashrc")->uid, 0);
  inode_of ("/usr/lib/sandglass/bus-services/org.freedesktop.PolicyKit1.service");
  ck_assert_ptr_null (sg_tree_lookup (
      tree, "/usr/lib/sandglass/bus-services/org.freedesktop.NetworkManager.service"));
}
END_TEST

START_TEST (the_host_s_sudo_is_kept_where_it_works)
{
  g_autoptr (GError) error = NULL;

  put ("/usr/bin/sudo", 04755, "the host's");
  put ("/etc/sudoers", 0440, "@includedir /etc/sudoers.d\n");
  ck_assert (sg_guest_payload_add (tree, &facts, &error));
  ck_assert_uint_eq (inode_of ("/usr/bin/sudo")->size, strlen ("the host's"));
  ck_assert_uint_eq (inode_of ("/etc/sudoers.d/sandglass")->mode, S_IFREG | 0440);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("payload");
  TCase *tc = tcase_create ("payload");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, only_listed_units_start_by_themselves);
  tcase_add_test (tc, a_table_puts_files_directories_and_links);
  tcase_add_test (tc, tables_are_read_in_the_order_of_their_names);
  tcase_add_test (tc, a_mistake_in_a_table_is_told_with_its_place);
  tcase_add_test (tc, the_whole_payload_goes_in);
  tcase_add_test (tc, the_host_s_sudo_is_kept_where_it_works);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
