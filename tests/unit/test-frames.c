/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame reader believes nothing a guest sends. */
#include "launcher/frames.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
feed (SgFrameReader *reader, const void *data, gsize len)
{
  void *room;
  gsize space;

  sg_frame_reader_space (reader, &room, &space);
  ck_assert_uint_ge (space, len);
  memcpy (room, data, len);
  sg_frame_reader_filled (reader, len);
}

/* What becomes of one frame with these bytes as its payload. */
static SgFrameOutcome
outcome (SgFrameType type, guint32 channel, const void *data, gsize len)
{
  g_autoptr (SgFrameReader) reader = sg_frame_reader_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  SgFrame frame = { 0 };
  SgFrameOutcome got;

  sg_frame_append (bytes, type, channel, data, len);
  feed (reader, bytes->data, bytes->len);
  got = sg_frame_reader_next (reader, &frame, &error);
  ck_assert_int_eq (got == SG_FRAME_BAD, error != NULL);
  if (got == SG_FRAME_GOT)
    sg_frame_clear (&frame);
  return got;
}

static SgFrameOutcome
outcome_value (SgFrameType type, guint32 channel, GVariant *body)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (body);

  return outcome (type, channel, g_variant_get_data (value), g_variant_get_size (value));
}

START_TEST (frames_come_out_as_they_went_in_whatever_the_pieces)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *large = g_malloc (SG_FRAME_MAX);

  for (gsize i = 0; i < SG_FRAME_MAX; i++)
    large[i] = (guint8)(i * 7);
  sg_frame_append (bytes, SG_FRAME_STDOUT, 3, "a\0b", 3);
  sg_frame_append (bytes, SG_FRAME_STDERR, 4, large, SG_FRAME_MAX);
  ck_assert (sg_frame_append_variant (bytes, SG_FRAME_EXIT, 3, g_variant_new ("(bis)", 0, 7, "")));

  for (gsize piece = 1; piece < 70000; piece = piece * 3 + 1)
    {
      g_autoptr (SgFrameReader) reader = sg_frame_reader_new ();
      int seen = 0;

      for (gsize at = 0; at < bytes->len; at += piece)
        {
          SgFrame frame;

          feed (reader, bytes->data + at, MIN (piece, bytes->len - at));
          while (sg_frame_reader_next (reader, &frame, NULL) == SG_FRAME_GOT)
            {
              if (seen == 0)
                {
                  ck_assert_uint_eq (frame.len, 3);
                  ck_assert_int_eq (memcmp (frame.data, "a\0b", 3), 0);
                }
              else if (seen == 1)
                {
                  ck_assert_uint_eq (frame.channel, 4);
                  ck_assert_uint_eq (frame.len, SG_FRAME_MAX);
                  ck_assert_int_eq (memcmp (frame.data, large, SG_FRAME_MAX), 0);
                }
              else
                {
                  gint32 code;
                  g_variant_get_child (frame.body, 1, "i", &code);
                  ck_assert_int_eq (code, 7);
                }
              seen++;
              sg_frame_clear (&frame);
            }
        }
      ck_assert_int_eq (seen, 3);
    }
}
END_TEST

START_TEST (a_longer_frame_than_the_maximum_is_refused_by_its_header)
{
  g_autoptr (SgFrameReader) reader = sg_frame_reader_new ();
  SgFrameHeader header = { .length = SG_FRAME_MAX + 1, .type = SG_FRAME_STDOUT, .channel = 1 };
  guint8 packed[SG_FRAME_HEADER];
  SgFrame frame;

  sg_frame_pack (&header, packed);
  feed (reader, packed, sizeof packed);
  ck_assert_int_eq (sg_frame_reader_next (reader, &frame, NULL), SG_FRAME_BAD);
}
END_TEST

START_TEST (the_reserved_field_must_be_zero)
{
  g_autoptr (SgFrameReader) reader = sg_frame_reader_new ();
  SgFrameHeader header = { .length = 0, .type = SG_FRAME_STDOUT, .channel = 1 };
  guint8 packed[SG_FRAME_HEADER];
  SgFrame frame;

  sg_frame_pack (&header, packed);
  packed[6] = 1;
  feed (reader, packed, sizeof packed);
  ck_assert_int_eq (sg_frame_reader_next (reader, &frame, NULL), SG_FRAME_BAD);
}
END_TEST

START_TEST (types_of_the_host_and_unknown_types_are_refused)
{
  static const int refused[] = {
    0,   SG_FRAME_HELLO, SG_FRAME_CALL, 6, 15, SG_FRAME_EXEC, SG_FRAME_SIGNAL, SG_FRAME_RESIZE, 25,
    255, 65535
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      ck_assert_int_eq (outcome ((SgFrameType)refused[i], 0, "", 0), SG_FRAME_BAD);
      ck_assert_int_eq (outcome ((SgFrameType)refused[i], 1, "", 0), SG_FRAME_BAD);
    }
}
END_TEST

START_TEST (frames_on_the_wrong_kind_of_channel_are_refused)
{
  ck_assert_int_eq (outcome (SG_FRAME_STDOUT, 0, "x", 1), SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 0, g_variant_new ("(bis)", 0, 0, "")),
                    SG_FRAME_BAD);
  ck_assert_int_eq (
      outcome_value (SG_FRAME_EVENT, 1, g_variant_new ("(sv)", "notice", g_variant_new ("s", ""))),
      SG_FRAME_BAD);
}
END_TEST

START_TEST (values_outside_their_range_are_refused)
{
  g_autofree char *text = g_strnfill (SG_FRAME_TEXT_MAX + 1, 'x');

  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 1, g_variant_new ("(bis)", 0, 255, "")),
                    SG_FRAME_GOT);
  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 1, g_variant_new ("(bis)", 0, 256, "")),
                    SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 1, g_variant_new ("(bis)", 0, -1, "")),
                    SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 1, g_variant_new ("(bis)", 1, 0, "")),
                    SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_EXIT, 1, g_variant_new ("(bis)", 0, 0, text)),
                    SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_CREDIT, 1, g_variant_new ("(yu)", 0, 0)), SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_CREDIT, 1, g_variant_new ("(yu)", 0, SG_WINDOW + 1)),
                    SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_CREDIT, 1, g_variant_new ("(yu)", 1, 1)), SG_FRAME_BAD);
  ck_assert_int_eq (outcome (SG_FRAME_STDIN, 1, "x", 1), SG_FRAME_BAD);
  ck_assert_int_eq (outcome_value (SG_FRAME_EVENT, 0,
                                   g_variant_new ("(sv)", "notice", g_variant_new ("s", text))),
                    SG_FRAME_BAD);
}
END_TEST

START_TEST (events_with_another_name_or_type_are_refused)
{
  ck_assert_int_eq (outcome_value (SG_FRAME_EVENT, 0,
                                   g_variant_new ("(sv)", "desktop-ready", g_variant_new ("b", 1))),
                    SG_FRAME_GOT);
  ck_assert_int_eq (outcome_value (SG_FRAME_EVENT, 0,
                                   g_variant_new ("(sv)", "desktop-ready", g_variant_new ("i", 1))),
                    SG_FRAME_BAD);
  ck_assert_int_eq (
      outcome_value (SG_FRAME_EVENT, 0, g_variant_new ("(sv)", "other", g_variant_new ("b", 1))),
      SG_FRAME_BAD);
}
END_TEST

START_TEST (bodies_that_are_not_in_normal_form_are_refused)
{
  static const guint8 bool_two[] = { 2, 0, 0, 0, 0, 0, 0, 0, 0 }; /* (bis) with b = 2 */
  static const guint8 unterminated[] = { 0, 0, 0, 0, 0, 0, 0, 0, 'x' };

  ck_assert_int_eq (outcome (SG_FRAME_EXIT, 1, bool_two, sizeof bool_two), SG_FRAME_BAD);
  ck_assert_int_eq (outcome (SG_FRAME_EXIT, 1, unterminated, sizeof unterminated), SG_FRAME_BAD);
  ck_assert_int_eq (outcome (SG_FRAME_EXIT, 1, "", 0), SG_FRAME_BAD);
  ck_assert_int_eq (outcome (SG_FRAME_STARTED, 1, "abc", 3), SG_FRAME_BAD);
}
END_TEST

START_TEST (a_variant_nested_a_thousand_deep_does_no_harm)
{
  g_autoptr (GVariant) inner = g_variant_ref_sink (g_variant_new ("b", TRUE));

  for (int i = 0; i < 1000; i++)
    {
      GVariant *outer = g_variant_ref_sink (g_variant_new_variant (inner));
      g_variant_unref (inner);
      inner = outer;
    }
  ck_assert_int_eq (outcome_value (SG_FRAME_REPLY, 0, g_variant_new ("(ubsv)", 1, TRUE, "", inner)),
                    SG_FRAME_BAD);
}
END_TEST

START_TEST (a_body_that_is_too_long_is_not_sent)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *text = g_strnfill (SG_FRAME_MAX, 'x');

  ck_assert (!sg_frame_append_variant (out, SG_FRAME_CALL, 0,
                                       g_variant_new ("(usv)", 1, text, g_variant_new ("()"))));
  ck_assert_uint_eq (out->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("frames");
  TCase *tc = tcase_create ("frames");
  SRunner *runner;
  int failed;

  tcase_add_test (tc, frames_come_out_as_they_went_in_whatever_the_pieces);
  tcase_add_test (tc, a_longer_frame_than_the_maximum_is_refused_by_its_header);
  tcase_add_test (tc, the_reserved_field_must_be_zero);
  tcase_add_test (tc, types_of_the_host_and_unknown_types_are_refused);
  tcase_add_test (tc, frames_on_the_wrong_kind_of_channel_are_refused);
  tcase_add_test (tc, values_outside_their_range_are_refused);
  tcase_add_test (tc, events_with_another_name_or_type_are_refused);
  tcase_add_test (tc, bodies_that_are_not_in_normal_form_are_refused);
  tcase_add_test (tc, a_variant_nested_a_thousand_deep_does_no_harm);
  tcase_add_test (tc, a_body_that_is_too_long_is_not_sent);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
