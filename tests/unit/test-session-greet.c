/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing of a person's runs in a machine that is not yet its own: the order of the first calls,
 * and what is in them, seen from the guest's side through the real relay. */
#include "launcher/session-greet.h"

#include "common/fd.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  gboolean done, ok;
  GError *error;
} Outcome;

#define PATIENCE_MSEC 10000

static RelayKit kit;
static SgAgent *agent;

static void
greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->ok = sg_greet_finish (SG_AGENT (source), result, &outcome->error);
  outcome->done = TRUE;
}

static void
setup (void)
{
  relay_kit_start (&kit);
  agent = sg_agent_new (kit.supervisor);
  kit.supervisor = -1;
}

static void
teardown (void)
{
  g_object_unref (agent);
  relay_kit_stop (&kit);
}

/* The next frame as the guest gets it, our side's loop running meanwhile. */
static char *
next_frame (SgFrameHeader *header)
{
  struct pollfd guest = { .fd = kit.guest, .events = POLLIN };
  char *data;

  /* On a busy computer the relay takes its time between what we do and what the guest gets. */
  for (int i = 0; i < PATIENCE_MSEC && poll (&guest, 1, 1) == 0; i++)
    g_main_context_iteration (NULL, FALSE);
  ck_assert (guest_receive (&kit, header, &data));
  return data;
}

static void
answer_hello (void)
{
  SgFrameHeader header;
  g_autofree char *data = next_frame (&header);

  ck_assert_int_eq (header.type, SG_FRAME_HELLO);
  guest_send (&kit, SG_FRAME_HELLO_OK, 0, data, header.length);
}

/* The call that comes next must be METHOD; its argument. */
static GVariant *
take_call (const char *method, guint32 *ret_serial)
{
  SgFrameHeader header;
  g_autofree char *data = next_frame (&header);
  g_autoptr (GBytes) bytes = g_bytes_new (data, header.length);
  g_autoptr (GVariant) body
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (SG_TYPE_CALL), bytes, FALSE));
  GVariant *argument;
  const char *name;

  ck_assert_int_eq (header.type, SG_FRAME_CALL);
  g_variant_get (body, "(u&sv)", ret_serial, &name, &argument);
  ck_assert_str_eq (name, method);
  return argument;
}

static void
reply (guint32 serial, gboolean ok, const char *words)
{
  guest_send_value (&kit, SG_FRAME_REPLY, 0,
                    g_variant_new (SG_TYPE_REPLY, serial, ok, words, g_variant_new ("()")));
}

static void
finish (Outcome *outcome)
{
  for (int i = 0; i < 5000 && !outcome->done; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  ck_assert (outcome->done);
}

START_TEST (clock_then_entropy_then_identity)
{
  Outcome outcome = { 0 };
  guint32 serial;
  gsize n;
  const char *machine, *boot, *host;

  sg_greet_async (agent, "89abcdef", NULL, greeted, &outcome);
  answer_hello ();
  g_autoptr (GVariant) clock = take_call ("clock", &serial);
  ck_assert_int_lt (ABS (g_variant_get_int64 (clock) - g_get_real_time ()), 10 * G_USEC_PER_SEC);
  reply (serial, TRUE, "");
  g_autoptr (GVariant) entropy = take_call ("entropy", &serial);
  const guint8 *bytes = g_variant_get_fixed_array (entropy, &n, 1);
  ck_assert_uint_ge (n, 32);
  ck_assert (memcmp (bytes, bytes + n / 2, n / 2) != 0);
  reply (serial, TRUE, "");
  g_autoptr (GVariant) identity = take_call ("identity", &serial);
  ck_assert (g_variant_lookup (identity, "machine-id", "&s", &machine));
  ck_assert (g_variant_lookup (identity, "boot-id", "&s", &boot));
  ck_assert (g_variant_lookup (identity, "hostname", "&s", &host));
  ck_assert_uint_eq (strlen (machine), 32);
  ck_assert (g_uuid_string_is_valid (boot));
  ck_assert_str_eq (host, "sandbox-89abcdef");
  ck_assert (!outcome.done);
  reply (serial, TRUE, "");
  finish (&outcome);
  ck_assert_msg (outcome.ok, "%s", outcome.error != NULL ? outcome.error->message : "");
}
END_TEST

/* Without its own random numbers a machine must not be used. */
START_TEST (a_refusal_is_the_end)
{
  Outcome outcome = { 0 };
  guint32 serial;

  sg_greet_async (agent, "89abcdef", NULL, greeted, &outcome);
  answer_hello ();
  g_autoptr (GVariant) clock = take_call ("clock", &serial);
  reply (serial, TRUE, "");
  g_autoptr (GVariant) entropy = take_call ("entropy", &serial);
  reply (serial, FALSE, "no such device");
  finish (&outcome);
  ck_assert (!outcome.ok);
  ck_assert_ptr_nonnull (strstr (outcome.error->message, "entropy"));
  ck_assert_ptr_nonnull (strstr (outcome.error->message, "no such device"));
  g_error_free (outcome.error);
}
END_TEST

START_TEST (can_be_given_up)
{
  Outcome outcome = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  sg_greet_async (agent, "89abcdef", cancellable, greeted, &outcome);
  g_cancellable_cancel (cancellable);
  finish (&outcome);
  ck_assert (g_error_matches (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_error_free (outcome.error);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-greet");
  TCase *tc = tcase_create ("greet");
  SRunner *runner = srunner_create (suite);

  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_set_timeout (tc, 30);
  tcase_add_test (tc, clock_then_entropy_then_identity);
  tcase_add_test (tc, a_refusal_is_the_end);
  tcase_add_test (tc, can_be_given_up);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
