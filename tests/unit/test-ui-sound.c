/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes between the confined window and the process that has this computer's sound: nothing
 * that is not a packet of the one kind that is expected. */
#include "common/fd.h"
#include "ui/sound-serve.h"
#include "ui/sound-wire.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static SgSoundPacket
packet_of (guint32 kind, guint32 rate, guint32 channels, guint32 length)
{
  return (SgSoundPacket){ .header = { kind, rate, channels, length } };
}

START_TEST (only_whole_packets_of_one_kind_are_taken)
{
  static const struct
  {
    guint32 kind, rate, channels, length;
    int more; /* bytes received beside those that the header tells */
    SgSoundKind expected;
    gboolean sane;
  } cases[] = {
    { SG_SOUND_PLAY, 48000, 2, 1920, 0, SG_SOUND_PLAY, TRUE },
    { SG_SOUND_PLAY, 8000, 1, 2, 0, SG_SOUND_PLAY, TRUE },
    { SG_SOUND_PLAY, 192000, 2, SG_SOUND_BYTES_MAX, 0, SG_SOUND_PLAY, TRUE },
    { SG_SOUND_STOP, 0, 0, 0, 0, SG_SOUND_PLAY, TRUE },
    { SG_SOUND_STOP, 0, 0, 0, 0, SG_SOUND_LISTEN, TRUE },
    { SG_SOUND_LISTEN, 48000, 1, 0, 0, SG_SOUND_LISTEN, TRUE },
    { SG_SOUND_HEARD, 48000, 2, 400, 0, SG_SOUND_HEARD, TRUE },
    /* of another kind than this process takes: who plays does not listen */
    { SG_SOUND_LISTEN, 48000, 2, 0, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, 1920, 0, SG_SOUND_LISTEN, FALSE },
    { 0, 48000, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    { G_MAXUINT32, 48000, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    /* no such sound */
    { SG_SOUND_PLAY, 0, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 7999, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 192001, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, G_MAXUINT32, 2, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 0, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 3, 1920, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 0x80000000, 1920, 0, SG_SOUND_PLAY, FALSE },
    /* no such length */
    { SG_SOUND_PLAY, 48000, 2, 0, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, 1922, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 1, 3, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, 1920, -4, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, 1920, 4, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, SG_SOUND_BYTES_MAX + 4, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_PLAY, 48000, 2, G_MAXUINT32 - 15, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_STOP, 0, 0, 4, 0, SG_SOUND_PLAY, FALSE },
    { SG_SOUND_LISTEN, 48000, 2, 4, 0, SG_SOUND_LISTEN, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SgSoundPacket packet
          = packet_of (cases[i].kind, cases[i].rate, cases[i].channels, cases[i].length);
      gssize received = (gssize)sizeof packet.header + (gssize)cases[i].length + cases[i].more;

      ck_assert_msg (sg_sound_is_sane (&packet, received, cases[i].expected) == cases[i].sane,
                     "case %zu", i);
    }
  SgSoundPacket packet = packet_of (SG_SOUND_STOP, 0, 0, 0);
  for (gssize n = -1; n < (gssize)sizeof packet.header; n++)
    ck_assert (!sg_sound_is_sane (&packet, n, SG_SOUND_PLAY));
  ck_assert (!sg_sound_can (-48000, 2));
  ck_assert (!sg_sound_can (48000, -1));
}
END_TEST

/* Who does not read loses sound, and costs no memory; who sends never waits. */
START_TEST (what_nobody_takes_is_dropped)
{
  SgSoundPacket packet = packet_of (SG_SOUND_PLAY, 48000, 2, 1920), got;
  guint n_sent = 0, n_got = 0;
  sg_fd int a = -1;
  sg_fd int b = -1;

  ck_assert (sg_sound_pair (&a, &b, 32768, NULL));
  for (guint i = 0; i < 10000; i++)
    {
      packet.samples[0] = (gint16)i;
      n_sent += sg_sound_send (a, &packet);
    }
  ck_assert_uint_gt (n_sent, 5);
  ck_assert_uint_lt (n_sent, 100);
  while (recv (b, &got, sizeof got, MSG_DONTWAIT) == (gssize)sizeof got.header + 1920)
    ck_assert_int_eq (got.samples[0], (gint16)n_got++);
  ck_assert_uint_eq (n_got, n_sent);
  ck_assert (sg_sound_send (a, &packet));
  sg_fd_clear (&b);
  ck_assert (!sg_sound_send (a, &packet)); /* and no signal */
  ck_assert (!sg_sound_send (-1, &packet));
}
END_TEST

static const char *
count (gpointer data)
{
  ++*(guint *)data;
  return NULL;
}

/* A window that goes without a sound has nothing started; one that makes one has. */
START_TEST (a_window_that_goes_starts_nothing)
{
  SgSoundPacket packet = packet_of (SG_SOUND_PLAY, 48000, 2, 0);
  SgSoundServe serve = { .session = count };
  guint asked = 0;
  int play = -1, listen = -1;

  serve.data = &asked;
  ck_assert (sg_sound_pair (&serve.play_fd, &play, 32768, NULL));
  ck_assert (sg_sound_pair (&serve.listen_fd, &listen, 32768, NULL));
  close (play);
  close (listen);
  sg_sound_serve (&serve);
  ck_assert_uint_eq (asked, 0);

  ck_assert (sg_sound_pair (&serve.play_fd, &play, 32768, NULL));
  serve.listen_fd = -1;
  ck_assert (sg_sound_send (play, &packet));
  sg_sound_serve (&serve); /* ends, as no session is known */
  ck_assert_uint_eq (asked, 1);
  close (play);
}
END_TEST

START_TEST (how_loud)
{
  gint16 samples[] = { 0, 1, -1, 1000, -1000, G_MAXINT16, G_MININT16 };
  gint16 quiet[G_N_ELEMENTS (samples)], same[G_N_ELEMENTS (samples)];

  sg_sound_scale (same, samples, G_N_ELEMENTS (samples), sg_sound_gain (1));
  ck_assert_mem_eq (same, samples, sizeof samples);
  sg_sound_scale (same, samples, G_N_ELEMENTS (samples), sg_sound_gain (7)); /* never louder */
  ck_assert_mem_eq (same, samples, sizeof samples);
  sg_sound_scale (quiet, samples, G_N_ELEMENTS (samples), sg_sound_gain (0));
  for (gsize i = 0; i < G_N_ELEMENTS (quiet); i++)
    ck_assert_int_eq (quiet[i], 0);
  sg_sound_scale (samples, samples, G_N_ELEMENTS (samples), sg_sound_gain (0.5));
  ck_assert_int_eq (samples[3], 125);
  ck_assert_int_eq (samples[4], -125);
  for (int v = 0; v < 100; v++)
    ck_assert_uint_le (sg_sound_gain (v / 100.0), sg_sound_gain ((v + 1) / 100.0));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-sound");
  TCase *tc = tcase_create ("wire");
  SRunner *runner;
  int failed;

  tcase_add_test (tc, only_whole_packets_of_one_kind_are_taken);
  tcase_add_test (tc, what_nobody_takes_is_dropped);
  tcase_add_test (tc, a_window_that_goes_starts_nothing);
  tcase_add_test (tc, how_loud);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
