/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each cell of direction x kind x size x gesture or consent x switch x lock x window, against rules
 * that are written down here once more, and differently: as a list of what must all be true. */
#include "ui/clipboard-policy.h"

#include <check.h>
#include <stdlib.h>

#define SECOND G_USEC_PER_SEC
#define NOW (1000 * SECOND)

static const SgClipKind kinds[] = { SG_CLIP_TEXT, SG_CLIP_IMAGE, SG_CLIP_FILES, SG_CLIP_OTHER };
static const guint64 sizes[] = { 0, 1, 1024, 1025, (guint64)4 << 30 };
#define MAX_BYTES 1024

static SgClipState
state_of (SgClipMode granted_in, SgClipMode granted_out, guint content, gboolean locked,
          gboolean closed)
{
  SgClipGrants grants = { .in = granted_in,
                          .out = granted_out,
                          .text = (content & 1) != 0,
                          .images = (content & 2) != 0,
                          .files = (content & 4) != 0,
                          .max_bytes = MAX_BYTES };
  SgClipState state;

  sg_clip_init (&state, &grants);
  sg_clip_lock (&state, locked);
  if (closed)
    sg_clip_close (&state);
  return state;
}

static gboolean
may_kind (SgClipKind kind, guint content)
{
  return (kind == SG_CLIP_TEXT && content & 1) || (kind == SG_CLIP_IMAGE && content & 2);
}

/* Does a clip end up inside?  As the broker asks: look, announce, fits, open, take. */
static gboolean
goes_in (SgClipState *state, SgClipKind kind, guint64 size, gboolean password, gboolean gesture)
{
  /* Of files the names are put to the person; nothing of them can be taken. */
  if (gesture && kind == SG_CLIP_FILES)
    return sg_clip_may_look (state) == SG_CLIP_PASS
           && sg_clip_may_announce (state, kind, password) == SG_CLIP_PASS
           && sg_clip_take (state, NOW) == SG_CLIP_NO_GESTURE;
  if (gesture)
    {
      if (sg_clip_may_look (state) != SG_CLIP_PASS
          || sg_clip_may_announce (state, kind, password) != SG_CLIP_PASS
          || sg_clip_fits (state, size) != SG_CLIP_PASS)
        return FALSE;
      sg_clip_open (state, NOW, SG_CLIP_KEY_OPEN);
    }
  return sg_clip_take (state, NOW + SECOND) == SG_CLIP_PASS;
}

START_TEST (test_in)
{
  guint cells = 0, passed = 0;

  for (int granted = 0; granted < 2; granted++)
    for (int on = 0; on < 2; on++)
      for (int locked = 0; locked < 2; locked++)
        for (int closed = 0; closed < 2; closed++)
          for (int password = 0; password < 2; password++)
            for (int gesture = 0; gesture < 2; gesture++)
              for (guint content = 0; content < 8; content++)
                for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
                  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
                    {
                      SgClipState state = state_of (granted ? SG_CLIP_PASTE : SG_CLIP_NEVER,
                                                    SG_CLIP_ASK, content, locked, closed);
                      gboolean expected = granted && on && !locked && !closed && !password
                                          && gesture
                                          && (kinds[k] == SG_CLIP_FILES
                                                  ? (content & 4) != 0
                                                  : may_kind (kinds[k], content) && sizes[s] > 0
                                                        && sizes[s] <= MAX_BYTES);

                      sg_clip_switch_in (&state, on ? SG_CLIP_PASTE : SG_CLIP_NEVER);
                      ck_assert_msg (
                          goes_in (&state, kinds[k], sizes[s], password, gesture) == expected,
                          "granted %d on %d locked %d closed %d password %d gesture %d content %u "
                          "kind %u size %" G_GUINT64_FORMAT,
                          granted, on, locked, closed, password, gesture, content, kinds[k],
                          sizes[s]);
                      cells++;
                      passed += expected;
                    }
  ck_assert_uint_eq (cells, 64 * 8 * 4 * 5);
  ck_assert_uint_gt (passed, 0);
}
END_TEST

typedef enum
{
  STAYED,
  LEFT,
  LEFT_ASKED
} Way;

static Way
goes_out (SgClipState *state, SgClipKind kind, SgClipKind comes, guint64 size, gboolean yes)
{
  SgClipVerdict verdict = sg_clip_offer (state, kind, NOW);

  if (verdict != SG_CLIP_PASS && verdict != SG_CLIP_MUST_ASK)
    return STAYED;
  verdict = sg_clip_arrived (state, kind, comes, size);
  if (verdict == SG_CLIP_PASS)
    return LEFT;
  return verdict == SG_CLIP_MUST_ASK && sg_clip_answer (state, yes) == SG_CLIP_PASS ? LEFT_ASKED
                                                                                    : STAYED;
}

START_TEST (test_out)
{
  static const SgClipMode grants[] = { SG_CLIP_NEVER, SG_CLIP_ASK, SG_CLIP_ALWAYS };
  guint passed = 0;

  for (gsize granted = 0; granted < 3; granted++)
    for (gsize on = 0; on < 3; on++)
      for (int locked = 0; locked < 2; locked++)
        for (int closed = 0; closed < 2; closed++)
          for (int yes = 0; yes < 2; yes++)
            for (guint content = 0; content < 8; content++)
              for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
                for (gsize c = 0; c < G_N_ELEMENTS (kinds); c++)
                  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
                    {
                      SgClipState state
                          = state_of (SG_CLIP_PASTE, grants[granted], content, locked, closed);
                      gboolean may = grants[granted] != SG_CLIP_NEVER && grants[on] != SG_CLIP_NEVER
                                     && !locked && !closed && may_kind (kinds[k], content)
                                     && c == k && sizes[s] > 0 && sizes[s] <= MAX_BYTES;
                      Way expected = !may                             ? STAYED
                                     : grants[on] == SG_CLIP_ALWAYS   ? LEFT
                                     : yes                            ? LEFT_ASKED
                                                                      : STAYED;

                      sg_clip_switch_out (&state, grants[on]);
                      ck_assert_msg (
                          goes_out (&state, kinds[k], kinds[c], sizes[s], yes) == expected,
                          "granted %zu on %zu locked %d closed %d yes %d content %u kind %u comes "
                          "%u size %" G_GUINT64_FORMAT,
                          granted, on, locked, closed, yes, content, kinds[k], kinds[c], sizes[s]);
                      passed += expected != STAYED;
                    }
  ck_assert_uint_gt (passed, 0);
}
END_TEST

START_TEST (test_gesture_ends)
{
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 1, FALSE, FALSE);

  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_NO_GESTURE);
  /* Not taken in time. */
  sg_clip_open (&state, NOW, SG_CLIP_KEY_OPEN);
  ck_assert_int_eq (sg_clip_take (&state, NOW + SG_CLIP_KEY_OPEN), SG_CLIP_NO_GESTURE);
  /* Taken: some programs take twice, at once; nobody does later. */
  sg_clip_open (&state, NOW, SG_CLIP_KEY_OPEN);
  ck_assert_int_eq (sg_clip_take (&state, NOW + SECOND), SG_CLIP_PASS);
  ck_assert_int_eq (sg_clip_take (&state, NOW + SECOND + SG_CLIP_TAKEN_OPEN - 1), SG_CLIP_PASS);
  ck_assert_int_eq (sg_clip_take (&state, NOW + SECOND + SG_CLIP_TAKEN_OPEN), SG_CLIP_NO_GESTURE);
  /* Nor without end. */
  sg_clip_open (&state, NOW, SG_CLIP_KEY_OPEN);
  for (int i = 0; i < SG_CLIP_TAKES; i++)
    ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_PASS);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_NO_GESTURE);
  /* A lock shuts it for good, also when the screen is open again before the time is over. */
  sg_clip_open (&state, NOW, SG_CLIP_KEY_OPEN);
  sg_clip_lock (&state, TRUE);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_LOCKED);
  sg_clip_lock (&state, FALSE);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_NO_GESTURE);
  /* So does the switch. */
  sg_clip_open (&state, NOW, SG_CLIP_KEY_OPEN);
  ck_assert (sg_clip_switch_in (&state, SG_CLIP_NEVER));
  ck_assert (sg_clip_switch_in (&state, SG_CLIP_PASTE));
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_NO_GESTURE);
}
END_TEST

START_TEST (test_flood)
{
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ALWAYS, 1, FALSE, FALSE);
  guint looked_at = 0;

  /* A million offers in ten seconds. */
  for (gint64 t = NOW; t < NOW + 10 * SECOND; t += 10)
    looked_at += sg_clip_offer (&state, SG_CLIP_TEXT, t) == SG_CLIP_PASS;
  ck_assert_uint_eq (looked_at, 10 * SECOND / SG_CLIP_OFFER_EVERY);
  ck_assert_int_gt (sg_clip_offer_wait (&state, NOW + 10 * SECOND - 1), 0);
  ck_assert_int_eq (sg_clip_offer_wait (&state, NOW + 11 * SECOND), 0);
}
END_TEST

/* One clip of the granted size, written as wide as it can be, and no message of 4 GB. */
START_TEST (test_flow)
{
  SgClipGrants most = { .max_bytes = (guint64)4 << 30 };
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 1, FALSE, FALSE);

  ck_assert (sg_clip_may_send (&state, 0));
  ck_assert (sg_clip_may_send (&state, MAX_BYTES + 4096));
  ck_assert (!sg_clip_may_send (&state, (guint64)32 << 20));
  ck_assert (!sg_clip_may_send (&state, G_MAXUINT64));
  sg_clip_init (&state, &most);
  ck_assert (sg_clip_may_send (&state, (guint64)4 << 30));
}
END_TEST

START_TEST (test_lines)
{
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 1, FALSE, FALSE);
  guint told = 0;

  /* A flood of what is refused, for ten seconds, and in the midst of it a person's paste. */
  for (gint64 t = NOW; t < NOW + 10 * SECOND; t += 10)
    {
      told += sg_clip_is_told (&state, t % 20 == 0 ? SG_CLIP_NO_GESTURE : SG_CLIP_KIND, FALSE, t);
      if (t % SECOND == 10)
        ck_assert (sg_clip_is_told (&state, SG_CLIP_PASSWORD, TRUE, t)
                   && sg_clip_is_told (&state, SG_CLIP_KIND, TRUE, t));
    }
  ck_assert_uint_eq (told, 10);
  /* What passes, and what is asked, is never left out. */
  ck_assert (sg_clip_is_told (&state, SG_CLIP_PASS, FALSE, NOW + 10 * SECOND));
  ck_assert (sg_clip_is_told (&state, SG_CLIP_MUST_ASK, FALSE, NOW + 10 * SECOND));
}
END_TEST

/* The screen was locked, or the window closed, before it was known what is granted. */
START_TEST (test_granted_late)
{
  SgClipGrants none = sg_clip_grants_none (), grants = sg_clip_grants_default ();
  SgClipState state;

  sg_clip_init (&state, &none);
  sg_clip_lock (&state, TRUE);
  sg_clip_granted (&state, &grants);
  ck_assert_int_eq (sg_clip_may_look (&state), SG_CLIP_LOCKED);
  ck_assert_int_eq (sg_clip_offer (&state, SG_CLIP_TEXT, NOW), SG_CLIP_LOCKED);
  sg_clip_lock (&state, FALSE);
  ck_assert_int_eq (sg_clip_may_look (&state), SG_CLIP_PASS);
  sg_clip_init (&state, &none);
  sg_clip_close (&state);
  sg_clip_granted (&state, &grants);
  ck_assert_int_eq (sg_clip_may_look (&state), SG_CLIP_CLOSED);
}
END_TEST

/* Closed, and taken back: what was open for a gesture, or refused, does not come back with it. */
START_TEST (test_closing_is_taken_back)
{
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 7, FALSE, FALSE);

  sg_clip_open (&state, NOW, SG_CLIP_MENU_OPEN);
  sg_clip_close (&state);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_CLOSED);
  ck_assert_int_eq (sg_clip_arrived (&state, SG_CLIP_TEXT, SG_CLIP_TEXT, 1), SG_CLIP_CLOSED);
  sg_clip_reopen (&state);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_NO_GESTURE);
  ck_assert_int_eq (sg_clip_offer (&state, SG_CLIP_TEXT, NOW), SG_CLIP_MUST_ASK);
  sg_clip_open (&state, NOW, SG_CLIP_MENU_OPEN);
  ck_assert_int_eq (sg_clip_take (&state, NOW), SG_CLIP_PASS);
  sg_clip_close (&state);
  sg_clip_lock (&state, TRUE);
  sg_clip_reopen (&state);
  ck_assert_int_eq (sg_clip_may_look (&state), SG_CLIP_LOCKED);
}
END_TEST

START_TEST (test_refusals)
{
  SgClipState state = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 1, FALSE, FALSE);
  gint64 t = NOW;

  for (guint i = 1; i < SG_CLIP_REFUSALS; i++)
    ck_assert_int_eq (sg_clip_answer (&state, FALSE), SG_CLIP_REFUSED);
  ck_assert_int_eq (state.out, SG_CLIP_ASK);
  /* A "yes" in between forgets them. */
  ck_assert_int_eq (sg_clip_answer (&state, TRUE), SG_CLIP_PASS);
  for (guint i = 0; i < SG_CLIP_REFUSALS; i++)
    {
      ck_assert_int_eq (sg_clip_offer (&state, SG_CLIP_TEXT, t += SECOND), SG_CLIP_MUST_ASK);
      ck_assert_int_eq (sg_clip_answer (&state, FALSE), SG_CLIP_REFUSED);
    }
  ck_assert_int_eq (sg_clip_offer (&state, SG_CLIP_TEXT, t += SECOND), SG_CLIP_SWITCHED_OFF);
  /* The person can have it back. */
  ck_assert (sg_clip_switch_out (&state, SG_CLIP_ASK));
  ck_assert_int_eq (sg_clip_offer (&state, SG_CLIP_TEXT, t += SECOND), SG_CLIP_MUST_ASK);
}
END_TEST

START_TEST (test_switches_stay_in_grants)
{
  SgClipState none = state_of (SG_CLIP_NEVER, SG_CLIP_NEVER, 7, FALSE, FALSE);
  SgClipState some = state_of (SG_CLIP_PASTE, SG_CLIP_ASK, 7, FALSE, FALSE);
  SgClipGrants closed = sg_clip_grants_none ();

  ck_assert (!sg_clip_switch_in (&none, SG_CLIP_PASTE));
  ck_assert (!sg_clip_switch_out (&none, SG_CLIP_ASK));
  ck_assert (!sg_clip_switch_out (&none, SG_CLIP_ALWAYS));
  ck_assert_int_eq (none.in, SG_CLIP_NEVER);
  ck_assert_int_eq (none.out, SG_CLIP_NEVER);
  ck_assert (!sg_clip_switch_in (&some, SG_CLIP_ALWAYS));
  ck_assert (!sg_clip_switch_out (&some, SG_CLIP_PASTE));
  ck_assert (sg_clip_switch_out (&some, SG_CLIP_ALWAYS));
  sg_clip_narrow (&some, &closed);
  ck_assert_int_eq (some.in, SG_CLIP_NEVER);
  ck_assert_int_eq (some.out, SG_CLIP_NEVER);
}
END_TEST

#define GRANTS(in, out, content, max)                                                              \
  "{\"settings\":{\"clipboard-in\":{\"value\":" in "},\"clipboard-out\":{\"value\":" out           \
  "},\"clipboard-content\":{\"value\":" content "},\"clipboard-max\":{\"value\":" max "}}}"

START_TEST (test_grants)
{
  static const struct
  {
    const char *json;
    SgClipMode in, out;
    gboolean text, images;
    guint64 max;
  } cases[] = {
    { NULL, SG_CLIP_PASTE, SG_CLIP_ASK, TRUE, FALSE, 64 << 20 },
    { "", SG_CLIP_PASTE, SG_CLIP_ASK, TRUE, FALSE, 64 << 20 },
    { GRANTS ("\"paste\"", "\"ask\"", "[\"text\",\"files\"]", "65536"), SG_CLIP_PASTE, SG_CLIP_ASK,
      TRUE, FALSE, 64 << 20 },
    { GRANTS ("\"off\"", "\"allow\"", "[\"images\"]", "1"), SG_CLIP_NEVER, SG_CLIP_ALWAYS, FALSE,
      TRUE, 1024 },
    { GRANTS ("\"off\"", "\"off\"", "[]", "7"), SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 7168 },
    /* What is not understood is not granted. */
    { GRANTS ("true", "1", "\"text\"", "7"), SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 7168 },
    { GRANTS ("\"paste\"", "\"allow\"", "[\"text\"]", "\"7\""), SG_CLIP_NEVER, SG_CLIP_NEVER,
      FALSE, FALSE, 0 },
    { GRANTS ("\"paste\"", "\"ask\"", "[[\"text\"],{},null]", "-4"), SG_CLIP_PASTE, SG_CLIP_ASK,
      FALSE, FALSE, 0 },
    { "{", SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 0 },
    { "[]", SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 0 },
    { "{}", SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 0 },
    { "{\"settings\":[]}", SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 0 },
    { "{\"settings\":{\"clipboard-in\":3}}", SG_CLIP_NEVER, SG_CLIP_NEVER, FALSE, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SgClipGrants grants = sg_clip_grants_parse (cases[i].json);

      ck_assert_msg (grants.in == cases[i].in && grants.out == cases[i].out
                         && grants.text == cases[i].text && grants.images == cases[i].images
                         && grants.max_bytes == cases[i].max,
                     "case %zu: %s", i, cases[i].json);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clipboard-policy");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, test_in);
  tcase_add_test (tests, test_out);
  tcase_add_test (tests, test_gesture_ends);
  tcase_add_test (tests, test_flood);
  tcase_add_test (tests, test_flow);
  tcase_add_test (tests, test_lines);
  tcase_add_test (tests, test_granted_late);
  tcase_add_test (tests, test_closing_is_taken_back);
  tcase_add_test (tests, test_refusals);
  tcase_add_test (tests, test_switches_stay_in_grants);
  tcase_add_test (tests, test_grants);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
