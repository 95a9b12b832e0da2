/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/printgate/channel.h"

#include "launcher/printgate/http.h"
#include "launcher/printgate/ipp.h"

#include <string.h>

typedef enum
{
  HEAD,    /* the request's head is read */
  BODY,    /* its body: attributes, then perhaps a document */
  WAITING, /* for CUPS' answer, which passes as it comes */
  DONE
} State;

struct SgPrintChannel
{
  SgPrintOwner *owner;
  State state;
  GByteArray *in; /* of the head; then of the attributes */
  GByteArray *to_inside, *to_cups;
  SgHttpBody body;
  SgIppScan scan;
  gboolean wants_cups;
  gboolean judged, document;
  guint64 sent;      /* of the document */
  GByteArray *heard; /* the beginning of an answer that tells a job's number; NULL: nobody looks */
};

SgPrintChannel *
sg_print_channel_new (SgPrintOwner *owner)
{
  SgPrintChannel *channel = g_new0 (SgPrintChannel, 1);

  channel->owner = owner;
  channel->in = g_byte_array_new ();
  channel->to_inside = g_byte_array_new ();
  channel->to_cups = g_byte_array_new ();
  return channel;
}

void
sg_print_channel_free (SgPrintChannel *channel)
{
  if (channel == NULL)
    return;
  g_byte_array_unref (channel->in);
  g_byte_array_unref (channel->to_inside);
  g_byte_array_unref (channel->to_cups);
  g_clear_pointer (&channel->heard, g_byte_array_unref);
  g_free (channel);
}

GByteArray *
sg_print_channel_to_inside (SgPrintChannel *channel)
{
  return channel->to_inside;
}

GByteArray *
sg_print_channel_to_cups (SgPrintChannel *channel)
{
  return channel->to_cups;
}

gboolean
sg_print_channel_wants_cups (const SgPrintChannel *channel)
{
  return channel->wants_cups;
}

gboolean
sg_print_channel_done (const SgPrintChannel *channel)
{
  return channel->state == DONE;
}

/* --- answers of our own -------------------------------------------------------------------------
 */

static void
put (GByteArray *out, const char *text)
{
  g_byte_array_append (out, (const guint8 *)text, (guint)strlen (text));
}

static void
end_with_status (SgPrintChannel *channel, const char *status)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status);

  put (channel->to_inside, text);
  channel->state = DONE;
}

/* An IPP answer: the HTTP part of it went well. */
static void
end_with_answer (SgPrintChannel *channel, const GByteArray *answer)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/ipp\r\n"
                         "Content-Length: %u\r\n\r\n",
                         answer->len);

  put (channel->to_inside, text);
  g_byte_array_append (channel->to_inside, answer->data, answer->len);
  channel->state = DONE;
}

/* --- to CUPS ------------------------------------------------------------------------------------
 */

static void
put_piece (GByteArray *out, const guint8 *bytes, gsize len)
{
  g_autofree char *size = g_strdup_printf ("%x\r\n", (guint)len);

  if (len == 0) /* which would be the end */
    return;
  put (out, size);
  g_byte_array_append (out, bytes, (guint)len);
  put (out, "\r\n");
}

/* The user is the one of this process, which CUPS asks the kernel for (PeerCred): a job is hers, so
 * that she sees it among her own, and may cancel it. */
static void
begin_post (SgPrintChannel *channel, const SgIppJudged *judged)
{
  g_autofree char *head
      = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                         "Authorization: PeerCred %s\r\nContent-Type: application/ipp\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n",
                         judged->path, channel->owner->user);

  put (channel->to_cups, head);
  put_piece (channel->to_cups, judged->request->data, judged->request->len);
  channel->wants_cups = TRUE;
  channel->document = judged->document;
  if (judged->makes_job)
    channel->heard = g_byte_array_new ();
}

/* The description of a printer; TRUE: it is that. */
static gboolean
fetches_description (const SgHttpHead *head)
{
  g_autofree char *printer = g_str_has_suffix (head->path, ".ppd")
                                 ? g_strndup (head->path, strlen (head->path) - strlen (".ppd"))
                                 : NULL;

  return g_str_equal (head->method, "GET") && printer != NULL
         && g_str_has_prefix (printer, "/printers/") && sg_ipp_is_printer (printer);
}

/* --- from inside --------------------------------------------------------------------------------
 */

/* Returns FALSE when it has been answered. */
static gboolean
judge (SgPrintChannel *channel)
{
  SgIppJudged judged;
  SgIppVerdict verdict = sg_ipp_judge (channel->in->data, channel->scan.at, channel->owner->user,
                                       channel->owner->jobs, &judged);

  channel->judged = TRUE;
  if (verdict == SG_IPP_ANSWER)
    end_with_answer (channel, judged.answer);
  else if (judged.makes_job && channel->owner->jobs->len >= SG_PRINT_JOBS_MOST)
    end_with_status (channel, "429 Too Many Requests");
  else
    begin_post (channel, &judged);
  sg_ipp_judged_clear (&judged);
  return channel->state != DONE;
}

static void
send_document (SgPrintChannel *channel, const guint8 *bytes, gsize len)
{
  if (len == 0)
    return;
  channel->sent += len;
  if (!channel->document)
    end_with_status (channel, "400 Bad Request");
  else if (channel->sent > SG_PRINT_DOCUMENT_MOST)
    end_with_status (channel, "413 Content Too Large");
  else
    put_piece (channel->to_cups, bytes, len);
}

static void
take_attributes (SgPrintChannel *channel, const GByteArray *more)
{
  g_byte_array_append (channel->in, more->data, more->len);
  switch (sg_ipp_scan (&channel->scan, channel->in->data, channel->in->len))
    {
    case SG_IPP_MORE:
      return;
    case SG_IPP_BAD:
      end_with_status (channel, "400 Bad Request");
      return;
    case SG_IPP_WHOLE:
      if (judge (channel))
        send_document (channel, channel->in->data + channel->scan.at,
                       channel->in->len - channel->scan.at);
      g_byte_array_set_size (channel->in, 0);
    }
}

static void
take_body (SgPrintChannel *channel, const guint8 *bytes, gsize len)
{
  g_autoptr (GByteArray) more = g_byte_array_new ();
  gsize used;
  SgHttpState state = sg_http_body_take (&channel->body, bytes, len, more, &used);

  if (state == SG_HTTP_BAD)
    {
      end_with_status (channel, "400 Bad Request");
      return;
    }
  if (!channel->judged)
    take_attributes (channel, more);
  else
    send_document (channel, more->data, more->len);
  if (channel->state != BODY || state != SG_HTTP_END)
    return;
  if (!channel->judged) /* it ended before its attributes did */
    {
      end_with_status (channel, "400 Bad Request");
      return;
    }
  put (channel->to_cups, "0\r\n\r\n");
  channel->state = WAITING; /* what follows is another request: for another connection */
}

static void
begin_body (SgPrintChannel *channel, const SgHttpHead *head)
{
  if (fetches_description (head))
    {
      g_autofree char *request = g_strdup_printf (
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", head->path);
      put (channel->to_cups, request);
      channel->wants_cups = TRUE;
      channel->state = WAITING;
    }
  else if (!g_str_equal (head->method, "POST") || !head->ipp)
    end_with_status (channel, "404 Not Found");
  else if (!head->chunked && head->length <= 0)
    end_with_status (channel, "400 Bad Request");
  else
    {
      sg_http_body_init (&channel->body, head);
      channel->state = BODY;
      if (head->waits)
        put (channel->to_inside, "HTTP/1.1 100 Continue\r\n\r\n");
    }
}

static void
take_head (SgPrintChannel *channel, const guint8 *bytes, gsize len)
{
  SgHttpHead head;
  gssize n;

  g_byte_array_append (channel->in, bytes, (guint)len);
  n = sg_http_head (channel->in->data, channel->in->len, FALSE, &head);
  if (n < 0)
    end_with_status (channel, "400 Bad Request");
  if (n <= 0)
    return;
  begin_body (channel, &head);
  if (channel->state == BODY)
    {
      g_autoptr (GByteArray) rest = g_steal_pointer (&channel->in);

      channel->in = g_byte_array_new ();
      take_body (channel, rest->data + n, rest->len - (gsize)n);
    }
}

void
sg_print_channel_from_inside (SgPrintChannel *channel, const guint8 *bytes, gsize len)
{
  if (channel->state == HEAD)
    take_head (channel, bytes, len);
  else if (channel->state == BODY)
    take_body (channel, bytes, len);
}

/* --- from CUPS ----------------------------------------------------------------------------------
 */

/* The number of the job that was made, from the beginning of the answer. */
static void
take_job (SgPrintChannel *channel)
{
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  const GByteArray *heard = channel->heard;
  SgHttpHead head;
  SgHttpBody body;
  gsize used;
  gssize n = sg_http_head (heard->data, heard->len, TRUE, &head);
  gint job = 0;

  if (n > 0 && head.status == 200)
    {
      sg_http_body_init (&body, &head);
      sg_http_body_take (&body, heard->data + n, heard->len - (gsize)n, answer, &used);
      job = sg_ipp_job (answer->data, answer->len);
    }
  if (job > 0)
    {
      g_array_append_val (channel->owner->jobs, job);
      g_clear_pointer (&channel->heard, g_byte_array_unref);
    }
}

void
sg_print_channel_from_cups (SgPrintChannel *channel, const guint8 *bytes, gsize len)
{
  if (channel->state == DONE)
    return;
  if (len == 0)
    {
      if (channel->to_inside->len == 0 && channel->state != WAITING)
        end_with_status (channel, "503 Service Unavailable");
      channel->state = DONE;
      return;
    }
  g_byte_array_append (channel->to_inside, bytes, (guint)len);
  if (channel->heard == NULL)
    return;
  g_byte_array_append (channel->heard, bytes,
                       (guint)MIN (len, SG_IPP_MOST + SG_HTTP_HEAD_MOST - channel->heard->len));
  take_job (channel);
}
