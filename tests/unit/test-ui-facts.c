/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sandglass … --json` says, understood or refused; and preferences from a file. */
#include "ui/facts.h"
#include "ui/preferences.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>

static JsonNode *
parse (const char *text)
{
  JsonNode *node = json_from_string (text, NULL);

  ck_assert_msg (node != NULL, "%s", text);
  return node;
}

START_TEST (test_copy)
{
  g_autoptr (JsonNode) node
      = parse ("{\"state\":\"stale\",\"why\":\"41 updates\",\"built-at\":1764000000}");
  g_autoptr (SgCopy) copy = sg_copy_parse (node);

  ck_assert_int_eq (copy->state, SG_COPY_STALE);
  ck_assert_str_eq (copy->why, "41 updates");
  ck_assert_int_eq (copy->built_at, 1764000000);
}
END_TEST

START_TEST (test_copy_of_nonsense)
{
  static const char *const nonsense[] = {
    "[]",
    "3",
    "null",
    "{}",
    "{\"state\":7,\"why\":[],\"built-at\":\"x\"}",
    "{\"state\":\"Fresh \"}",
    "{\"state\":{\"state\":\"fresh\"}}",
  };
  g_autoptr (SgCopy) none = sg_copy_parse (NULL);

  ck_assert_int_eq (none->state, SG_COPY_UNKNOWN);
  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (nonsense[i], NULL);
      g_autoptr (SgCopy) copy = sg_copy_parse (node);
      ck_assert_msg (copy->state == SG_COPY_UNKNOWN && copy->why == NULL, "%s", nonsense[i]);
    }
}
END_TEST

START_TEST (test_steps)
{
  static const struct
  {
    const char *line;
    SgStepKind kind;
    double fraction;
    gboolean cancelled;
  } steps[] = {
    { "{\"stage\":\"Looking\",\"fraction\":0.5}", SG_STEP_STAGE, 0.5, FALSE },
    { "{\"stage\":\"Looking\",\"fraction\":null}", SG_STEP_STAGE, -1, FALSE },
    { "{\"stage\":\"Looking\",\"fraction\":\"half\"}", SG_STEP_STAGE, -1, FALSE },
    { "{\"stage\":\"Looking\",\"fraction\":-7}", SG_STEP_STAGE, -1, FALSE },
    { "{\"stage\":\"Looking\",\"fraction\":99}", SG_STEP_STAGE, 1, FALSE },
    { "{\"stage\":[\"Looking\"]}", SG_STEP_NONE, -1, FALSE },
    { "{\"done\":true,\"digest\":\"0\"}", SG_STEP_DONE, -1, FALSE },
    { "{\"done\":\"true\"}", SG_STEP_NONE, -1, FALSE },
    { "{\"error\":\"no room\",\"cancelled\":false}", SG_STEP_ERROR, -1, FALSE },
    { "{\"error\":\"stopped\",\"cancelled\":true}", SG_STEP_ERROR, -1, TRUE },
    { "[1,2]", SG_STEP_NONE, -1, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (JsonNode) node = parse (steps[i].line);
      SgStep step = sg_step_parse (node);

      ck_assert_msg (step.kind == steps[i].kind, "%s", steps[i].line);
      ck_assert_double_eq (step.fraction, steps[i].fraction);
      ck_assert_int_eq (step.cancelled, steps[i].cancelled);
    }
}
END_TEST

START_TEST (test_checks)
{
  g_autoptr (JsonNode) node = parse (
      "{\"fine\":false,\"checks\":[\"x\",{\"id\":\"qemu\",\"title\":\"QEMU\",\"need\":\"required\","
      "\"met\":false,\"found\":\"no\",\"means\":\"none starts\",\"mend\":\"install it\"},"
      "{\"id\":\"swap\",\"need\":\"advice\",\"met\":true,\"means\":null}]}");
  g_autoptr (GPtrArray) checks = sg_checks_parse (node);
  const SgCheck *check;

  ck_assert_int_eq (checks->len, 2);
  check = g_ptr_array_index (checks, 0);
  ck_assert (check->required && !check->met && !check->advice);
  ck_assert_str_eq (check->mend, "install it");
  check = g_ptr_array_index (checks, 1);
  ck_assert (!check->required && check->met && check->advice && check->means == NULL);
  ck_assert_str_eq (check->title, "");
}
END_TEST

START_TEST (test_checks_of_nonsense)
{
  g_autoptr (JsonNode) object = parse ("{\"checks\":{}}");
  g_autoptr (JsonNode) array = parse ("[]");

  ck_assert_ptr_null (sg_checks_parse (NULL));
  ck_assert_ptr_null (sg_checks_parse (object));
  ck_assert_ptr_null (sg_checks_parse (array));
}
END_TEST

/* --- preferences --- */

static char *directory, *file;

static void
make_directory (void)
{
  g_autofree char *below = NULL;

  directory = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  below = g_build_filename (directory, "sandglass", NULL);
  file = g_build_filename (below, "preferences", NULL);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
}

static void
remove_directory (void)
{
  g_autofree char *below = g_path_get_dirname (file);

  g_unlink (file);
  g_rmdir (below);
  g_rmdir (directory);
  g_free (directory);
  g_free (file);
}

static void
write_preferences (const char *text)
{
  g_autofree char *below = g_path_get_dirname (file);

  g_mkdir_with_parents (below, 0700);
  ck_assert (g_file_set_contents (file, text, -1, NULL));
}

START_TEST (test_preferences_are_kept)
{
  g_autoptr (SgPreferences) first = sg_preferences_load ();
  g_autoptr (SgPreferences) second = NULL;
  g_autoptr (SgPreferences) third = NULL;

  ck_assert_ptr_null (sg_preferences_appearance (first));
  ck_assert_str_eq (sg_preferences_leave_key (first), "right-ctrl");
  sg_preferences_set_appearance (first, "dark");
  sg_preferences_set_leave_key (first, "pause");
  second = sg_preferences_load ();
  ck_assert_str_eq (sg_preferences_appearance (second), "dark");
  ck_assert_str_eq (sg_preferences_leave_key (second), "pause");
  sg_preferences_set_appearance (second, NULL);
  third = sg_preferences_load ();
  ck_assert_ptr_null (sg_preferences_appearance (third));
}
END_TEST

START_TEST (test_preferences_of_nonsense)
{
  g_autoptr (SgPreferences) unknown = NULL;
  g_autoptr (SgPreferences) binary = NULL;

  write_preferences ("[Preferences]\nAppearance=pink\nLeaveKey=every\nNewer=1\n");
  unknown = sg_preferences_load ();
  ck_assert_ptr_null (sg_preferences_appearance (unknown));
  ck_assert_str_eq (sg_preferences_leave_key (unknown), "right-ctrl");
  /* What a newer version wrote stays. */
  sg_preferences_set_appearance (unknown, "light");
  {
    g_autofree char *text = NULL;
    ck_assert (g_file_get_contents (file, &text, NULL, NULL));
    ck_assert_ptr_nonnull (g_strstr_len (text, -1, "Newer=1"));
  }
  write_preferences ("\x01\x02[[[\n=\n");
  binary = sg_preferences_load ();
  ck_assert_ptr_null (sg_preferences_appearance (binary));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-facts");
  TCase *facts = tcase_create ("facts"), *preferences = tcase_create ("preferences");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (facts, test_copy);
  tcase_add_test (facts, test_copy_of_nonsense);
  tcase_add_test (facts, test_steps);
  tcase_add_test (facts, test_checks);
  tcase_add_test (facts, test_checks_of_nonsense);
  tcase_add_checked_fixture (preferences, make_directory, remove_directory);
  tcase_add_test (preferences, test_preferences_are_kept);
  tcase_add_test (preferences, test_preferences_of_nonsense);
  suite_add_tcase (suite, facts);
  suite_add_tcase (suite, preferences);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
