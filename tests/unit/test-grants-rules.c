/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single rules promise: folders, hosts, commands, which profiles run, and approvals. */
#include "policies/approved.h"
#include "policies/grants.h"
#include "tests/unit/policy-kit.h"

#include <check.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* ---- folders */

static const struct
{
  SgAccess asked;
  gboolean answered;
  const char *policy;
  gboolean granted, writable, ask_write;
  SgDecider who;
} folders[] = {
  { SG_ACCESS_READ_ONLY, FALSE, NULL, TRUE, FALSE, FALSE, SG_BY_PROFILE },
  { SG_ACCESS_READ_ONLY, TRUE, NULL, TRUE, FALSE, FALSE, SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, NULL, TRUE, TRUE, FALSE, SG_BY_PROFILE },
  { SG_ACCESS_UNSAID, FALSE, NULL, TRUE, FALSE, TRUE, SG_BY_PROFILE },
  { SG_ACCESS_UNSAID, TRUE, NULL, TRUE, TRUE, FALSE, SG_BY_PERSON },
  { SG_ACCESS_READ_ONLY, FALSE, "AllowMappedFolders=false", FALSE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_WRITABLE, FALSE, "AllowMappedFolders=false", FALSE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_UNSAID, TRUE, "AllowMappedFolders=false", FALSE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_READ_ONLY, FALSE, "AllowWriteToMappedFolders=false", TRUE, FALSE, FALSE,
    SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, "AllowWriteToMappedFolders=false", TRUE, FALSE, FALSE,
    SG_BY_POLICY },
  { SG_ACCESS_UNSAID, FALSE, "AllowWriteToMappedFolders=false", TRUE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_UNSAID, TRUE, "AllowWriteToMappedFolders=false", TRUE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersAllowed=/home/*", TRUE, TRUE, FALSE, SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersAllowed=/home/maria/work/in", FALSE, FALSE, FALSE,
    SG_BY_POLICY },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersAllowed=/srv;/home/*/work", TRUE, TRUE, FALSE,
    SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersAllowed=", FALSE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersAllowed=/", TRUE, TRUE, FALSE, SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersDenied=/home/*/.ssh", TRUE, TRUE, FALSE,
    SG_BY_PROFILE },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersDenied=/home", FALSE, FALSE, FALSE, SG_BY_POLICY },
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersDenied=/home/maria/wor?", FALSE, FALSE, FALSE,
    SG_BY_POLICY },
  /* It contains what is denied. */
  { SG_ACCESS_WRITABLE, FALSE, "MappedFoldersDenied=/home/*/work/secret/*", FALSE, FALSE, FALSE,
    SG_BY_POLICY },
};

START_TEST (folder_of_the_truth_table)
{
  static const char *const writable[] = { "/home/maria/work", NULL };
  const SgDefaults defaults = { .writable = folders[_i].answered ? writable : NULL };
  g_autofree char *text = g_strconcat ("[policy]\n", folders[_i].policy, "\n", NULL);
  g_autoptr (SgPolicy) policy = policy_of (folders[_i].policy != NULL ? text : NULL);
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  sg_profile_ask_folder (profile, "/home/maria/work", NULL, folders[_i].asked);
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  const SgGrantedFolder *folder = grants->folders->pdata[0];
  ck_assert_int_eq (folder->granted, folders[_i].granted);
  ck_assert_int_eq (folder->writable, folders[_i].writable);
  ck_assert_int_eq (folder->ask_write, folders[_i].ask_write);
  ck_assert_int_eq (folder->reason.who, folders[_i].who);
  /* The question that whoever opens it asks has the same answer. */
  ck_assert_int_eq (sg_policy_would_allow_folder (policy, "/home/maria/work", FALSE, NULL),
                    folders[_i].granted);
}
END_TEST

START_TEST (places_inside_are_distinct)
{
  static const char *const expected[]
      = { "/home/sandbox/Desktop/x", "/home/sandbox/Desktop/x (2)", "/home/sandbox/Desktop/x (3)",
          "/home/sandbox/Desktop/x (4)" };
  const SgDefaults defaults = { 0 };
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  sg_profile_ask_folder (profile, "/a/x", NULL, SG_ACCESS_WRITABLE);
  sg_profile_ask_folder (profile, "/b/x", NULL, SG_ACCESS_WRITABLE);
  sg_profile_ask_folder (profile, "/c/x", "/home/sandbox/Desktop/x (3)", SG_ACCESS_READ_ONLY);
  sg_profile_ask_folder (profile, "/d/x", NULL, SG_ACCESS_READ_ONLY);
  sg_profile_ask_folder (profile, "/a/x", NULL, SG_ACCESS_READ_ONLY); /* the first, again */
  sg_profile_ask_folder (profile, "/e", "/home/sandbox/Desktop/x", SG_ACCESS_READ_ONLY);
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    ck_assert_str_eq (((SgGrantedFolder *)grants->folders->pdata[i])->sandbox_path, expected[i]);
  /* Said twice: the narrower; a second folder at a place: not. */
  ck_assert (!((SgGrantedFolder *)grants->folders->pdata[0])->writable);
  ck_assert (!((SgGrantedFolder *)grants->folders->pdata[4])->granted);
  ck_assert (!((SgGrantedFolder *)grants->folders->pdata[5])->granted);
}
END_TEST

/* ---- hosts, commands, profiles */

START_TEST (hosts_are_what_both_want)
{
  static const char *const asked[]
      = { "www.example.org", "*.example.org", "example.com", "192.0.2.7" };
  const SgDefaults defaults = { 0 };
  g_autoptr (SgPolicy) policy = policy_of ("[policy]\nAllowedHosts=*.EXAMPLE.org;192.0.2.0/24\n");
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  sg_profile_ask (profile, SG_SETTING_NETWORK, SG_NETWORK_ALLOWLIST, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (asked); i++)
    ck_assert (sg_profile_ask_host (profile, asked[i]));
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  g_autofree char *hosts = g_strjoinv (" ", grants->hosts);
  ck_assert_str_eq (hosts, "www.example.org *.example.org 192.0.2.7");
  /* A second file narrows further, and in the end nothing is left. */
  sg_policy_add_text (policy, "/etc/30.conf", "[policy]\nAllowedHosts=example.net", 35);
  g_autoptr (SgGrants) less = sg_grants_new (&defaults, profile, policy);
  ck_assert_int_eq (sg_grants_number (less, SG_SETTING_NETWORK), SG_NETWORK_NONE);
  ck_assert_int_eq (less->settings[SG_SETTING_NETWORK].reason.who, SG_BY_POLICY);
}
END_TEST

/* What a profile with a company's network and domain gets of them; WHO decided. */
static const struct
{
  const char *network, *policy;
  gboolean without, given;
  SgDecider who;
} companies[] = {
  { NULL, NULL, FALSE, TRUE, SG_BY_PROFILE }, /* internet is usual */
  { "internet", NULL, FALSE, TRUE, SG_BY_PROFILE },
  { "lan", NULL, FALSE, TRUE, SG_BY_PROFILE },
  { "none", NULL, FALSE, FALSE, SG_BY_PROFILE },
  { "private", NULL, FALSE, FALSE, SG_BY_PROFILE },
  { "internet", NULL, TRUE, FALSE, SG_BY_PERSON },
  { "internet", "[policy]\nNetworkModes=lan", FALSE, TRUE, SG_BY_PROFILE },
  { "internet", "[policy]\nNetworkModes=internet", FALSE, FALSE, SG_BY_POLICY },
  { "lan", "[policy]\nNetworkModes=internet", FALSE, FALSE, SG_BY_POLICY },
  { "internet", "[policy]\nAllowNetworking=false", FALSE, FALSE, SG_BY_POLICY },
  { "internet", "[policy]\nAllowNetworking=true", FALSE, TRUE, SG_BY_PROFILE },
  { "internet", "[policy]\nAllowedHosts=example.org", FALSE, FALSE, SG_BY_POLICY },
  { "internet", "[network]\nCompanyNetworks=10.0.0.0/8", FALSE, TRUE, SG_BY_PROFILE },
  { "internet", "[policy]\nNoSuchKey=1", FALSE, FALSE, SG_BY_POLICY },
};

START_TEST (company_networks_of_the_truth_table)
{
  const SgDefaults defaults = { .without_asks = companies[_i].without };
  const char *rules = companies[_i].policy != NULL ? companies[_i].policy : "";
  g_autoptr (SgPolicy) policy = sg_policy_new ();
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");
  g_autoptr (SgGrants) grants = NULL;
  g_autofree char *text = NULL, *said = NULL;
  g_auto (GStrv) sentences = NULL, wishes = NULL;
  gint64 value;

  sg_policy_add_text (policy, "/etc/x.conf", rules, strlen (rules));
  if (companies[_i].network != NULL)
    {
      ck_assert (sg_setting_parse_choice (sg_setting_info (SG_SETTING_NETWORK),
                                          companies[_i].network, &value));
      sg_profile_ask (profile, SG_SETTING_NETWORK, value, NULL);
    }
  ck_assert (sg_profile_ask_place (profile, "10.20.0.0/16", TRUE));
  ck_assert (sg_profile_ask_place (profile, "10.20.0.0/16", TRUE)); /* once is enough */
  ck_assert (sg_profile_ask_place (profile, "Corp.Example.", FALSE));
  grants = sg_grants_new (&defaults, profile, policy);
  ck_assert_uint_eq (g_strv_length (grants->company_networks), companies[_i].given);
  ck_assert_uint_eq (g_strv_length (grants->company_domains), companies[_i].given);
  ck_assert_int_eq (grants->company_reason.who, companies[_i].who);
  text = sg_grants_text_report (grants);
  ck_assert_ptr_nonnull (strstr (text, companies[_i].given ? "company-networks: 10.20.0.0/16  ("
                                                           : "company-networks: none  ("));
  ck_assert_int_eq (strstr (text, "company-domains: corp.example  (") != NULL, companies[_i].given);
  sentences = sg_grants_sentences (grants);
  said = g_strjoinv (" ", sentences);
  ck_assert_int_eq (strstr (said, "10.20.0.0/16") != NULL, companies[_i].given);
  /* Beyond the usual: asked before it opens. */
  wishes = sg_grants_wishes (&defaults, profile, policy);
  g_free (said);
  said = g_strjoinv (" ", wishes);
  ck_assert_int_eq (strstr (said, "10.20.0.0/16") != NULL, companies[_i].given);
}
END_TEST

START_TEST (no_company_is_that_large)
{
  static const char *const no_networks[]
      = { "0.0.0.0/0",      "::/0",         "10.0.0.0/7",   "0.0.0.0/1", "corp.example",
          "*.x.example",    "10.20.0.0/33", "10.20.0.1/16", "",          "10.20",
          "http://10.0.0.1" },
      *const no_domains[] = { "10.20.0.0/16", "10.0.0.1",          "fd00::1", "*.corp.example", "",
                              "a b",          "https://x.example", "::/0" };
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  for (gsize i = 0; i < G_N_ELEMENTS (no_networks); i++)
    ck_assert_msg (!sg_profile_ask_place (profile, no_networks[i], TRUE), "%s", no_networks[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (no_domains); i++)
    ck_assert_msg (!sg_profile_ask_place (profile, no_domains[i], FALSE), "%s", no_domains[i]);
  ck_assert_uint_eq (profile->places->len, 0);
}
END_TEST

START_TEST (no_administrator_means_no_root_commands)
{
  const SgDefaults defaults = { 0 };
  g_autoptr (SgPolicy) policy = policy_of ("[policy]\nAllowAdministrator=false\n");
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  sg_profile_ask_command (profile, "apt install x", TRUE);
  sg_profile_ask_command (profile, "x", FALSE);
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  ck_assert (!((SgGrantedCommand *)grants->commands->pdata[0])->granted);
  ck_assert (((SgGrantedCommand *)grants->commands->pdata[1])->granted);
}
END_TEST

static const char sample[]
    = "<Configuration><MappedFolders><MappedFolder><HostFolder>here</HostFolder>"
      "</MappedFolder></MappedFolders><AudioInput>Enable</AudioInput>"
      "<NetworkMode>lan</NetworkMode><LogonCommand><Command>x</Command>"
      "</LogonCommand><MemoryInMB>2048</MemoryInMB></Configuration>";

static SgProfile *
parse (const char *dir)
{
  const SgProfileHost host = { .home = "/home/maria", .user = "maria", .dir = dir };
  GError *error = NULL;
  SgProfile *profile = sg_profile_parse (sample, strlen (sample), "x.wsb", &host, &error);

  ck_assert_msg (profile != NULL, "%s", error != NULL ? error->message : "?");
  return profile;
}

/* What is read before anybody agrees names the file; a line break in that must not begin a line of
 * ours.  (Text in a profile that holds one is refused when it is read.) */
START_TEST (a_file_name_cannot_say_lines_of_ours)
{
  const SgDefaults defaults = { 0 };
  static const char text[] = "<Configuration><AudioInput>Enable</AudioInput></Configuration>";
  const SgProfileHost host = { .home = "/home/maria", .user = "maria", .dir = "/home/maria" };
  g_autoptr (SgProfile) profile
      = sg_profile_parse (text, strlen (text), "x\nmay-run: no\u202e.wsb", &host, NULL);
  g_autoptr (SgPolicy) policy = policy_of ("");
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  g_autofree char *report = sg_grants_text_report (grants);
  g_autofree char *sentence = sg_reason_sentence (&grants->settings[SG_SETTING_AUDIO_INPUT].reason);

  ck_assert_ptr_nonnull (strstr (report, "x?may-run: no?.wsb"));
  ck_assert_ptr_null (strstr (report, "\nmay-run: no"));
  ck_assert_ptr_nonnull (strstr (sentence, "x?may-run: no?.wsb"));
}
END_TEST

START_TEST (only_listed_profiles_run)
{
  const SgDefaults defaults = { 0 };
  g_autoptr (SgProfile) profile = parse ("/etc/sandglass/profiles");
  g_autofree char *by_sum = g_strdup_printf ("[policy]\nProfiles=sha256:%s\n", profile->sha256);
  g_autoptr (SgPolicy) sum = policy_of (by_sum);
  g_autoptr (SgPolicy) path = policy_of ("[policy]\nProfiles=/etc/sandglass/profiles/*.wsb\n");
  g_autoptr (SgPolicy) none = policy_of ("[policy]\nProfiles=none\n");

  g_free (profile->path);
  profile->path = g_strdup ("/etc/sandglass/profiles/x.wsb");
  for (int altered = 0; altered < 2; altered++)
    {
      g_autoptr (SgGrants) a = sg_grants_new (&defaults, profile, sum);
      g_autoptr (SgGrants) b = sg_grants_new (&defaults, profile, path);
      g_autoptr (SgGrants) c = sg_grants_new (&defaults, profile, none);

      /* With something asked on top, it is no longer the listed one. */
      ck_assert_int_eq (a->may_run, !altered);
      ck_assert_int_eq (b->may_run, !altered);
      ck_assert_int_eq (c->may_run, altered);
      sg_profile_ask (profile, SG_SETTING_MEMORY, 4096, "--memory=4096");
    }
  g_autoptr (SgGrants) without = sg_grants_new (&defaults, NULL, path);
  ck_assert (!without->may_run);
  ck_assert_ptr_nonnull (strstr (without->refusal, "20.conf, line 2"));
  g_autoptr (SgGrants) default_one = sg_grants_new (&defaults, NULL, none);
  ck_assert (default_one->may_run);
}
END_TEST

START_TEST (open_without_these_leaves_only_the_usual)
{
  SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgProfile) profile = parse ("/home/maria");
  g_auto (GStrv) wishes = sg_grants_wishes (&defaults, profile, NULL);
  g_autofree char *all = g_strjoinv ("\n", wishes);

  ck_assert_ptr_nonnull (strstr (all, "your local network"));
  ck_assert_ptr_nonnull (strstr (all, "microphone"));
  ck_assert_ptr_nonnull (strstr (all, "here"));
  ck_assert_ptr_nonnull (strstr (all, "At its start it runs: x"));
  ck_assert_ptr_null (strstr (all, "paste"));
  defaults.without_asks = TRUE;
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, NULL);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_NETWORK), SG_NETWORK_INTERNET);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_AUDIO_INPUT), 0);
  ck_assert_int_eq (sg_grants_number (grants, SG_SETTING_MEMORY), 2048); /* no power over anybody */
  ck_assert (!((SgGrantedFolder *)grants->folders->pdata[0])->granted);
  ck_assert (!((SgGrantedCommand *)grants->commands->pdata[0])->granted);
}
END_TEST

START_TEST (switches_ask_the_same_rules)
{
  g_autoptr (SgPolicy) policy = policy_of ("[policy]\nNetworkModes=internet\n");
  SgReason reason;

  ck_assert (sg_policy_would_allow (policy, SG_SETTING_NETWORK, SG_NETWORK_INTERNET, NULL));
  ck_assert (!sg_policy_would_allow (policy, SG_SETTING_NETWORK, SG_NETWORK_LAN, &reason));
  g_autofree char *text = sg_reason_sentence (&reason);
  ck_assert_str_eq (text, "Set by your administrator (20.conf, line 2).");
  sg_reason_clear (&reason);
}
END_TEST

START_TEST (json_says_the_same)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgPolicy) policy = policy_of ("[policy]\nAllowAudioInput=false\n");
  g_autoptr (SgProfile) profile = parse ("/home/maria");
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  g_autofree char *json = sg_grants_json (grants, profile, policy);
  g_autoptr (JsonParser) parser = json_parser_new ();

  ck_assert (json_parser_load_from_data (parser, json, -1, NULL));
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonObject *settings = json_object_get_object_member (root, "settings");
  ck_assert_uint_eq (json_object_get_size (settings), SG_SETTING_MAX);
  JsonObject *audio = json_object_get_object_member (settings, "audio-input");
  ck_assert_str_eq (json_object_get_string_member (audio, "value"), "off");
  JsonObject *reason = json_object_get_object_member (audio, "reason");
  ck_assert_str_eq (json_object_get_string_member (reason, "by"), "policy");
  ck_assert_str_eq (json_object_get_string_member (reason, "asked"), "on");
  ck_assert_int_eq (json_object_get_int_member (reason, "line"), 2);
}
END_TEST

/* ---- approvals */

START_TEST (an_approval_is_for_these_bytes_and_folders)
{
  static const char *const writable[] = { "/home/maria/here", NULL };
  g_autofree char *dir = g_dir_make_tmp ("sg-approved-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (dir, "sub", "approved", NULL);
  g_autofree char *sub = g_path_get_dirname (file), *lock = g_strconcat (file, ".lock", NULL);
  g_autoptr (SgProfile) profile = parse ("/home/maria");
  g_autoptr (SgProfile) elsewhere = parse ("/srv"); /* "here" is another folder */
  g_auto (GStrv) back = NULL;
  GStatBuf st;

  ck_assert (!sg_approved_has (file, profile, NULL));
  ck_assert (sg_approved_add (file, profile, writable, NULL));
  ck_assert (sg_approved_has (file, profile, &back));
  ck_assert_str_eq (back[0], "/home/maria/here");
  ck_assert_ptr_null (back[1]);
  ck_assert_str_eq (elsewhere->sha256, profile->sha256);
  ck_assert (!sg_approved_has (file, elsewhere, NULL));
  ck_assert_int_eq (g_stat (file, &st), 0);
  ck_assert_int_eq (st.st_mode & 0777, 0600);
  ck_assert (sg_approved_remove (file, profile, NULL));
  ck_assert (!sg_approved_has (file, profile, NULL));
  /* A spoilt list approves nothing, and is mended by the next approval. */
  ck_assert (g_file_set_contents (file, "spoilt", -1, NULL));
  ck_assert (!sg_approved_has (file, profile, NULL));
  ck_assert (sg_approved_add (file, profile, NULL, NULL));
  ck_assert (sg_approved_has (file, profile, NULL));
  g_remove (file);
  g_remove (lock);
  g_rmdir (sub);
  g_rmdir (dir);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("grants-rules");
  TCase *tests = tcase_create ("tests");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, folder_of_the_truth_table, 0, G_N_ELEMENTS (folders));
  tcase_add_test (tests, places_inside_are_distinct);
  tcase_add_test (tests, hosts_are_what_both_want);
  tcase_add_loop_test (tests, company_networks_of_the_truth_table, 0, G_N_ELEMENTS (companies));
  tcase_add_test (tests, no_company_is_that_large);
  tcase_add_test (tests, no_administrator_means_no_root_commands);
  tcase_add_test (tests, a_file_name_cannot_say_lines_of_ours);
  tcase_add_test (tests, only_listed_profiles_run);
  tcase_add_test (tests, open_without_these_leaves_only_the_usual);
  tcase_add_test (tests, switches_ask_the_same_rules);
  tcase_add_test (tests, json_says_the_same);
  tcase_add_test (tests, an_approval_is_for_these_bytes_and_folders);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
