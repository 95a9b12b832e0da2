/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How sessions find the switch between sandboxes, or become it, and who takes over when it ends.
 * san: no: the switch runs within its walls, where the sanitizer's runtime finds no /proc. */
#include "launcher/confine.h"
#include "launcher/session-network-private.h"
#include "tests/unit/relay-kit.h"

#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  SgPrivate *private;
  char *home, *address; /* owned */
  int stream;           /* owned */
  guint joined;
  char *failed; /* owned */
} Session;

static SgPlan plan;
static char *runtime;

static void
set_up (void)
{
  g_autofree char *netgate = relay_kit_program ("sandglass-netgate");

  runtime = g_dir_make_tmp ("sandglass-private-XXXXXX", NULL);
  ck_assert_ptr_nonnull (runtime);
  plan.bwrap = g_find_program_in_path ("bwrap");
  plan.confine_netgate = sg_confine_netgate (netgate);
}

static void
joined (int stream, const char *address, gpointer data)
{
  Session *session = data;

  sg_fd_clear (&session->stream);
  session->stream = fcntl (stream, F_DUPFD_CLOEXEC, 3);
  g_free (session->address);
  session->address = g_strdup (address);
  session->joined++;
}

static void
failed (const char *why, gpointer data)
{
  Session *session = data;

  session->failed = g_strdup (why);
}

static void
begin (Session *session, guint number)
{
  static const SgPrivateFuncs funcs = { joined, failed };
  g_autofree char *name = g_strdup_printf ("%08x", number);
  g_autofree char *mac = g_strdup_printf ("52:54:00:00:00:%02x", number);

  *session = (Session){ .stream = -1 };
  session->home = g_build_filename (runtime, name, NULL);
  ck_assert_int_eq (g_mkdir (session->home, 0700), 0);
  session->private = sg_private_new (&plan, session->home, mac, &funcs, session);
  sg_private_join (session->private);
}

static gboolean
has_switch (const Session *session)
{
  g_autofree char *path = g_build_filename (session->home, "switch", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
end (Session *session)
{
  sg_private_free (session->private);
  ck_assert (!has_switch (session));
  ck_assert_int_eq (g_rmdir (session->home), 0);
  sg_fd_clear (&session->stream);
  g_free (session->home);
  g_free (session->address);
  g_free (session->failed);
}

static void
await (const Session *session, guint times)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (session->joined < times && session->failed == NULL && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  ck_assert_msg (session->failed == NULL, "%s", session->failed);
  ck_assert_uint_eq (session->joined, times);
}

static gboolean
is_over (int stream)
{
  struct pollfd wait = { stream, POLLIN, 0 };
  char byte;

  return poll (&wait, 1, 5000) == 1 && read (stream, &byte, 1) <= 0;
}

static gboolean
is_over_now (int stream)
{
  return poll (&(struct pollfd){ stream, POLLIN, 0 }, 1, 0) != 0;
}

START_TEST (there_is_one_switch_and_everybody_has_an_address)
{
  Session all[4];
  guint switches = 0;

  for (guint i = 0; i < 4; i++)
    begin (&all[i], i + 1); /* all at once */
  for (guint i = 0; i < 4; i++)
    {
      await (&all[i], 1);
      switches += has_switch (&all[i]);
      for (guint j = 0; j < i; j++)
        ck_assert_str_ne (all[i].address, all[j].address);
    }
  ck_assert_uint_eq (switches, 1);
  for (guint i = 0; i < 4; i++)
    end (&all[i]);
}
END_TEST

START_TEST (another_takes_over_and_addresses_stay)
{
  Session a, b, c;
  g_autofree char *of_b = NULL, *of_c = NULL;

  begin (&a, 1);
  await (&a, 1);
  begin (&b, 2);
  await (&b, 1);
  begin (&c, 3);
  await (&c, 1);
  ck_assert (has_switch (&a) && !has_switch (&b) && !has_switch (&c));
  of_b = g_strdup (b.address), of_c = g_strdup (c.address);
  end (&a);
  ck_assert (is_over (b.stream) && is_over (c.stream));
  sg_private_join (b.private);
  sg_private_join (c.private);
  await (&b, 2);
  await (&c, 2);
  ck_assert_str_eq (b.address, of_b);
  ck_assert_str_eq (c.address, of_c);
  ck_assert_int_eq (has_switch (&b) + has_switch (&c), 1);
  end (&b);
  end (&c);
}
END_TEST

/* Its gate has ended, and another one takes over. */
START_TEST (who_comes_back_is_who_they_were)
{
  Session a, b;
  g_autofree char *before = NULL, *before6 = NULL;

  begin (&a, 1);
  await (&a, 1);
  begin (&b, 2);
  await (&b, 1);
  before = g_strdup (a.address);
  before6 = g_strdup (sg_private_address6 (a.private));
  ck_assert (g_str_has_prefix (before6, "fd73:616e:6467:6c62::"));
  sg_private_leave (a.private);
  sg_fd_clear (&a.stream);
  sg_private_join (a.private);
  await (&a, 2);
  ck_assert_str_eq (a.address, before);
  ck_assert_str_eq (sg_private_address6 (a.private), before6);
  ck_assert (has_switch (&a) && !is_over_now (b.stream)); /* nobody else was disturbed */
  end (&a);
  end (&b);
}
END_TEST

/* A session that was killed leaves a socket that nobody listens at. */
START_TEST (a_socket_that_was_left_is_no_switch)
{
  g_autofree char *dir = g_build_filename (runtime, "000000aa", NULL);
  g_autofree char *path = g_build_filename (dir, "switch", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Session a;

  ck_assert_int_eq (g_mkdir (dir, 0700), 0);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
  close (fd);
  begin (&a, 1);
  await (&a, 1);
  ck_assert (has_switch (&a));
  end (&a);
}
END_TEST

static Suite *
suite (void)
{
  Suite *suite = suite_create ("session-private");
  TCase *tc = tcase_create ("private");

  tcase_add_checked_fixture (tc, set_up, NULL);
  tcase_add_test (tc, there_is_one_switch_and_everybody_has_an_address);
  tcase_add_test (tc, another_takes_over_and_addresses_stay);
  tcase_add_test (tc, who_comes_back_is_who_they_were);
  tcase_add_test (tc, a_socket_that_was_left_is_no_switch);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  SRunner *runner;
  int failures;

  if (system ("bwrap --unshare-all --ro-bind / / true 2>/dev/null") != 0)
    {
      puts ("skipped: bubblewrap does not work here");
      return 77;
    }
  runner = srunner_create (suite ());
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
