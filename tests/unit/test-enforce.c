/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants -> settings inside, lifetime; this computer's swap and what is open; what is asked. */
#include "common/fd.h"
#include "launcher/enforce-host.h"
#include "launcher/enforce-inside.h"
#include "launcher/grants-load.h"
#include "launcher/lifetime.h"
#include "tests/unit/plan-kit.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- inside -------------------------------------------------------------------------------------
 */

START_TEST (keyboards_are_as_the_agent_has_them)
{
  static const char *const cases[][2] = {
    { "de", "de" },
    { "de(nodeadkeys)", "de:nodeadkeys" },
    { "de(nodeadkeys),us", "de,us:nodeadkeys," },
    { "us, ru(phonetic)", "us,ru:,phonetic" },
    { "de:nodeadkeys", "de:nodeadkeys" },
    { "de(", "de:" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *keyboard = sg_enforce_keyboard (cases[i][0]);
      ck_assert_str_eq (keyboard, cases[i][1]);
    }
}
END_TEST

START_TEST (only_what_differs_is_told)
{
  g_autoptr (SgGrants) usual = grants_of (NULL, NULL);
  g_autoptr (SgGrants) user = grants_of ("<TimeZone>Asia/Tokyo</TimeZone>", "Administrator=deny");
  GVariant *nothing = sg_enforce_demands (usual), *wishes = sg_enforce_wishes (usual, NULL, FALSE);
  g_autoptr (GVariant) demand = g_variant_ref_sink (sg_enforce_demands (user));
  g_autoptr (GVariant) zone = g_variant_ref_sink (sg_enforce_wishes (user, NULL, FALSE));
  gboolean administrator = TRUE;
  const char *text = NULL;

  ck_assert_ptr_null (nothing);
  ck_assert_ptr_null (wishes);
  ck_assert (g_variant_lookup (demand, "administrator", "b", &administrator) && !administrator);
  ck_assert_uint_eq (g_variant_n_children (demand), 1);
  ck_assert (g_variant_lookup (zone, "timezone", "&s", &text));
  ck_assert_str_eq (text, "Asia/Tokyo");
}
END_TEST

START_TEST (who_may_run_commands)
{
  static const char *const others[] = { "root", "daemon", "0", "", "sandbox2" };
  g_autoptr (SgGrants) usual = grants_of (NULL, NULL);
  g_autoptr (SgGrants) user = grants_of (NULL, "Administrator=deny");

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (sg_enforce_user (usual, others[i], NULL));
      ck_assert (!sg_enforce_user (user, others[i], &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
    }
  ck_assert (sg_enforce_user (user, NULL, NULL));
  ck_assert (sg_enforce_user (user, "sandbox", NULL));
}
END_TEST

/* --- lifetime -----------------------------------------------------------------------------------
 */

START_TEST (what_ends_a_sandbox)
{
  const gint64 sec = G_USEC_PER_SEC, now = 1000 * sec;
  static const char idle[] = "<Lifetime>idle 2</Lifetime>",
                    window[] = "<Lifetime>window</Lifetime>",
                    command[] = "<Lifetime>command</Lifetime>";
  const struct
  {
    const char *elements;
    SgLifetimeFacts facts;
    gboolean over;
  } cases[] = {
    { "", { .has_run = TRUE, .had_window = TRUE, .last_used = 0 }, FALSE }, /* not asked */
    { command, { .last_used = 0 }, FALSE },
    { command, { .has_run = TRUE, .commands = 1 }, FALSE },
    { command, { .has_run = TRUE }, TRUE },
    { window, { .last_used = 0 }, FALSE }, /* never had one */
    { window, { .had_window = TRUE, .windows = 1 }, FALSE },
    { window, { .had_window = TRUE, .last_used = now - 5 * sec }, FALSE },
    { window, { .had_window = TRUE, .last_used = now - 11 * sec }, TRUE },
    { window, { .had_window = TRUE, .commands = 1, .last_used = 0 }, FALSE },
    { idle, { .last_used = now - 119 * sec }, FALSE },
    { idle, { .last_used = now - 121 * sec }, TRUE },
    { idle, { .windows = 1, .silent = 1, .last_used = 0 }, FALSE }, /* it may be in use */
    { idle, { .windows = 1, .last_used = now - 121 * sec }, TRUE },
    { idle, { .commands = 1, .last_used = 0 }, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i].elements, NULL);
      SgLifetimeRule rule = sg_lifetime_rule (grants);

      ck_assert_msg ((sg_lifetime_over (&rule, &cases[i].facts, now) != NULL) == cases[i].over,
                     "case %zu", i);
      ck_assert_int_eq (sg_lifetime_look (&rule) > 0, *cases[i].elements != '\0');
    }
}
END_TEST

/* --- this computer ------------------------------------------------------------------------------
 */

static void
put (const char *dir, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (dir, path, NULL), *up = g_path_get_dirname (file);

  ck_assert_int_eq (g_mkdir_with_parents (up, 0700), 0);
  ck_assert (g_file_set_contents (file, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

START_TEST (a_plain_swap_is_found)
{
  static const char title[] = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  static const struct
  {
    const char *swaps;
    gboolean safe;
  } cases[] = {
    { "", TRUE },
    { "/dev/sda2   partition\t1000\t0\t-2\n", FALSE },
    { "/dev/dm-0   partition\t1000\t0\t-2\n", TRUE },
    { "/dev/dm-1   partition\t1000\t0\t-2\n", TRUE },  /* a volume upon it */
    { "/dev/dm-2   partition\t1000\t0\t-2\n", FALSE }, /* a volume upon both */
    { "/dev/zram0  partition\t1000\t0\t100\n", TRUE },
    { "/dev/zram1  partition\t1000\t0\t100\n", FALSE }, /* writes to a disk */
    { "/dev/dm-0   partition\t1000\t0\t-2\n/dev/sda2   partition\t1000\t0\t-3\n", FALSE },
    { "/dev/gone   partition\t1000\t0\t-2\n", FALSE },
    { "/no\\040such/swap  file\t1000\t0\t-2\n", FALSE },
  };
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);

  put (dir, "sys/class/block/sda2/size", "1\n");
  put (dir, "sys/class/block/dm-0/dm/uuid", "CRYPT-PLAIN-swap\n");
  put (dir, "sys/class/block/dm-1/dm/uuid", "LVM-x\n");
  put (dir, "sys/class/block/dm-1/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
  put (dir, "sys/class/block/dm-2/dm/uuid", "LVM-y\n");
  put (dir, "sys/class/block/dm-2/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
  put (dir, "sys/class/block/dm-2/slaves/sda3/size", "1\n");
  put (dir, "sys/class/block/zram0/disksize", "1000\n");
  put (dir, "sys/class/block/zram0/backing_dev", "none\n");
  put (dir, "sys/class/block/zram1/disksize", "1000\n");
  put (dir, "sys/class/block/zram1/backing_dev", "/dev/sda4\n");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (title, cases[i].swaps, NULL);
      g_autoptr (GError) error = NULL;

      put (dir, "proc/swaps", text);
      ck_assert_msg (sg_enforce_encryption (dir, &error) == cases[i].safe, "case %zu: %s", i,
                     error != NULL ? error->message : "safe");
    }
  ck_assert (sg_enforce_encryption ("/nonexistent", NULL)); /* a kernel without swap */
  remove_tree (dir);
}
END_TEST

START_TEST (sandboxes_are_counted_and_what_waits_is_not)
{
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);
  static const char *const names[] = { "aaaaaaaa/control", "bbbbbbbb/control", "cccccccc/standby" };

  ck_assert_uint_eq (sg_enforce_count (dir), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      g_autofree char *up = g_path_get_dirname (path);
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      sg_fd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

      g_mkdir (up, 0700);
      g_strlcpy (address.sun_path, path, sizeof address.sun_path);
      ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    }
  put (dir, "dddddddd/control", "a file is none");
  ck_assert_uint_eq (sg_enforce_count (dir), 2);
  /* of one login: another directory is another count */
  g_autofree char *elsewhere = g_build_filename (dir, "aaaaaaaa", NULL);
  ck_assert_uint_eq (sg_enforce_count (elsewhere), 0);
  remove_tree (dir);
}
END_TEST

/* --- what is asked ------------------------------------------------------------------------------
 */

START_TEST (what_is_asked_survives_the_command_line)
{
  char *writable[] = { (char *)"/a b", (char *)"/c,d", NULL };
  SgAsk ask = { .config = (char *)"<Configuration/>",
                .purpose = (char *)"file",
                .writable = writable,
                .without_asks = TRUE };
  SgAsk again = { 0 };
  g_autofree GOptionEntry *entries = sg_ask_entries (&again);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, g_strdup ("sandglass-session"));
  sg_ask_arguments (&ask, argv);
  g_ptr_array_add (argv, NULL);
  g_auto (GStrv) words = g_strdupv ((char **)argv->pdata);
  g_option_context_add_main_entries (context, entries, NULL);
  ck_assert_msg (g_option_context_parse_strv (context, &words, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (g_strv_length (words), 1);
  ck_assert_str_eq (again.config, ask.config);
  ck_assert_str_eq (again.purpose, "file");
  ck_assert (g_strv_equal ((const char *const *)again.writable, (const char *const *)writable));
  ck_assert (again.without_asks);
  sg_ask_clear (&again);
}
END_TEST

START_TEST (rules_that_were_touched_are_other_rules)
{
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);
  char *dirs[] = { dir, NULL };
  SgAsk ask = { .policy_dirs = dirs };
  g_autofree char *none = sg_policy_stamp (&ask);

  put (dir, "1.conf", "[policy]\n");
  g_autofree char *one = sg_policy_stamp (&ask), *same = sg_policy_stamp (&ask);
  g_usleep (20000);
  put (dir, "1.conf", "[policy]\n");
  g_autofree char *other = sg_policy_stamp (&ask);
  ck_assert_str_ne (none, one);
  ck_assert_str_eq (one, same);
  ck_assert_str_ne (one, other);
  remove_tree (dir);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("enforce");
  TCase *pure = tcase_create ("pure");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (pure, keyboards_are_as_the_agent_has_them);
  tcase_add_test (pure, only_what_differs_is_told);
  tcase_add_test (pure, who_may_run_commands);
  tcase_add_test (pure, what_ends_a_sandbox);
  tcase_add_test (pure, a_plain_swap_is_found);
  tcase_add_test (pure, sandboxes_are_counted_and_what_waits_is_not);
  tcase_add_test (pure, what_is_asked_survives_the_command_line);
  tcase_add_test (pure, rules_that_were_touched_are_other_rules);
  suite_add_tcase (suite, pure);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
