/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run-as: both */
/* The administrator's files: what is read, what is refused, and that only trusted files count. */
#include "policies/grants.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root, *dir;

static void
set_up (void)
{
  root = g_dir_make_tmp ("sg-policy-XXXXXX", NULL);
  dir = g_build_filename (root, "policy.d", NULL);
  ck_assert_int_eq (g_mkdir (dir, 0755), 0);
  ck_assert_int_eq (chmod (root, 0755), 0);
}

static void
remove_tree (const char *path)
{
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      chmod (path, 0700);
      g_autoptr (GDir) open = g_dir_open (path, 0, NULL);
      while (open != NULL && (name = g_dir_read_name (open)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);
          remove_tree (child);
        }
    }
  g_remove (path);
}

static void
tear_down (void)
{
  remove_tree (root);
  g_free (root);
  g_free (dir);
}

static char *
put (const char *name, const char *text)
{
  char *path = g_build_filename (dir, name, NULL);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
  ck_assert_int_eq (chmod (path, 0644), 0);
  return path;
}

static SgPolicy *
load (void)
{
  SgPolicy *policy = sg_policy_new ();

  sg_policy_add_dir (policy, dir, geteuid (), TRUE);
  return policy;
}

/* The policy is closed, and the message holds each of the words. */
static void
assert_closed (const char *const *words)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgPolicy) policy = load ();
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, NULL, policy);
  g_autofree char *text = sg_policy_problems_text (policy);

  ck_assert (sg_policy_closed (policy));
  ck_assert (!grants->may_run);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_NETWORK), SG_NETWORK_NONE);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_CLIPBOARD_IN), SG_CLIPBOARD_OFF);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_RESCUE), 0);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_ENCRYPTION), 1);
  ck_assert_ptr_nonnull (strstr (grants->refusal, g_strchomp (text)));
  for (; *words != NULL; words++)
    ck_assert_msg (strstr (text, *words) != NULL, "'%s' is not in: %s", *words, text);
}

#define CLOSED(...) assert_closed ((const char *const[]){ __VA_ARGS__, NULL })

START_TEST (no_directory_is_no_policy)
{
  g_autofree char *absent = g_build_filename (root, "absent", NULL);
  g_autoptr (SgPolicy) policy = sg_policy_new ();

  sg_policy_add_dir (policy, absent, geteuid (), FALSE);
  ck_assert (!sg_policy_closed (policy));
  ck_assert_uint_eq (policy->files->len, 0);
  sg_policy_add_dir (policy, absent, geteuid (), TRUE);
  ck_assert (sg_policy_closed (policy));
}
END_TEST

START_TEST (files_count_in_name_order)
{
  g_autofree char *b = put ("20-b.conf", "[policy]\nMaxMemoryMB=2048\n");
  g_autofree char *a = put ("10-a.conf", "# one\n\n[policy]\n  MaxMemoryMB = 4096 \n");
  g_autofree char *other = put ("30-c.conf.dpkg-new", "nonsense");
  g_autofree char *hidden = put (".40.conf", "nonsense");
  g_autoptr (SgPolicy) policy = load ();

  ck_assert (!sg_policy_closed (policy));
  ck_assert_uint_eq (policy->rules->len, 2);
  const SgPolicyRule *first = policy->rules->pdata[0], *second = policy->rules->pdata[1];
  ck_assert_str_eq (first->file, a);
  ck_assert_uint_eq (first->line, 4);
  ck_assert_str_eq (first->rule, "MaxMemoryMB=4096");
  ck_assert_str_eq (second->file, b);
  ck_assert_uint_eq (second->line, 2);
  ck_assert_int_eq (sg_policy_lowest (policy, SG_POLICY_MAX_MEMORY_MB), 2048);
}
END_TEST

START_TEST (a_later_file_cannot_open)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autofree char *a = put ("10.conf", "[policy]\nAllowNetworking=false\nNetworkModes=none\n");
  g_autofree char *b = put ("20.conf", "[policy]\nAllowNetworking=true\nNetworkModes=lan\n");
  g_autoptr (SgPolicy) policy = load ();
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, NULL, policy);

  ck_assert (grants->may_run);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_NETWORK), SG_NETWORK_NONE);
  ck_assert_str_eq (grants->settings[SG_SETTING_NETWORK].reason.file, a);
}
END_TEST

START_TEST (what_others_may_write_closes)
{
  g_autofree char *path = put ("20.conf", "[policy]\nAllowNetworking=true\n");

  ck_assert_int_eq (chmod (path, 0666), 0);
  CLOSED (path, "others than root may write it", "chmod go-w");
  ck_assert_int_eq (chmod (path, 0664), 0);
  CLOSED (path, "chmod go-w");
  ck_assert_int_eq (chmod (path, 0644), 0);
  ck_assert_int_eq (chmod (dir, 0777), 0);
  CLOSED (dir, "chmod go-w");
  ck_assert_int_eq (chmod (dir, 01777), 0); /* the sticky bit keeps nobody from adding files */
  CLOSED (dir, "chmod go-w");
  ck_assert_int_eq (chmod (dir, 0755), 0);
  ck_assert_int_eq (chmod (root, 0777), 0); /* somebody could exchange policy.d itself */
  CLOSED (root, "chmod go-w");
}
END_TEST

START_TEST (what_another_owns_closes)
{
  g_autofree char *path = put ("20.conf", "[policy]\nAllowNetworking=true\n");
  g_autoptr (SgPolicy) policy = sg_policy_new ();

  if (geteuid () == 0)
    {
      ck_assert_int_eq (chown (path, 12345, 0), 0);
      CLOSED (path, "belongs to user number 12345", "chown root:root");
      return;
    }
  /* As a user: what is ours is not root's. */
  sg_policy_add_dir (policy, dir, 0, TRUE);
  g_autofree char *text = sg_policy_problems_text (policy);
  ck_assert_ptr_nonnull (strstr (text, "chown root:root"));
}
END_TEST

START_TEST (links_and_folders_close)
{
  g_autofree char *target = g_build_filename (root, "target", NULL);
  g_autofree char *link = g_build_filename (dir, "10.conf", NULL);
  g_autofree char *loop = g_build_filename (dir, "20.conf", NULL);

  ck_assert (g_file_set_contents (target, "[policy]\n", -1, NULL));
  ck_assert_int_eq (symlink (target, link), 0);
  CLOSED (link, "is a link");
  ck_assert_int_eq (unlink (link), 0);
  ck_assert_int_eq (symlink (loop, loop), 0);
  CLOSED (loop, "is a link");
  ck_assert_int_eq (unlink (loop), 0);
  ck_assert_int_eq (mkdir (link, 0755), 0);
  CLOSED (link, "is a folder");
  ck_assert_int_eq (rmdir (link), 0);
  ck_assert_int_eq (mkfifo (link, 0644), 0);
  CLOSED (link, "no file");
}
END_TEST

START_TEST (a_linked_directory_closes)
{
  g_autofree char *moved = g_build_filename (root, "moved", NULL);

  ck_assert_int_eq (rename (dir, moved), 0);
  ck_assert_int_eq (symlink (moved, dir), 0);
  CLOSED (dir, "is a link");
}
END_TEST

START_TEST (what_cannot_be_read_closes)
{
  g_autofree char *path = put ("20.conf", "[policy]\n");

  if (geteuid () == 0)
    return; /* root reads everything: the user's run sees it */
  ck_assert_int_eq (chmod (path, 0), 0);
  CLOSED (path, "cannot be read", "chmod a+rX");
  ck_assert_int_eq (chmod (path, 0644), 0);
  ck_assert_int_eq (chmod (dir, 0300), 0);
  CLOSED (dir);
}
END_TEST

static const struct
{
  const char *text, *says, *line;
} bad[] = {
  { "[policy]\nAllowNetwrking=false\n", "did you mean 'AllowNetworking'?", ":2:" },
  { "[policy]\nallownetworking=false\n", "did you mean 'AllowNetworking'?", ":2:" },
  { "[policy]\n\nAllowNetworking=flase\n", "write true or false", ":3:" },
  { "[policy]\nAllowNetworking=\n", "write true or false", ":2:" },
  { "[policy]\nAllowVGPU=true\nAllowVGPU=false\n", "there 2 times", ":2:" },
  { "[policy]\nAllowVGPU=true\n[policy]\nAllowVGPU=false\n", "there 2 times", ":2:" },
  { "[policy]\nAllowVGPU[de]=true\n", "there is no key", ":2:" },
  { "[policy]\nNetworkModes=internet,lan\n", "with ; between them", ":2:" },
  { "[policy]\nMaxMemoryMB=4GB\n", "whole number from 1024", ":2:" },
  { "[policy]\nMaxMemoryMB=-1\n", "whole number from 1024", ":2:" },
  { "[policy]\nMaxMemoryMB=99999999999999999999\n", "whole number from 1024", ":2:" },
  { "[policy]\nMaxSandboxes=0\n", "whole number from 1", ":2:" },
  { "[policy]\nMappedFoldersAllowed=~/x\n", "must be a whole path", ":2:" },
  { "[policy]\nMappedFoldersDenied=/a/../b\n", "must be a whole path", ":2:" },
  { "[policy]\nMappedFoldersDenied=\n", "denies nothing", ":2:" },
  { "[policy]\nAllowedHosts=https://x/\n", "is no host", ":2:" },
  { "[policy]\nProfiles=kiosk.wsb\n", "must be a whole path", ":2:" },
  { "[policy]\nProfiles=sha256:12\n", "must be a whole path", ":2:" },
  { "[policies]\nAllowVGPU=true\n", "there is no group [policies]", "" },
  { "[kiosk]\nProfile=x.wsb\n", "begins with /", ":2:" },
  { "[kiosk]\nAllowVGPU=false\n", "there is no key", ":2:" },
  { "[network]\nCompanyNetworks=corp.example\n", "is no network", ":2:" },
  { "[network]\nCompanyNetworks=10.8.0.1/16\n", "is no", ":2:" },
  { "[network]\nCompanyDomains=10.8.0.0/16\n", "is no domain", ":2:" },
  { "[network]\nMaxConnectionsPerSecond=0\n", "a whole number", ":2:" },
  { "AllowVGPU=true\n", "is not understood", "" },
  { "[policy]\nAllowVGPU\n", "is not understood", "" },
  { "[policy]\nAllowVGPU=\xff\n", "no text in UTF-8", "" },
};

START_TEST (what_is_not_understood_closes)
{
  g_autofree char *path = put ("20.conf", bad[_i].text);
  g_autofree char *where = g_strconcat (path, bad[_i].line, NULL);

  CLOSED (where, bad[_i].says);
}
END_TEST

START_TEST (a_zero_byte_and_a_huge_file_close)
{
  g_autofree char *path = put ("20.conf", "");
  g_autofree char *huge = g_strnfill (2 * 1024 * 1024, '#');

  ck_assert (g_file_set_contents (path, "[policy]\n\0AllowVGPU=true\n", 25, NULL));
  ck_assert_int_eq (chmod (path, 0644), 0);
  CLOSED (path, "no text in UTF-8");
  ck_assert (g_file_set_contents (path, huge, -1, NULL));
  ck_assert_int_eq (chmod (path, 0644), 0);
  CLOSED (path, "larger than 1 MB");
}
END_TEST

START_TEST (the_short_name_is_the_key)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgProfile) profile = sg_profile_new ("x");
  g_autofree char *path = put ("20-lab.conf", "\r\n[policy]\r\n\r\nNetworking=deny\r\n");
  g_autoptr (SgPolicy) policy = load ();

  sg_profile_ask (profile, SG_SETTING_NETWORK, SG_NETWORK_INTERNET, NULL);
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  g_autofree char *text = sg_reason_text (&grants->settings[SG_SETTING_NETWORK].reason);
  g_autofree char *expected
      = g_strdup_printf ("policy: %s:4, Networking=deny; asked: internet", path);
  ck_assert_str_eq (text, expected);
  g_autofree char *sentence = sg_reason_sentence (&grants->settings[SG_SETTING_NETWORK].reason);
  ck_assert_str_eq (sentence, "Set by your administrator (20-lab.conf, line 4).");
}
END_TEST

START_TEST (the_network_is_described)
{
  g_autofree char *one = put ("50.conf", "[network]\nMaxConnectionsPerSecond=50\n"
                                         "CompanyNetworks=10.8.0.0/16;fd12::/16\n"
                                         "CompanyDomains=Corp.Example.\n");
  g_autofree char *later = put ("60.conf", "[network]\nMaxConnectionsPerSecond=80\n"
                                           "MaxKBytesPerSecond=1000\nCompanyNetworks=10.9.0.1\n");
  g_autoptr (SgPolicy) policy = load ();
  g_auto (GStrv) networks = sg_policy_words (policy, SG_POLICY_NETWORK_COMPANY_NETWORKS);
  g_auto (GStrv) domains = sg_policy_words (policy, SG_POLICY_NETWORK_COMPANY_DOMAINS);
  g_autofree char *all = g_strjoinv (" ", networks);

  ck_assert (!sg_policy_closed (policy));
  ck_assert_int_eq (sg_policy_lowest (policy, SG_POLICY_NETWORK_MAX_CONNECTIONS), 50);
  ck_assert_int_eq (sg_policy_lowest (policy, SG_POLICY_NETWORK_MAX_KBYTES), 1000);
  ck_assert_str_eq (all, "10.8.0.0/16 fd12::/16 10.9.0.1");
  ck_assert_str_eq (domains[0], "corp.example");
  ck_assert_ptr_null (domains[1]);
}
END_TEST

START_TEST (a_kiosk_is_described)
{
  g_autofree char *path
      = put ("50.conf", "[kiosk]\nProfile=/etc/sandglass/profiles/k.wsb\nIdleMinutes=5\n"
                        "CountdownSeconds=30\nBreakOutKey=F12\n");
  g_autofree char *later = put ("60.conf", "[kiosk]\nIdleMinutes=3\n");
  g_autoptr (SgPolicy) policy = load ();

  ck_assert (!sg_policy_closed (policy));
  ck_assert_int_eq (sg_policy_lowest (policy, SG_POLICY_KIOSK_IDLE_MINUTES), 3);
  ck_assert_int_eq (sg_policy_lowest (policy, SG_POLICY_KIOSK_COUNTDOWN_SECONDS), 30);
  ck_assert_str_eq (sg_policy_first (policy, SG_POLICY_KIOSK_PROFILE)->list[0],
                    "/etc/sandglass/profiles/k.wsb");
  ck_assert_str_eq (sg_policy_first (policy, SG_POLICY_KIOSK_BREAK_OUT_KEY)->list[0], "F12");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("policy");
  TCase *tests = tcase_create ("policy");

  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, no_directory_is_no_policy);
  tcase_add_test (tests, files_count_in_name_order);
  tcase_add_test (tests, a_later_file_cannot_open);
  tcase_add_test (tests, what_others_may_write_closes);
  tcase_add_test (tests, what_another_owns_closes);
  tcase_add_test (tests, links_and_folders_close);
  tcase_add_test (tests, a_linked_directory_closes);
  tcase_add_test (tests, what_cannot_be_read_closes);
  tcase_add_loop_test (tests, what_is_not_understood_closes, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tests, a_zero_byte_and_a_huge_file_close);
  tcase_add_test (tests, the_short_name_is_the_key);
  tcase_add_test (tests, the_network_is_described);
  tcase_add_test (tests, a_kiosk_is_described);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
