/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the relay's guest side (frame reader, rules, channels, streams) what a hostile guest might
 * send, in this process, and checks what must hold whatever comes: no crash, memory within its
 * bounds, nothing told to the supervisor that does not fit its type.
 *
 *   fuzz-frames [RUNS [SEED]]   mutates transcripts of good behaviour; prints the seed of a failure
 *   fuzz-frames FILE...         replays files
 *
 * With -fsanitize=fuzzer (clang) LLVMFuzzerTestOneInput() is driven by libFuzzer instead. */
#include "common/fd.h"
#include "launcher/relay-stream.h"
#include "launcher/relay.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DEFAULT_RUNS 2000
#define INPUT_MAX (256 * 1024)

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static const guint8 nonce[16] = "0123456789abcdef";

static void
require (gboolean holds, const char *what)
{
  if (!holds)
    {
      fprintf (stderr, "fuzz-frames: violated: %s\n", what);
      abort ();
    }
}

/* --- one relay, as if its supervisor had greeted it and started two commands
 * ------------------------ */

static void
open_command (SgRelay *relay, guint32 id, gboolean tty)
{
  int fds[3];

  for (int i = 0; i < 3; i++)
    fds[i] = i == 2 && tty ? -1 : open ("/dev/null", O_RDWR | O_CLOEXEC);
  sg_channel_open (relay, id, fds);
}

static void
relay_begin (SgRelay *relay)
{
  static gboolean initialised;

  if (!initialised)
    sg_stream_init ();
  initialised = TRUE;
  memset (relay, 0, sizeof *relay);
  relay->agent_fd = relay->control_fd = -1;
  relay->notify_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  relay->reader = sg_frame_reader_new ();
  relay->out = g_byte_array_new ();
  g_queue_init (&relay->answers);
  relay->calls = g_hash_table_new (NULL, NULL);
  relay->channels = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)sg_channel_free);
  relay->hello_sent = TRUE;
  memcpy (relay->nonce, nonce, sizeof nonce);
  g_hash_table_insert (relay->calls, GUINT_TO_POINTER (1), (gpointer) "(b)");
  g_hash_table_insert (relay->calls, GUINT_TO_POINTER (2), (gpointer) "()");
  open_command (relay, 1, FALSE);
  open_command (relay, 2, TRUE);
}

static void
check_answers (SgRelay *relay)
{
  static const char *const types[]
      = { SG_RELAY_TYPE_GREETED, SG_RELAY_TYPE_REPLY, SG_RELAY_TYPE_EVENT, SG_RELAY_TYPE_EXITED };
  GBytes *answer;

  while ((answer = g_queue_pop_head (&relay->answers)) != NULL)
    {
      gsize len;
      const guint8 *data = g_bytes_get_data (answer, &len);
      guint32 kind;

      require (len >= sizeof kind && len <= SG_RELAY_ANSWER_MAX, "an answer's size");
      memcpy (&kind, data, sizeof kind);
      require (kind >= SG_RELAY_GREETED && kind <= SG_RELAY_EXITED, "an answer's kind");
      g_autoptr (GVariant) body
          = sg_frame_parse (data + sizeof kind, len - sizeof kind, types[kind - SG_RELAY_GREETED]);
      require (body != NULL, "an answer's body");
      g_bytes_unref (answer);
    }
}

static void
relay_end (SgRelay *relay)
{
  sg_channels_forget (relay);
  while (g_hash_table_size (relay->channels) > 0)
    {
      sg_channels_pump (relay);
      g_usleep (10);
    }
  check_answers (relay);
  g_hash_table_unref (relay->channels);
  g_hash_table_unref (relay->calls);
  g_byte_array_unref (relay->out);
  sg_frame_reader_free (relay->reader);
  close (relay->notify_fd);
}

static gboolean
take_frames (SgRelay *relay)
{
  SgFrameOutcome got;
  gboolean fine = TRUE;
  SgFrame frame;

  while (fine && (got = sg_frame_reader_next (relay->reader, &frame, NULL)) == SG_FRAME_GOT)
    {
      fine = sg_relay_guest_frame (relay, &frame, NULL);
      sg_frame_clear (&frame);
    }
  return fine && got != SG_FRAME_BAD;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  SgRelay relay;
  gsize at = 0;

  relay_begin (&relay);
  while (at < len)
    {
      void *room;
      gsize space;

      sg_frame_reader_space (relay.reader, &room, &space);
      space = MIN (space, len - at);
      memcpy (room, data + at, space);
      sg_frame_reader_filled (relay.reader, space);
      at += space;
      if (!take_frames (&relay))
        break;
      sg_channels_pump (&relay);
      require (relay.out->len < SG_RELAY_OUT_HIGH + SG_FRAME_MAX, "what waits for the guest");
      check_answers (&relay);
    }
  relay_end (&relay);
  return 0;
}

#ifndef SG_LIBFUZZER
/* --- inputs: good transcripts, spoilt
 * ---------------------------------------------------------------- */

static void
add_value (GByteArray *out, SgFrameType type, guint32 channel, GVariant *body)
{
  sg_frame_append_variant (out, type, channel, body);
}

static void
add_good_frame (GByteArray *out, GRand *rand)
{
  static const guint8 bytes[2048];
  guint32 channel = (guint32)g_rand_int_range (rand, 1, 4);

  switch (g_rand_int_range (rand, 0, 9))
    {
    case 0:
      add_value (out, SG_FRAME_REPLY, 0,
                 g_variant_new ("(ubsv)", g_rand_int_range (rand, 1, 4), g_rand_boolean (rand),
                                "no", g_variant_new ("(b)", TRUE)));
      break;
    case 1:
      add_value (out, SG_FRAME_EVENT, 0,
                 g_variant_new ("(sv)", "notice", g_variant_new ("s", "words")));
      break;
    case 2:
      add_value (out, SG_FRAME_STARTED, channel, g_variant_new ("(u)", 100));
      break;
    case 3:
      add_value (out, SG_FRAME_CREDIT, channel,
                 g_variant_new ("(yu)", 0, (guint32)g_rand_int_range (rand, 1, 1000)));
      break;
    case 4:
      add_value (out, SG_FRAME_EXIT, channel,
                 g_variant_new ("(bis)", g_rand_boolean (rand), g_rand_int_range (rand, 0, 300),
                                "message"));
      break;
    case 5:
      sg_frame_append (out, SG_FRAME_STDIN, channel, NULL, 0);
      break;
    default:
      sg_frame_append (out, g_rand_boolean (rand) ? SG_FRAME_STDOUT : SG_FRAME_STDERR, channel,
                       bytes, (gsize)g_rand_int_range (rand, 0, sizeof bytes));
    }
}

static GByteArray *
make_input (GRand *rand)
{
  GByteArray *out = g_byte_array_new ();
  int frames = g_rand_int_range (rand, 0, 40), spoils = g_rand_int_range (rand, 0, 4);

  if (g_rand_int_range (rand, 0, 10) > 0)
    add_value (out, SG_FRAME_HELLO_OK, 0,
               g_variant_new ("(u@ay)", SG_PROTOCOL_VERSION,
                              g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce, 16, 1)));
  for (int i = 0; i < frames; i++)
    add_good_frame (out, rand);
  for (int i = 0; i < spoils && out->len > 0; i++)
    {
      guint at = (guint)g_rand_int_range (rand, 0, (gint32)out->len);

      switch (g_rand_int_range (rand, 0, 4))
        {
        case 0:
          out->data[at] ^= (guint8)(1 << g_rand_int_range (rand, 0, 8));
          break;
        case 1:
          out->data[at] = (guint8)g_rand_int (rand);
          break;
        case 2:
          g_byte_array_set_size (out, at);
          break;
        default:
          g_byte_array_remove_range (out, at, MIN (out->len - at, 5));
        }
    }
  return out;
}

static int
mutate (guint64 runs, guint32 seed)
{
  for (guint64 i = 0; i < runs; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed + (guint32)i);
      g_autoptr (GByteArray) input = make_input (rand);
      g_autofree char *trace = g_strdup_printf ("fuzz-frames: run with: 1 %u\n", seed + (guint32)i);

      /* Written before, erased after: a crash leaves it as the last line. */
      if (g_getenv ("SG_FUZZ_TRACE") != NULL)
        fputs (trace, stderr);
      LLVMFuzzerTestOneInput (input->data, input->len);
    }
  printf ("fuzz-frames: %" G_GUINT64_FORMAT " inputs from seed %u: nothing broke\n", runs, seed);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  guint64 runs = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : DEFAULT_RUNS;
  guint32 seed = argc > 2 ? (guint32)g_ascii_strtoull (argv[2], NULL, 10) : 1;

  if (argc < 2 || runs > 0)
    return mutate (runs, seed);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *data = NULL;
      g_autoptr (GError) error = NULL;
      gsize len;

      if (!g_file_get_contents (argv[i], &data, &len, &error))
        {
          fprintf (stderr, "fuzz-frames: %s\n", error->message);
          return EXIT_FAILURE;
        }
      LLVMFuzzerTestOneInput ((const guint8 *)data, MIN (len, INPUT_MAX));
    }
  return EXIT_SUCCESS;
}
#endif
