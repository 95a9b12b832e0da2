/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile's commands, with a real relay and a fake guest that really runs them. */
#include "common/fd.h"
#include "launcher/steps.h"
#include "tests/unit/fake-guest.h"
#include "tests/unit/loop-kit.h"
#include "tests/unit/plan-kit.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static RelayKit kit;
static SgAgent *agent;
static GPid fake;
static GPtrArray *told; /* of char *: in order */
static gboolean all_done;

static void
on_changed (gpointer data)
{
}

static void
on_runs (guint n, guint all, const char *command, gpointer data)
{
  g_ptr_array_add (told, g_strdup_printf ("run %u/%u %s", n, all, command));
}

static void
on_notice (const char *message, gpointer data)
{
  g_ptr_array_add (told, g_strdup (message));
}

static void
on_done (gpointer data)
{
  ck_assert (!all_done);
  all_done = TRUE;
}

static const SgStepsFuncs funcs = { on_changed, on_runs, on_notice, on_done };

static void
set_up (void)
{
  g_autoptr (GAsyncResult) result = NULL;

  relay_kit_start (&kit);
  fake = fake_guest_start (kit.guest);
  sg_fd_clear (&kit.guest);
  agent = sg_agent_new (sg_fd_steal (&kit.supervisor));
  sg_agent_hello_async (agent, NULL, keep, &result);
  SPIN_UNTIL (result);
  ck_assert (sg_agent_hello_finish (agent, result, NULL));
  told = g_ptr_array_new_with_free_func (g_free);
  all_done = FALSE;
}

static void
tear_down (void)
{
  g_clear_object (&agent);
  relay_kit_stop (&kit);
  kill (fake, SIGKILL);
  waitpid (fake, NULL, 0);
  g_ptr_array_unref (told);
}

static char *
log_of (const SgSteps *steps, guint n)
{
  g_autoptr (GBytes) log = sg_steps_log (steps, n);
  g_autoptr (GString) text = g_string_new_len (NULL, 0);

  if (g_bytes_get_size (log) > 0)
    g_string_append_len (text, g_bytes_get_data (log, NULL), (gssize)g_bytes_get_size (log));
  return g_strdup (text->str);
}

START_TEST (one_after_the_other)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<LogonCommand><Command>sleep 0.3; echo first; echo beside &gt;&amp;2</Command>"
                   "<Command>echo second; exit 7</Command><Command>kill -9 $$</Command>"
                   "<Command user=\"root\">echo never</Command>"
                   "<Command>cat; echo last</Command></LogonCommand>",
                   "Administrator=deny");
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autofree char *json = NULL, *first = NULL, *second = NULL, *fourth = NULL, *last = NULL;

  ck_assert_uint_eq (sg_steps_count (steps), 5);
  sg_steps_start (steps, agent);
  ck_assert (sg_steps_running (steps));
  SPIN_UNTIL (all_done);
  ck_assert (!sg_steps_running (steps));
  first = log_of (steps, 0);
  second = log_of (steps, 1);
  fourth = log_of (steps, 3);
  last = log_of (steps, 4);
  ck_assert_str_eq (first, "first\nbeside\n");
  ck_assert_str_eq (second, "second\n");
  ck_assert_str_eq (fourth, "");
  ck_assert_str_eq (last, "last\n"); /* its input is at its end */
  ck_assert_ptr_null (sg_steps_log (steps, 5));
  ck_assert_uint_eq (told->len, 7);
  ck_assert_str_eq (told->pdata[2], "Step 2 of the profile failed with exit code 7: echo second; "
                                    "exit 7");
  ck_assert_str_eq (told->pdata[4], "Step 3 of the profile failed with exit code 137: kill -9 $$");
  ck_assert_ptr_nonnull (strstr (told->pdata[5], "Step 4 of the profile is not run: echo never Set "
                                                 "by your administrator (1.conf, line 2)."));
  json = sg_steps_json (steps);
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  JsonObject *step = json_array_get_object_element (json_node_get_array (root), 3);
  ck_assert_str_eq (json_object_get_string_member (step, "state"), "not-allowed");
  ck_assert (json_object_get_null_member (step, "exit-code"));
}
END_TEST

START_TEST (a_log_has_an_end)
{
  g_autoptr (SgGrants) grants = grants_of (
      "<LogonCommand><Command>head -c 3000000 /dev/zero; printf end</Command></LogonCommand>",
      NULL);
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autoptr (GBytes) log = NULL;
  const char *bytes;
  gsize size;

  sg_steps_start (steps, agent);
  SPIN_UNTIL (all_done);
  log = sg_steps_log (steps, 0);
  bytes = g_bytes_get_data (log, &size);
  ck_assert_uint_eq (size, SG_STEP_LOG);
  ck_assert_int_eq (memcmp (bytes + size - 3, "end", 3), 0);
}
END_TEST

START_TEST (no_steps_are_done_at_once)
{
  g_autoptr (SgSteps) steps = sg_steps_new (NULL, TRUE, &funcs, NULL);
  g_autofree char *json = NULL;

  sg_steps_start (steps, agent);
  SPIN_UNTIL (all_done);
  json = sg_steps_json (steps);
  ck_assert_str_eq (json, "[]");
  ck_assert_uint_eq (told->len, 0);
}
END_TEST

START_TEST (a_program_is_the_last_step)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<Program>sleep 1; echo seen</Program>"
                   "<LogonCommand><Command>echo before</Command></LogonCommand>",
                   NULL);
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autoptr (SgSteps) without = sg_steps_new (grants, FALSE, &funcs, NULL);
  g_autofree char *last = NULL;

  ck_assert_uint_eq (sg_steps_count (steps), 2);
  ck_assert (sg_steps_program (steps));
  ck_assert (!sg_steps_program_runs (steps));
  sg_steps_start (steps, agent);
  ck_assert (!sg_steps_program_runs (steps)); /* the command before it does */
  while (!sg_steps_program_runs (steps))
    g_main_context_iteration (NULL, TRUE);
  SPIN_UNTIL (all_done);
  ck_assert (!sg_steps_program_runs (steps));
  last = log_of (steps, 1);
  ck_assert_str_eq (last, "seen\n");
  ck_assert_uint_eq (sg_steps_count (without), 1);
  ck_assert (!sg_steps_program (without));
}
END_TEST

START_TEST (steps_can_be_given_up)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<LogonCommand><Command>sleep 60</Command></LogonCommand>", NULL);
  SgSteps *steps = sg_steps_new (grants, TRUE, &funcs, NULL);

  sg_steps_start (steps, agent);
  sg_steps_free (steps);
  for (int i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  ck_assert (!all_done);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("steps");
  TCase *steps = tcase_create ("steps");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (steps, set_up, tear_down);
  tcase_set_timeout (steps, 40);
  tcase_add_test (steps, one_after_the_other);
  tcase_add_test (steps, a_program_is_the_last_step);
  tcase_add_test (steps, a_log_has_an_end);
  tcase_add_test (steps, no_steps_are_done_at_once);
  tcase_add_test (steps, steps_can_be_given_up);
  suite_add_tcase (suite, steps);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
