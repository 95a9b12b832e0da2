/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a made-up system goes inside by the rules: settings, databases of packages, personal
 * files, and an anonymous copy.  run-as: both (nothing may differ where the tester is root). */
#include "tests/unit/scan-kit.h"

#include "baseimage/anonymous.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
  Suite *suite = suite_create ("scan-rules");
  TCase *tcase = tcase_create ("scan-rules");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_set_timeout (tcase, 60);
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
  tcase_add_test (tcase, an_anonymous_copy_has_no_certificate_of_a_company);
  tcase_add_test (tcase, an_anonymous_copy_identifies_nobody);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
