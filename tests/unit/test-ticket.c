/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a ticket tells, and what it never does. */
#include "launcher/ticket.h"

#include <check.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

static const SgTicketSecrets secrets = { "/home/ada", "ada", "engine" };

static const struct
{
  const char *text, *covered;
} texts[] = {
  { "cannot read /home/ada/secret plans.odt: gone", "cannot read ~/(left out) plans.odt: gone" },
  { "cannot read '/home/ada/secret plans.odt'", "cannot read '~/(left out)'" },
  { "of \"/home/ada/a b/c\" and /home/ada", "of \"~/(left out)\" and ~" },
  { "/home/adalbert/x is another's", "/home/adalbert/x is another's" },
  { "user ada on engine", "user (user) on (this computer)" },
  { "Canada and engineer stay", "Canada and engineer stay" },
  { "/run/user/ada@engine", "/run/user/(user)@(this computer)" },
  { "", "" },
};

START_TEST (names_are_covered)
{
  g_autofree char *covered = sg_ticket_cover (texts[_i].text, &secrets);

  ck_assert_str_eq (covered, texts[_i].covered);
}
END_TEST

START_TEST (a_sandbox_is_told_without_its_names)
{
  GVariantDict dict;
  g_autoptr (GVariant) properties = NULL;
  g_autofree char *text = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "Id", "s", "0a1b2c3d");
  g_variant_dict_insert (&dict, "State", "s", "running");
  g_variant_dict_insert (&dict, "Title", "s", "MyEmployer");
  g_variant_dict_insert (&dict, "Grants", "s",
                         "{\"profile\":\"/home/ada/MyEmployer.wsb\",\"settings\":{"
                         "\"networking\":{\"value\":\"none\",\"reason\":{\"by\":\"policy\","
                         "\"rule\":\"Networking=deny\"}},"
                         "\"title\":{\"value\":\"MyEmployer\",\"reason\":{\"by\":\"profile\","
                         "\"rule\":\"Title=MyEmployer\"}},"
                         "\"memory\":{\"value\":2048,\"reason\":{\"by\":\"default\"}}},"
                         "\"folders\":[{\"host\":\"/home/ada/"
                         "MyEmployer\"}],\"allowed-hosts\":[\"myemployer.example\"]}");
  g_variant_dict_insert (&dict, "Steps", "s",
                         "[{\"command\":\"login MyEmployer\",\"state\":\"done\",\"exit-code\":3}]");
  properties = g_variant_ref_sink (g_variant_dict_end (&dict));
  text = sg_ticket_session (properties);
  ck_assert_ptr_null (strcasestr (text, "MyEmployer"));
  ck_assert_ptr_nonnull (strstr (text, "policy, Networking=deny"));
  ck_assert_ptr_nonnull (strstr (text, "2048"));
  ck_assert_ptr_nonnull (strstr (text, "folders: 1, commands: 0, allowed hosts: 1"));
  ck_assert_ptr_nonnull (strstr (text, "done, exit code 3"));
}
END_TEST

START_TEST (nonsense_of_a_session_is_survived)
{
  static const char *const grants[]
      = { "", "[]", "{", "{\"settings\":[]}", "{\"settings\":{\"x\":1,\"y\":{\"reason\":3}}}" };
  GVariantDict dict;
  g_autoptr (GVariant) properties = NULL;
  g_autofree char *text = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "State", "i", 4);
  g_variant_dict_insert (&dict, "Grants", "s", grants[_i]);
  g_variant_dict_insert (&dict, "Steps", "s", "[1,{}]");
  properties = g_variant_ref_sink (g_variant_dict_end (&dict));
  text = sg_ticket_session (properties);
  ck_assert_ptr_nonnull (text);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ticket");
  TCase *tcase = tcase_create ("ticket");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tcase, names_are_covered, 0, G_N_ELEMENTS (texts));
  tcase_add_test (tcase, a_sandbox_is_told_without_its_names);
  tcase_add_loop_test (tcase, nonsense_of_a_session_is_survived, 0, 5);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
