/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network gate that was taken over can do to the supervisor by what it says: nothing that
 * outlives it, and not to be the only one who is heard. */
#include "launcher/session-network-gateway.h"

#include "common/fd.h"

#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>

static guint n_notices;

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  n_notices++;
}

static const SgGateFuncs funcs = { .notice = on_notice };

static SgGateway *
make (int *ret_gate)
{
  SgGateway *gateway = g_new0 (SgGateway, 1);
  int ends[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  gateway->funcs = &funcs;
  gateway->control = ends[0];
  *ret_gate = ends[1];
  n_notices = 0;
  return gateway;
}

START_TEST (what_is_said_twice_leaves_nothing_behind)
{
  sg_fd int gate = -1;
  SgGateway *gateway = make (&gate);

  for (int i = 0; i < 3; i++)
    ck_assert (sg_gate_send (gate, SG_GATE_LOST, g_variant_new ("(s)", "passt"), -1, NULL));
  ck_assert (sg_gateway_hear (gateway->control, G_IO_IN, gateway) == G_SOURCE_CONTINUE);
  ck_assert_ptr_nonnull (g_main_context_find_source_by_user_data (NULL, gateway));
  sg_gateway_free (gateway);
  ck_assert_ptr_null (g_main_context_find_source_by_user_data (NULL, gateway));
}
END_TEST

START_TEST (who_says_much_is_heard_in_turns)
{
  sg_fd int gate = -1;
  SgGateway *gateway = make (&gate);

  for (guint i = 0; i < SG_GATEWAY_MESSAGES + 10; i++)
    ck_assert (sg_gate_send (gate, SG_GATE_LOST, g_variant_new ("(s)", "pcap"), -1, NULL));
  ck_assert (sg_gateway_hear (gateway->control, G_IO_IN, gateway) == G_SOURCE_CONTINUE);
  ck_assert_uint_eq (n_notices, SG_GATEWAY_MESSAGES);
  ck_assert (sg_gateway_hear (gateway->control, G_IO_IN, gateway) == G_SOURCE_CONTINUE);
  ck_assert_uint_eq (n_notices, SG_GATEWAY_MESSAGES + 10);
  sg_gateway_free (gateway);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-gateway");
  TCase *tcase = tcase_create ("all");
  SRunner *runner = srunner_create (suite);

  tcase_add_test (tcase, what_is_said_twice_leaves_nothing_behind);
  tcase_add_test (tcase, who_says_much_is_heard_in_turns);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
