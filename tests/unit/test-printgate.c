/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes between a sandbox and this computer's printers: the readers of HTTP and IPP, the
 * table of operations, one connection; and all of it with the listener of the inside and a real
 * CUPS, without a machine. */
#include "common/fd.h"
#include "launcher/printgate/channel.h"
#include "launcher/printgate/http.h"
#include "launcher/printgate/ipp.h"
#include "tests/unit/ipp-kit.h"

#include <check.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define END                                                                                        \
  {                                                                                                \
    0, NULL, NULL, 0                                                                               \
  }
#define URI(name, value)                                                                           \
  {                                                                                                \
    0x45, name, value, 0                                                                           \
  }
#define PAPER URI ("printer-uri", "ipp://localhost/printers/paper")

static gboolean
holds (const GByteArray *bytes, const char *text)
{
  return memmem (bytes->data, bytes->len, text, strlen (text)) != NULL;
}

/* --- HTTP ---------------------------------------------------------------------------------------
 */

START_TEST (heads_are_read_in_one_way_only)
{
  static const struct
  {
    const char *text;
    gssize expected; /* 1: its length */
  } cases[] = {
    { "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 1 },
    { "POST / HTTP/1.1\r\ncontent-type: application/ipp\r\nTransfer-Encoding: Chunked\r\n\r\n", 1 },
    { "POST / HTTP/1.1\r\n", 0 },
    { "POST / HTTP/1.0\r\n\r\n", -1 },
    { "POST /\r\n\r\n", -1 },
    { "POST / / HTTP/1.1\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length: 0x10\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\n Content-Length: 5\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nX: a\nContent-Length: 5\r\n\r\n", -1 },
    { "POST / HTTP/1.1\r\nnothing\r\n\r\n", -1 },
  };
  SgHttpHead head;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gssize n = sg_http_head ((const guint8 *)cases[i].text, strlen (cases[i].text), FALSE, &head);

      ck_assert_msg (
          n == (cases[i].expected == 1 ? (gssize)strlen (cases[i].text) : cases[i].expected),
          "case %zu: %zd", i, n);
    }
  ck_assert_int_eq (sg_http_head ((const guint8 *)"P\0 / HTTP/1.1\r\n\r\n", 17, FALSE, &head), -1);
  g_autofree char *long_one = g_strnfill (SG_HTTP_HEAD_MOST + 10, 'a');
  ck_assert_int_eq (sg_http_head ((const guint8 *)long_one, SG_HTTP_HEAD_MOST + 10, FALSE, &head),
                    -1);
}
END_TEST

START_TEST (bodies_come_in_any_pieces)
{
  static const char chunked[] = "5\r\nhello\r\n1;x";
  static const char good[] = "5\r\nhello\r\n0A\r\n, printers\r\n0\r\nTrailer: x\r\n\r\nnext";
  const SgHttpHead head = { .length = -1, .chunked = TRUE };
  const SgHttpHead counted = { .length = 5 };
  SgHttpBody body;
  gsize used;

  for (gsize step = 1; step < sizeof good; step++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      SgHttpState state = SG_HTTP_MORE;
      gsize at = 0;

      sg_http_body_init (&body, &head);
      while (state == SG_HTTP_MORE && at < strlen (good))
        {
          state = sg_http_body_take (&body, (const guint8 *)good + at,
                                     MIN (step, strlen (good) - at), out, &used);
          at += used;
        }
      ck_assert_int_eq (state, SG_HTTP_END);
      ck_assert_str_eq (good + at, "next");
      ck_assert_int_eq (out->len, strlen ("hello, printers"));
      ck_assert (holds (out, "hello, printers"));
    }
  static const char *const bad[]
      = { "\r\n", "g\r\n", "-1\r\n", chunked, "1\r\nab\r\n", "ffffffffffffffff\r\n", "5\n\nhello" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();

      sg_http_body_init (&body, &head);
      SgHttpState state
          = sg_http_body_take (&body, (const guint8 *)bad[i], strlen (bad[i]), out, &used);
      ck_assert_msg (state == SG_HTTP_BAD || i == 6, "case %zu: %d", i, state);
    }
  g_autoptr (GByteArray) out = g_byte_array_new ();
  sg_http_body_init (&body, &counted);
  ck_assert_int_eq (sg_http_body_take (&body, (const guint8 *)"hello!", 6, out, &used),
                    SG_HTTP_END);
  ck_assert_int_eq (used, 5);
}
END_TEST

/* --- IPP ----------------------------------------------------------------------------------------
 */

static SgIppVerdict
judge (guint operation, const IppAttribute *attributes, SgIppJudged *judged)
{
  static const gint own[] = { 7, 12 };
  g_autoptr (GByteArray) request = ipp_request (operation, attributes);
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (gint));
  SgIppScan scan = { 0 };

  g_array_append_vals (jobs, own, G_N_ELEMENTS (own));
  for (gsize len = 0; len < request->len; len++) /* no beginning of it is whole, or bad */
    {
      SgIppScan part = { 0 };
      ck_assert_int_eq (sg_ipp_scan (&part, request->data, len), SG_IPP_MORE);
      ck_assert_int_eq (sg_ipp_scan (&scan, request->data, len), SG_IPP_MORE);
    }
  ck_assert_int_eq (sg_ipp_scan (&scan, request->data, request->len), SG_IPP_WHOLE);
  ck_assert_int_eq (scan.at, request->len);
  return sg_ipp_judge (request->data, scan.at, "maria", jobs, judged);
}

START_TEST (only_printing_passes)
{
  static const IppAttribute printer[] = { PAPER, END };
  static const IppAttribute job[] = { PAPER, { 0x21, "job-id", NULL, 7 }, END };
  static const guint pass[] = { 0x02, 0x04, 0x05, 0x0b, 0x15, 0x4001, 0x4002, 0x4005 };
  static const guint pass_job[] = { 0x06, 0x08, 0x09, 0x3b };
  SgIppJudged judged;

  for (guint i = 0; i < 0x100; i++)
    {
      guint operation = i < 0x80 ? i : 0x4000 + i - 0x80; /* the standard's and CUPS' own */
      gboolean expected = operation == 0x0a;

      for (gsize k = 0; k < G_N_ELEMENTS (pass); k++)
        expected |= operation == pass[k];
      for (gsize k = 0; k < G_N_ELEMENTS (pass_job); k++)
        expected |= operation == pass_job[k];
      ck_assert_msg ((judge (operation, job, &judged) == SG_IPP_PASS) == expected, "%x", operation);
      sg_ipp_judged_clear (&judged);
    }
  /* a job that is not named, or not this sandbox's, does not exist */
  for (gsize i = 0; i < G_N_ELEMENTS (pass_job); i++)
    {
      ck_assert_int_eq (judge (pass_job[i], printer, &judged), SG_IPP_ANSWER);
      sg_ipp_judged_clear (&judged);
    }
}
END_TEST

START_TEST (jobs_of_others_do_not_exist)
{
  static const struct
  {
    IppAttribute attributes[3];
    gboolean passes;
  } cases[] = {
    { { URI ("job-uri", "ipp://localhost/jobs/7"), END }, TRUE },
    { { URI ("job-uri", "ipp://elsewhere.example/jobs/12"), END }, TRUE }, /* written anew */
    { { PAPER, { 0x21, "job-id", NULL, 12 }, END }, TRUE },
    { { URI ("job-uri", "ipp://localhost/jobs/8"), END }, FALSE },
    { { URI ("job-uri", "ipp://localhost/jobs/7/"), END }, FALSE },
    { { URI ("job-uri", "ipp://localhost/jobs/+7"), END }, FALSE },
    { { URI ("job-uri", "ipp://localhost/jobs/"), END }, FALSE },
    { { URI ("job-uri", "ipp://localhost/printers/paper"), END }, FALSE },
    { { URI ("job-uri", "http://localhost/jobs/7"), END }, FALSE },
    { { { 0x42, "job-uri", "ipp://localhost/jobs/7", 0 }, END }, FALSE },
    { { URI ("job-uri", "ipp://localhost/jobs/7"), { 0x21, "job-id", NULL, 8 }, END }, FALSE },
    { { { 0x21, "job-id", NULL, 7 }, { 0x21, "job-id", NULL, 9 }, END }, FALSE },
    { { { 0x21, "job-id", NULL, -1 }, END }, FALSE },
    { { { 0x21, "job-id", NULL, 0 }, END }, FALSE },
  };
  SgIppJudged judged;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean passes = judge (0x0008, cases[i].attributes, &judged) == SG_IPP_PASS;

      ck_assert_msg (passes == cases[i].passes, "case %zu", i);
      if (passes)
        ck_assert (holds (judged.request, "ipp://localhost/jobs/")
                   && !holds (judged.request, "elsewhere"));
      sg_ipp_judged_clear (&judged);
    }
  /* a list of all jobs is one of its own, whatever was asked for */
  static const IppAttribute all[] = { URI ("printer-uri", "ipp://localhost/"),
                                      { 0x44, "which-jobs", "all", 0 },
                                      { 0x22, "my-jobs", "\0", 0 },
                                      { 0x21, "job-ids", NULL, 1 },
                                      END };
  ck_assert_int_eq (judge (0x000a, all, &judged), SG_IPP_PASS);
  ck_assert (!holds (judged.request, "which-jobs") && !holds (judged.request, "my-jobs"));
  ck_assert (memmem (judged.request->data, judged.request->len,
                     "job-ids\0\4\0\0\0\7\x21\0\0\0\4\0\0\0\x0c", 20)
             != NULL);
  sg_ipp_judged_clear (&judged);
}
END_TEST

START_TEST (a_request_is_written_anew)
{
  static const IppAttribute asked[] = { PAPER,
                                        { 0x42, "requesting-user-name", "root", 0 },
                                        { 0x42, "", "admin", 0 },
                                        { 0x42, "job-name", "letter", 0 },
                                        URI ("document-uri", "file:///etc/shadow"),
                                        { 0x44, "requested-attributes", "copies", 0 },
                                        { 0x44, "", "media", 0 },
                                        { 0, NULL, "\2", 0 },
                                        { 0x21, "copies", NULL, 2 },
                                        { 0x42, "job-originating-user-name", "root", 0 },
                                        URI ("notify-recipient-uri", "mailto:x@example.org"),
                                        END };
  static const IppAttribute subscription[]
      = { PAPER, { 0, NULL, "\6", 0 }, URI ("notify-recipient-uri", "rss://x"), END };
  static const char *const printers[] = { "ipp://h/printers/",
                                          "ipp://h/printers/a/b",
                                          "ipp://h/printers/..",
                                          "ipp://h/admin/",
                                          "ipp://h/printers/a b",
                                          "ipp://h/printers/a\r\nX: y",
                                          "ipp://h/printers/a?x",
                                          "file:///printers/a",
                                          "ipp://h",
                                          "ipp://h/classes/a/../admin",
                                          "ipp://h//printers/paper" };
  SgIppJudged judged;

  ck_assert_int_eq (judge (0x0002, asked, &judged), SG_IPP_PASS);
  ck_assert_str_eq (judged.path, "/printers/paper");
  ck_assert (judged.document && judged.makes_job);
  static const char *const there[]
      = { "maria", "letter", "copies", "media", "requested-attributes" };
  static const char *const gone[] = { "root", "admin", "document-uri", "shadow", "notify" };
  for (gsize i = 0; i < G_N_ELEMENTS (there); i++)
    ck_assert_msg (holds (judged.request, there[i]), "%s", there[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (gone); i++)
    ck_assert_msg (!holds (judged.request, gone[i]), "%s", gone[i]);
  sg_ipp_judged_clear (&judged);
  ck_assert_int_eq (judge (0x0005, subscription, &judged), SG_IPP_ANSWER);
  sg_ipp_judged_clear (&judged);
  for (gsize i = 0; i < G_N_ELEMENTS (printers); i++)
    {
      const IppAttribute one[] = { URI ("printer-uri", printers[i]), END };

      ck_assert_msg (judge (0x0002, one, &judged) == SG_IPP_ANSWER, "%s", printers[i]);
      sg_ipp_judged_clear (&judged);
    }
}
END_TEST

/* CUPS looks for them in all groups, and by names in any case. */
START_TEST (what_a_request_is_about_is_said_once)
{
  static const char *const names[] = { "printer-uri", "Printer-URI", "job-uri", "JOB-URI" };
  SgIppJudged judged;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const IppAttribute twice[] = { URI ("job-uri", "ipp://localhost/jobs/7"),
                                     { 0, NULL, "\2", 0 },
                                     URI (names[i], "ipp://localhost/printers/other"),
                                     { 0x21, "job-id", NULL, 8 },
                                     { 0x21, "Job-Id", NULL, 8 },
                                     { 0x42, "Requesting-User-Name", "root", 0 },
                                     URI ("Notify-Recipient-URI", "rss://x"),
                                     { 0x21, "copies", NULL, 2 },
                                     END };

      ck_assert_int_eq (judge (0x0009, twice, &judged), SG_IPP_PASS);
      ck_assert (holds (judged.request, "copies") && !holds (judged.request, "other")
                 && !holds (judged.request, "job-id") && !holds (judged.request, "Job-Id")
                 && !holds (judged.request, "root") && !holds (judged.request, "rss"));
      sg_ipp_judged_clear (&judged);
    }
}
END_TEST

/* What we take for a value, or for a document, CUPS must not take for attributes. */
START_TEST (cups_reads_what_was_read_here)
{
#define OWN URI ("job-uri", "ipp://localhost/jobs/7")
  static const struct
  {
    IppAttribute attributes[10];
    gboolean passes;
  } cases[] = {
    { { OWN,
        { 0, NULL, "\2", 0 },
        { 0x34, "media-col", "", 0 },
        { 0x4a, "", "x", 0 },
        { 0x21, "", NULL, 1 },
        { 0x37, "", "", 0 },
        END },
      TRUE },
    { { OWN,
        { 0, NULL, "\2", 0 },
        { 0x34, "a", "", 0 },
        { 0x4a, "", "b", 0 },
        { 0x34, "", "", 0 },
        { 0x37, "", "", 0 },
        { 0x37, "", "", 0 },
        { 0x21, "copies", NULL, 1 },
        END },
      TRUE },
    { { OWN, { 0, NULL, "\2", 0 }, { 0x34, "a", "", 0 }, END }, FALSE },
    { { OWN, { 0x34, "limit", "", 0 }, END }, FALSE },
    { { OWN, { 0x34, "limit", "", 0 }, { 0, NULL, "\2", 0 }, { 0x37, "", "", 0 }, END }, FALSE },
    { { OWN,
        { 0, NULL, "\2", 0 },
        { 0x34, "a", "", 0 },
        { 0x34, "", "", 0 },
        { 0x37, "", "", 0 },
        END },
      FALSE },
    { { OWN,
        { 0, NULL, "\2", 0 },
        { 0x34, "a", "", 0 },
        { 0x21, "b", NULL, 1 },
        { 0x37, "", "", 0 },
        END },
      FALSE },
    { { OWN, { 0, NULL, "\2", 0 }, { 0x34, "a", "x", 0 }, { 0x37, "", "", 0 }, END }, FALSE },
    { { OWN, { 0, NULL, "\2", 0 }, { 0x37, "", "", 0 }, END }, FALSE },
    { { OWN, { 0, NULL, "\2", 0 }, { 0x37, "a", "", 0 }, END }, FALSE },
    { { OWN, { 0, NULL, "\2", 0 }, { 0x4a, "", "a", 0 }, END }, FALSE },
  };
  static const IppAttribute extension[] = { OWN, { 0x7f, "name", "value", 0 }, END };
  g_autoptr (GByteArray) extended = ipp_request (0x0009, extension);
  SgIppScan scan = { 0 };
  SgIppJudged judged;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean passes = judge (0x0006, cases[i].attributes, &judged) == SG_IPP_PASS;

      ck_assert_msg (passes == cases[i].passes, "case %zu", i);
      sg_ipp_judged_clear (&judged);
    }
  /* of a tag in five bytes the rest is no length of a name */
  ck_assert_int_eq (sg_ipp_scan (&scan, extended->data, extended->len), SG_IPP_BAD);
}
END_TEST

/* --- a connection -------------------------------------------------------------------------------
 */

static void
feed (SgPrintChannel *channel, const GByteArray *bytes, gsize step)
{
  for (gsize at = 0; at < bytes->len; at += step)
    sg_print_channel_from_inside (channel, bytes->data + at, MIN (step, bytes->len - at));
}

START_TEST (a_connection_carries_one_job)
{
  static const IppAttribute print[] = { PAPER, { 0x42, "job-name", "letter", 0 }, END };
  static const char answer[]
      = "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        "19\r\n\2\0\0\0\0\0\0\7\2\x21\0\6job-id\0\4\0\0\0\x2a\3\r\n0\r\n\r\n";
  g_autoptr (GByteArray) request = ipp_request (0x0002, print), before = NULL;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GByteArray) bytes
          = ipp_post ("/printers/paper", request, "a page\f", (i & 1) != 0);
      g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (gint));
      SgPrintOwner owner = { "maria", jobs };
      g_autoptr (SgPrintChannel) channel = sg_print_channel_new (&owner);
      GByteArray *out = sg_print_channel_to_cups (channel);

      feed (channel, bytes, i < 2 ? bytes->len : 1);
      ck_assert (sg_print_channel_wants_cups (channel) && !sg_print_channel_done (channel));
      ck_assert (g_str_has_prefix ((const char *)out->data, "POST /printers/paper HTTP/1.1\r\n"));
      ck_assert (holds (out, "Authorization: PeerCred maria\r\n") && !holds (out, "Basic"));
      ck_assert (memcmp (out->data + out->len - 5, "0\r\n\r\n", 5) == 0);
      for (gsize at = 0; at < sizeof answer - 1; at++)
        sg_print_channel_from_cups (channel, (const guint8 *)answer + at, 1);
      sg_print_channel_from_cups (channel, NULL, 0);
      ck_assert (sg_print_channel_done (channel));
      ck_assert_int_eq (sg_print_channel_to_inside (channel)->len, sizeof answer - 1);
      ck_assert_int_eq (jobs->len, 1);
      ck_assert_int_eq (g_array_index (jobs, gint, 0), 42);
    }
}
END_TEST

START_TEST (nothing_else_reaches_cups)
{
  static const IppAttribute printer[] = { PAPER, END };
  static const char *const heads[]
      = { "GET / HTTP/1.1\r\n\r\n",
          "GET /admin/conf/cupsd.conf HTTP/1.1\r\n\r\n",
          "GET /printers/../admin.ppd HTTP/1.1\r\n\r\n",
          "GET /printers/a/b.ppd HTTP/1.1\r\n\r\n",
          "GET /classes/a.ppd HTTP/1.1\r\n\r\n",
          "GET /printers/.ppd HTTP/1.1\r\n\r\n",
          "PUT /admin/conf/cupsd.conf HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
          "OPTIONS * HTTP/1.1\r\nUpgrade: TLS/1.2\r\n\r\n",
          "POST /admin/ HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
          "POST / HTTP/1.1\r\nContent-Type: application/ipp\r\n\r\n" };
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (gint));
  SgPrintOwner owner = { "maria", jobs };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (SgPrintChannel) channel = sg_print_channel_new (&owner);

      sg_print_channel_from_inside (channel, (const guint8 *)heads[i], strlen (heads[i]));
      ck_assert_msg (sg_print_channel_done (channel), "%s", heads[i]);
      ck_assert (!sg_print_channel_wants_cups (channel));
      ck_assert (
          g_str_has_prefix ((char *)sg_print_channel_to_inside (channel)->data, "HTTP/1.1 40"));
    }
  /* a document where there is none: CUPS gets no end of that request */
  g_autoptr (GByteArray) request = ipp_request (0x000b, printer);
  g_autoptr (GByteArray) bytes = ipp_post ("/", request, "more", FALSE);
  g_autoptr (SgPrintChannel) channel = sg_print_channel_new (&owner);
  feed (channel, bytes, bytes->len);
  ck_assert (sg_print_channel_done (channel));
  ck_assert (!holds (sg_print_channel_to_cups (channel), "more"));
  /* the description of a printer may be had */
  g_autoptr (SgPrintChannel) ppd = sg_print_channel_new (&owner);
  static const char get[] = "GET /printers/paper.ppd HTTP/1.1\r\nAuthorization: x\r\n\r\n";
  sg_print_channel_from_inside (ppd, (const guint8 *)get, strlen (get));
  ck_assert (sg_print_channel_wants_cups (ppd));
  ck_assert (!holds (sg_print_channel_to_cups (ppd), "Authorization"));
}
END_TEST

/* --- with the real ones -------------------------------------------------------------------------
 */

static const char script[]
    = "set -eu; cd \"$1\"; wait_for () { for i in $(seq 100); do [ -e \"$1\" ] && return; sleep "
      "0.05; "
      "done; echo \"no $1\"; exit 1; }\n"
      "wait_for cups.sock; wait_for in.sock\n"
      /* somebody's own job, from outside */
      "echo secret | CUPS_SERVER=$1/cups.sock lp -o raw -t private >/dev/null; wait_for out/1\n"
      "export CUPS_SERVER=$1/in.sock\n"
      "lpstat -p | grep -q 'printer paper is idle'\n"
      "lpstat -d | grep -q 'destination: paper'\n"
      "[ -z \"$(lpstat -W all -o)\" ]\n" /* it is not seen inside */
      "! cancel paper-1 2>/dev/null\n"
      "echo 'from inside' | lp -o raw -t letter >/dev/null; wait_for out/2\n"
      "grep -qx 'from inside' out/2; grep -qx \"$(id -un) letter\" out/list\n"
      "head -c 5000000 /dev/urandom >big; lp -o raw big >/dev/null & lp -o raw big >/dev/null; "
      "wait\n"
      "wait_for out/3; wait_for out/4; cmp big out/3; cmp big out/4\n"
      "[ \"$(lpstat -W all -o | wc -l)\" = 3 ]\n"
      "lp -H indefinite -o raw big >/dev/null; cancel paper-5\n"
      "CUPS_SERVER=$1/cups.sock lpstat -W not-completed -o >left; [ ! -s left ] || { cat left; "
      "exit 1; }\n"
      "for no in 'cupsdisable paper' 'lpadmin -p evil -v paper:/x' 'cancel -a' 'lpmove paper-2 "
      "paper'; do\n"
      "  ! PATH=$PATH:/usr/sbin $no >/dev/null 2>&1 || { echo \"$no\"; exit 1; }; done\n"
      "CUPS_SERVER=$1/cups.sock lpstat -p | grep -q 'is idle'\n";

static pid_t
start (char **argv, int fd, gboolean streams)
{
  pid_t pid = fork ();

  ck_assert_int_ge (pid, 0);
  if (pid > 0)
    return pid;
  if (fd >= 0 && streams)
    {
      dup2 (fd, 0);
      dup2 (fd, 1);
    }
  else if (fd >= 0)
    dup2 (fd, 3);
  execv (argv[0], argv);
  _exit (126);
}

static void
end (pid_t pid)
{
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
}

/* The build that is tested; else the one of this program.  Free with g_free(). */
static char *
build (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self);
  const char *named = g_getenv ("SG_BUILD");

  return named != NULL ? g_strdup (named) : g_path_get_dirname (tests);
}

/* The script of what programs inside do, with the gate and the listener before a real CUPS. */
static void
run_inside (const char *what)
{
  g_autofree char *built = build ();
  g_autofree char *gate = g_build_filename (built, "sandglass-printgate", NULL);
  g_autofree char *listener = g_build_filename (built, "guest/sandglass-print", NULL);
  g_autofree char *dir = g_dir_make_tmp ("sg-print-XXXXXX", NULL);
  g_autofree char *cups = g_build_filename (dir, "cups.sock", NULL);
  g_autofree char *inside = g_build_filename (dir, "in.sock", NULL);
  char *cups_argv[] = { (char *)"/bin/sh", (char *)"tests/unit/cups-alone.sh", dir, NULL };
  char *gate_argv[] = { gate,
                        (char *)"--guest-fd=3",
                        (char *)"--user",
                        (char *)g_get_user_name (),
                        (char *)"--cups",
                        cups,
                        NULL };
  char *listener_argv[] = { listener, inside, NULL };
  char *script_argv[]
      = { (char *)"/bin/sh", (char *)"-c", (char *)what, (char *)"sh", dir, built, NULL };
  int pair[2], status;

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
  pid_t cupsd = start (cups_argv, -1, FALSE);
  pid_t gate_pid = start (gate_argv, pair[0], FALSE);
  pid_t listener_pid = start (listener_argv, pair[1], TRUE);
  pid_t client = start (script_argv, -1, FALSE);
  ck_assert_int_eq (waitpid (client, &status, 0), client);
  ck_assert_int_eq (waitpid (gate_pid, NULL, WNOHANG), 0); /* its filter did not end it */
  ck_assert_int_eq (waitpid (listener_pid, NULL, WNOHANG), 0);
  end (gate_pid);
  end (listener_pid);
  end (cupsd);
  ck_assert_int_eq (status, 0);
  g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", dir);
  ck_assert_int_eq (system (remove), 0);
}

static gboolean
have_cups (void)
{
  g_autofree char *lp = g_find_program_in_path ("lp");

  if ((access ("/usr/sbin/cupsd", X_OK) < 0 && access ("/usr/bin/cupsd", X_OK) < 0) || lp == NULL)
    puts ("skipped: cupsd or lp is not installed");
  else if (geteuid () == 0)
    puts ("skipped: cupsd does not run its printers as root; run this as an ordinary user");
  else
    return TRUE;
  return FALSE;
}

START_TEST (programs_inside_print_on_a_real_cups)
{
  if (have_cups ())
    run_inside (script);
}
END_TEST

/* GTK's list, what it asks of a printer, and its job: tests/unit/gtk-prints.c. */
START_TEST (a_gtk_program_inside_prints)
{
  static const char gtk[]
      = "set -e; built=$(realpath \"$2\"); cd \"$1\"; export CUPS_SERVER=$1/in.sock HOME=$1\n"
        "for i in $(seq 200); do lpstat -p 2>/dev/null | grep -q 'printer paper is idle' && break; "
        "sleep 0.05; done\n"
        "printf '%%PDF-1.4\\n%%made up\\n' >letter.pdf\n"
        "xvfb-run -a \"$built/tests/gtk-prints\" paper letter.pdf >said 2>&1 || { cat said; exit "
        "1; }\n"
        "for i in $(seq 100); do [ -e out/1 ] && break; sleep 0.1; done\n"
        "grep -qx 'printer paper' said; grep -qx printed said; grep -q ' letter$' out/list; cmp "
        "letter.pdf out/1\n";
  g_autofree char *xvfb = g_find_program_in_path ("xvfb-run");

  if (xvfb == NULL)
    puts ("skipped: xvfb-run is not installed");
  else if (have_cups ())
    run_inside (gtk);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("printgate");
  TCase *pure = tcase_create ("pure"), *real = tcase_create ("real");
  SRunner *runner = srunner_create (suite);

  tcase_add_test (pure, heads_are_read_in_one_way_only);
  tcase_add_test (pure, bodies_come_in_any_pieces);
  tcase_add_test (pure, only_printing_passes);
  tcase_add_test (pure, jobs_of_others_do_not_exist);
  tcase_add_test (pure, a_request_is_written_anew);
  tcase_add_test (pure, what_a_request_is_about_is_said_once);
  tcase_add_test (pure, cups_reads_what_was_read_here);
  tcase_add_test (pure, a_connection_carries_one_job);
  tcase_add_test (pure, nothing_else_reaches_cups);
  tcase_add_test (real, programs_inside_print_on_a_real_cups);
  tcase_add_test (real, a_gtk_program_inside_prints);
  tcase_set_timeout (real, 60);
  suite_add_tcase (suite, pure);
  suite_add_tcase (suite, real);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
