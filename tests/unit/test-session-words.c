/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person is told: why a session ended, and which files of the host changed under it. */
#include "launcher/session-notices.h"
#include "launcher/session-words.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KILLED 9
#define STATUS_1 0x100

static void
says (const SgMachineEnd *end, const char *expected)
{
  g_autofree char *words = sg_words_machine_ended (end);

  ck_assert_msg (strstr (words, expected) != NULL, "%s", words);
}

static void
says_not (const SgMachineEnd *end, const char *unexpected)
{
  g_autofree char *words = sg_words_machine_ended (end);

  ck_assert_msg (strstr (words, unexpected) == NULL, "%s", words);
}

START_TEST (each_end_has_its_words)
{
  says (&(SgMachineEnd){ .shutdown = "guest-shutdown", .running = TRUE, .usable = TRUE },
        "switched off from inside");
  says (&(SgMachineEnd){ .shutdown = "guest-reset", .running = TRUE, .usable = TRUE },
        "restarted from inside");
  says (&(SgMachineEnd){ .status = KILLED, .running = TRUE, .usable = TRUE },
        "stopped unexpectedly (QEMU was ended by signal 9");
  says (&(SgMachineEnd){ .status = KILLED, .running = TRUE, .usable = TRUE },
        "this computer ran out of memory; what was in the sandbox is lost");
  says_not (&(SgMachineEnd){ .status = KILLED, .running = TRUE, .usable = TRUE, .kept = TRUE },
            "lost");
  says (&(SgMachineEnd){ .status = (128 + 9) << 8, .running = TRUE, .usable = TRUE },
        "this computer ran out of memory");
  says (&(SgMachineEnd){ .status = STATUS_1, .said = "qemu: bad option" },
        "did not start: QEMU ended with status 1: qemu: bad option");
  says (
      &(SgMachineEnd){ .status = STATUS_1, .said = "bwrap: setting up uid map: Permission denied" },
      "The walls around the sandbox could not be built (bubblewrap: setting up uid map");
  says (&(SgMachineEnd){ .shutdown = "guest-reset", .running = TRUE, .console = "no disk" },
        "failed and restarted. The last words from inside: no disk");
  says (
      &(SgMachineEnd){
          .shutdown = "guest-shutdown", .running = TRUE, .again = TRUE, .console = "no systemd" },
      "restarted and did not come up again: the system inside switched itself off. The last "
      "words from inside: no systemd. What was in it is lost");
  says_not (&(SgMachineEnd){ .shutdown = "guest-shutdown", .again = TRUE, .kept = TRUE }, "lost");
}
END_TEST

/* Words of the guest cannot pass for bubblewrap's. */
START_TEST (a_running_machine_has_no_wall_trouble)
{
  g_autofree char *words = sg_words_machine_ended (
      &(SgMachineEnd){ .status = STATUS_1, .said = "bwrap: x", .running = TRUE, .usable = TRUE });

  ck_assert_ptr_null (strstr (words, "walls"));
}
END_TEST

START_TEST (every_disk_trouble_has_words)
{
  for (SgOverlayTrouble t = SG_OVERLAY_CAP_REACHED; t <= SG_OVERLAY_BROKEN; t++)
    ck_assert_ptr_nonnull (strstr (sg_words_disk (t), "paused"));
}
END_TEST

/* --- notices ------------------------------------------------------------------------------------
 */

static GPtrArray *told;

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  ck_assert_str_eq (kind, "base-changed");
  g_ptr_array_add (told, g_strdup (message));
}

static void
iterate (guint msec)
{
  gint64 end = g_get_monotonic_time () + msec * 1000;

  while (g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
send_line (int fd, const char *line)
{
  ck_assert_int_eq (write (fd, line, strlen (line)), (ssize_t)strlen (line));
}

START_TEST (the_first_file_is_told_at_once_and_others_together)
{
  int pair[2];

  told = g_ptr_array_new_with_free_func (g_free);
  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC | O_DIRECT), 0);
  g_autoptr (SgFileNotices) notices = sg_file_notices_new (pair[0], on_notice, NULL);
  for (int i = 0; i < 5; i++)
    send_line (pair[1], "{\"event\":\"file\",\"problem\":\"changed\",\"path\":\"/usr/bin/vim\"}\n");
  send_line (pair[1], "{\"event\":\"suppressed\",\"count\":10}\n");
  iterate (50);
  ck_assert_uint_eq (told->len, 1);
  ck_assert_ptr_nonnull (strstr (told->pdata[0], "/usr/bin/vim cannot"));
  iterate (6000);
  ck_assert_uint_eq (told->len, 2);
  ck_assert_ptr_nonnull (strstr (told->pdata[1], "/usr/bin/vim and 13 other files"));
  close (pair[1]);
}
END_TEST

START_TEST (nonsense_is_no_notice)
{
  static const char *const nonsense[] = { "",
                                          "x",
                                          "{}",
                                          "[]",
                                          "null",
                                          "{\"event\":7}",
                                          "{\"event\":\"file\"}",
                                          "{\"event\":\"file\",\"path\":[1]}",
                                          "{\"event\":\"file\",\"path\":\"\xff\"}",
                                          "{\"event\":\"suppressed\",\"count\":\"many\"}",
                                          "{\"event\":{\"event\":\"file\"}}" };
  int pair[2];

  told = g_ptr_array_new_with_free_func (g_free);
  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC | O_DIRECT), 0);
  g_autoptr (SgFileNotices) notices = sg_file_notices_new (pair[0], on_notice, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    send_line (pair[1], nonsense[i]);
  g_autofree char *deep = g_strnfill (4000, '[');
  send_line (pair[1], deep);
  iterate (50);
  ck_assert_uint_eq (told->len, 0);
  close (pair[1]);
  iterate (20);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-words");
  TCase *tc = tcase_create ("words");
  SRunner *runner = srunner_create (suite);

  tcase_set_timeout (tc, 30);
  tcase_add_test (tc, each_end_has_its_words);
  tcase_add_test (tc, a_running_machine_has_no_wall_trouble);
  tcase_add_test (tc, every_disk_trouble_has_words);
  tcase_add_test (tc, the_first_file_is_told_at_once_and_others_together);
  tcase_add_test (tc, nonsense_is_no_notice);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
