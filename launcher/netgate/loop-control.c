/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of the loop.  The supervisor is trusted; a message that is not understood
 * is a mistake in our own code and ends the gate loudly. */
#include "launcher/netgate/loop.h"

#include "common/fd.h"

#include <string.h>

#define RECORDS_PER_MESSAGE 64
#define ANSWERS_MAX 256

typedef struct
{
  SgGateKind kind;
  GVariant *body; /* owned */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_variant_unref (answer->body);
  g_free (answer);
}

void
sg_loop_tell (SgLoop *loop, SgGateKind kind, GVariant *body)
{
  Answer *answer = g_new (Answer, 1);

  *answer = (Answer){ kind, g_variant_ref_sink (body) };
  if (loop->answers.length >= ANSWERS_MAX)
    answer_free (answer); /* a supervisor that does not read misses news, nothing else */
  else
    g_queue_push_tail (&loop->answers, answer);
}

/* --- records
 * --------------------------------------------------------------------------------------- */

static GVariant *
record_variant (const SgRecord *record)
{
  static const SgAddress nowhere;
  char address[SG_ADDRESS_TEXT] = "";
  gboolean blocked = record->reason != SG_REASON_NONE;

  if (!sg_address_equal (&record->address, &nowhere))
    sg_address_format (&record->address, address);
  return g_variant_new ("(ssttttxxyqsss)", address, record->name, record->bytes_out,
                        record->bytes_in, record->connections, record->blocked, record->first,
                        record->last, record->protocol, record->port,
                        blocked ? sg_reason_key (record->reason) : "",
                        blocked ? sg_gate_reason_text (record->reason) : "",
                        record->source != NULL ? record->source : "");
}

/* One message of a list that is under way; the next when this one was read. */
static void
continue_list (SgLoop *loop)
{
  SgRecords *records = sg_gate_records (loop->gate);
  guint32 count = sg_records_count (records),
          end = MIN (loop->list_at + RECORDS_PER_MESSAGE, count);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" SG_GATE_TYPE_RECORD));
  for (; loop->list_at < end; loop->list_at++)
    {
      const SgRecord *record = sg_records_get (records, loop->list_at);

      if (record->first != 0)
        g_variant_builder_add_value (&builder, record_variant (record));
    }
  loop->listing = end < count;
  sg_loop_tell (loop, SG_GATE_RECORDS,
                g_variant_new ("(ub@a" SG_GATE_TYPE_RECORD ")", loop->list_serial, loop->listing,
                               g_variant_builder_end (&builder)));
}

static void
tell_totals (SgLoop *loop, guint32 serial)
{
  const SgGateCounts *counts = sg_gate_counts (loop->gate);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(st)"));
  for (int reason = 0; reason < SG_REASON_MAX; reason++)
    if (counts->stopped[reason] > 0)
      g_variant_builder_add (&builder, "(st)", sg_reason_key ((SgReason)reason),
                             counts->stopped[reason]);
  sg_loop_tell (loop, SG_GATE_TOTALS,
                g_variant_new ("(uttttua(st))", serial, counts->frames_out, counts->frames_in,
                               counts->bytes_out, counts->bytes_in, sg_gate_flow_count (loop->gate),
                               &builder));
}

/* --- messages
 * -------------------------------------------------------------------------------------- */

static void
apply_rules (SgLoop *loop, GVariant *body)
{
  g_autoptr (GVariant) rules_body = NULL;
  g_autoptr (GError) error = NULL;
  SgGateRules *rules;
  guint32 serial;

  g_variant_get (body, "(u@" SG_GATE_TYPE_RULES_BODY ")", &serial, &rules_body);
  rules = sg_gate_rules_from_variant (rules_body, &error);
  if (rules != NULL)
    sg_loop_use_rules (loop, rules);
  sg_loop_tell (loop, SG_GATE_APPLIED, g_variant_new ("(us)", serial, error ? error->message : ""));
}

static gboolean
obey (SgLoop *loop, SgGateKind kind, GVariant *body, int *fd, GError **error)
{
  guint64 limit;
  guint32 serial;

  switch (kind)
    {
    case SG_GATE_RULES:
      apply_rules (loop, body);
      return TRUE;
    case SG_GATE_PASST:
    case SG_GATE_SWITCH:
      sg_loop_use_passt (loop, sg_fd_steal (fd), kind == SG_GATE_SWITCH);
      return TRUE;
    case SG_GATE_PCAP:
      g_variant_get (body, "(t)", &limit);
      sg_loop_use_pcap (loop, *fd >= 0 ? sg_pcap_new (sg_fd_steal (fd), limit) : NULL);
      return TRUE;
    case SG_GATE_RESOLVER:
      g_variant_get (body, "(u)", &serial);
      sg_loop_use_resolver (loop, sg_fd_steal (fd), serial);
      return TRUE;
    case SG_GATE_LIST:
      g_variant_get (body, "(u)", &loop->list_serial);
      loop->list_at = 0;
      loop->listing = TRUE;
      return TRUE;
    case SG_GATE_COUNTS:
      g_variant_get (body, "(u)", &serial);
      tell_totals (loop, serial);
      return TRUE;
    default:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "the supervisor sent a message of the gate's");
      return FALSE;
    }
}

gboolean
sg_loop_control_receive (SgLoop *loop, GError **error)
{
  for (;;)
    {
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) local = NULL;
      sg_fd int fd = -1;
      SgGateKind kind;

      if (!sg_gate_receive (loop->control_fd, &kind, &body, &fd, &local))
        {
          if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
            g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (body == NULL)
        return TRUE;
      if (!obey (loop, kind, body, &fd, error))
        return FALSE;
    }
}

gboolean
sg_loop_control_flush (SgLoop *loop)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      Answer *answer;

      if (loop->answers.length == 0 && loop->listing)
        continue_list (loop);
      answer = g_queue_peek_head (&loop->answers);
      if (answer == NULL)
        return TRUE;
      if (!sg_gate_send (loop->control_fd, answer->kind, answer->body, -1, &error))
        return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      answer_free (g_queue_pop_head (&loop->answers));
    }
}

gboolean
sg_loop_control_wants_out (const SgLoop *loop)
{
  return loop->answers.length > 0 || loop->listing;
}

void
sg_loop_control_clear (SgLoop *loop)
{
  g_queue_clear_full (&loop->answers, answer_free);
}
