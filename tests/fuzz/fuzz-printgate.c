/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the gate to the printers what programs inside might send, in pieces of any size, and checks
 * what must hold whatever comes: no crash, memory within its bounds, and what goes to CUPS is a
 * request that we wrote, of an operation that is allowed, with nothing of what is not.
 *
 *   fuzz-printgate [RUNS [SEED]]   spoils good requests; prints the run of a failure */
#include "launcher/printgate/channel.h"
#include "launcher/printgate/ipp.h"
#include "tests/fuzz/mutate.h"
#include "tests/unit/ipp-kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RUNS 60000

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static void
require (gboolean holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz-printgate: violated: %s\n", what);
  abort ();
}

static gboolean
begins (const GByteArray *bytes, const char *text)
{
  return bytes->len >= strlen (text) && memcmp (bytes->data, text, strlen (text)) == 0;
}

static guint
two (const guint8 *at)
{
  return (guint)at[0] << 8 | at[1];
}

/* Reads attributes as CUPS does (its ippReadIO()): a tag of five bytes, collections in collections,
 * names in any case.  Returns where they end, and that is the end of what we wrote; about what the
 * request is (printer, job, user) is said once, by us. */
static gsize
read_as_cups (const guint8 *bytes, gsize len, gsize at, gboolean nested)
{
  static const char *const ours[] = { "printer-uri", "job-uri", "job-id", "requesting-user-name" };
  guint said[G_N_ELEMENTS (ours)] = { 0 };

  for (;;)
    {
      guint32 tag;
      guint name, value;

      require (at < len, "an end of the attributes");
      tag = bytes[at++];
      if (tag == 0x7f)
        {
          require (at + 4 <= len, "a tag");
          tag = two (bytes + at) << 16 | two (bytes + at + 2);
          at += 4;
        }
      if (tag == 3)
        return at;
      if (tag < 0x10)
        {
          require (tag == 1 || tag == 2, "groups of printing");
          continue;
        }
      require (at + 2 <= len, "a name's length");
      name = two (bytes + at);
      require (at + 4 + name <= len, "a value's length");
      value = two (bytes + at + 2 + name);
      require (at + 4 + name + value <= len, "a value");
      for (gsize i = 0; i < G_N_ELEMENTS (ours) && !nested; i++)
        said[i] += name == strlen (ours[i])
                   && g_ascii_strncasecmp ((const char *)bytes + at + 2, ours[i], name) == 0;
      at += 4 + name + value;
      if (tag == 0x34)
        at = read_as_cups (bytes, len, at, TRUE);
      else if (tag == 0x37 && nested)
        return at;
      for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
        require (said[i] <= (i == 2 ? 0 : 1), "one printer, one job, one user");
    }
}

/* The head is ours, to the byte, but for the printer's name. */
static void
check_request (const GByteArray *out)
{
  static const guint allowed[]
      = { 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0b, 0x15, 0x3b, 0x4001, 0x4002, 0x4005 };
  const char *end = memmem (out->data, out->len, "\r\n\r\n", 4);
  const guint8 *body = (const guint8 *)end + 4;
  gboolean known = FALSE;
  guint fields = 0;
  guint64 piece;

  require (end != NULL, "a head");
  for (const char *at = (const char *)out->data; at < end; at++)
    fields += *at == '\n';
  if (begins (out, "GET /printers/"))
    {
      require (fields == 2 && memmem (out->data, out->len, "..", 2) == NULL,
               "a description's head");
      return;
    }
  require (begins (out, "POST / HTTP/1.1\r\n") || begins (out, "POST /printers/")
               || begins (out, "POST /classes/"),
           "a path");
  require (fields == 5, "a head's fields");
  piece = g_ascii_strtoull ((const char *)body, NULL, 16);
  body = memchr (body, '\n', out->len - (gsize)(body - out->data));
  require (body != NULL && out->len - (gsize)(body - out->data) > 9, "a body");
  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    known |= ((guint)body[3] << 8 | body[4]) == allowed[i];
  require (known, "an operation that is allowed");
  require (piece <= out->len - (gsize)(body - out->data), "a piece");
  require (read_as_cups (body + 1, out->len - (gsize)(body + 1 - out->data), 8, FALSE) == piece,
           "attributes that end where CUPS thinks");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  static const gint own[] = { 7 };
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (gint));
  SgPrintOwner owner = { "maria", jobs };
  g_autoptr (SgPrintChannel) channel = sg_print_channel_new (&owner);
  gsize step = len > 0 ? (gsize)data[0] * 3 + 1 : 1;

  g_array_append_vals (jobs, own, 1);
  for (gsize at = 0; at < len; at += step)
    sg_print_channel_from_inside (channel, data + at, MIN (step, len - at));
  require (sg_print_channel_to_cups (channel)->len <= len * 8 + 4096, "memory: to CUPS");
  require (sg_print_channel_to_inside (channel)->len < 4096, "memory: to inside");
  if (sg_print_channel_wants_cups (channel))
    check_request (sg_print_channel_to_cups (channel));
  else
    require (sg_print_channel_to_cups (channel)->len == 0, "nothing for CUPS");
  sg_print_channel_from_cups (channel, data, len); /* CUPS is believed, but never waited for */
  sg_print_channel_from_cups (channel, NULL, 0);
  require (sg_print_channel_done (channel), "an end");
  return 0;
}

static GPtrArray *
samples (void)
{
#define PAPER                                                                                      \
  {                                                                                                \
    0x45, "printer-uri", "ipp://localhost/printers/paper", 0                                       \
  }
  static const IppAttribute print[] = { PAPER,
                                        { 0x42, "requesting-user-name", "sandbox", 0 },
                                        { 0x42, "job-name", "letter", 0 },
                                        { 0x49, "document-format", "application/pdf", 0 },
                                        { 0, NULL, "\2", 0 },
                                        { 0x21, "copies", NULL, 2 },
                                        { 0x34, "media-col", "", 0 },
                                        { 0x4a, "", "media-size", 0 },
                                        { 0x37, "", "", 0 },
                                        { 0, NULL, NULL, 0 } };
  static const IppAttribute job[] = { { 0x45, "job-uri", "ipp://localhost/jobs/7", 0 },
                                      { 0x21, "job-id", NULL, 7 },
                                      { 0x22, "last-document", "\1", 0 },
                                      { 0, NULL, NULL, 0 } };
  static const guint on_printer[] = { 0x02, 0x05, 0x0a, 0x0b, 0x4002 }, on_job[] = { 0x06, 0x08 };
  static const char get[] = "GET /printers/paper.ppd HTTP/1.1\r\nHost: localhost\r\n\r\n";
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (on_printer) + G_N_ELEMENTS (on_job); i++)
    for (guint chunked = 0; chunked < 2; chunked++)
      {
        gboolean printer = i < G_N_ELEMENTS (on_printer);
        guint operation = printer ? on_printer[i] : on_job[i - G_N_ELEMENTS (on_printer)];
        g_autoptr (GByteArray) request = ipp_request (operation, printer ? print : job);

        g_ptr_array_add (all, g_byte_array_free_to_bytes (
                                  ipp_post ("/printers/paper", request,
                                            operation == 0x02 || operation == 0x06 ? "page" : NULL,
                                            chunked != 0)));
      }
  g_ptr_array_add (all, g_bytes_new_static (get, sizeof get - 1));
  return all;
}

int
main (int argc, char **argv)
{
  static const char *const words[] = { "document-uri",
                                       "ipp://",
                                       "/admin",
                                       "/..",
                                       "\r\n",
                                       "job-id",
                                       "chunked",
                                       "Content-Length: ",
                                       "printer-uri",
                                       "/printers/",
                                       ".ppd",
                                       "\x34",
                                       "\x37",
                                       "\x7f",
                                       "\x45",
                                       "\2",
                                       NULL };
  guint runs = argc > 1 ? (guint)strtoul (argv[1], NULL, 10) : DEFAULT_RUNS;
  guint32 seed = argc > 2 ? (guint32)strtoul (argv[2], NULL, 10) : g_random_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GPtrArray) all = samples ();

  for (guint i = 0; i < all->len; i++) /* every truncation of every sample, and all of it */
    {
      gsize len;
      const guint8 *data = g_bytes_get_data (all->pdata[i], &len);

      for (gsize n = 0; n <= len; n++)
        LLVMFuzzerTestOneInput (data, n);
    }
  printf ("fuzz-printgate: %u runs, seed %u\n", runs, seed);
  fflush (stdout);
  for (guint i = 0; i < runs; i++)
    {
      GBytes *one = all->pdata[g_rand_int_range (random, 0, (gint)all->len)];
      GBytes *other = all->pdata[g_rand_int_range (random, 0, (gint)all->len)];
      g_autoptr (GByteArray) spoilt = fuzz_mutate (random, one, other, words);

      LLVMFuzzerTestOneInput (spoilt->data, spoilt->len);
    }
  return EXIT_SUCCESS;
}
