/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who was contacted: the gate's list, which comes in several messages. */
#include "launcher/session-network-internal.h"

typedef struct
{
  GTask *task; /* owned */
  guint32 serial;
  GVariantBuilder records;
} List;

static void
list_settle (List *list, GError *error)
{
  if (error != NULL)
    {
      g_task_return_error (list->task, error);
      g_variant_builder_clear (&list->records);
    }
  else
    g_task_return_pointer (list->task, g_variant_ref_sink (g_variant_builder_end (&list->records)),
                           (GDestroyNotify)g_variant_unref);
  g_object_unref (list->task);
  g_free (list);
}

void
sg_uplink_take_records (guint32 serial, gboolean more, GVariant *records, gpointer data)
{
  SgUplink *uplink = data;
  List *list = g_queue_peek_head (&uplink->lists);
  GVariantIter iter;
  GVariant *record;

  if (list == NULL || list->serial != serial)
    return;
  g_variant_iter_init (&iter, records);
  while ((record = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_variant_builder_add_value (&list->records, record);
      g_variant_unref (record);
    }
  if (more)
    return;
  g_queue_pop_head (&uplink->lists);
  list_settle (list, NULL);
  list = g_queue_peek_head (&uplink->lists);
  if (list != NULL)
    sg_gateway_send (uplink->gateway, SG_GATE_LIST, g_variant_new ("(u)", list->serial), -1, NULL);
}

void
sg_uplink_records_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data)
{
  List *list = g_new0 (List, 1);
  GError *error = NULL;

  list->task = g_task_new (NULL, NULL, callback, data);
  g_variant_builder_init (&list->records, G_VARIANT_TYPE ("a" SG_GATE_TYPE_RECORD));
  if (!uplink->ready)
    {
      list_settle (list, NULL);
      return;
    }
  list->serial = ++uplink->serial;
  g_queue_push_tail (&uplink->lists, list);
  if (uplink->lists.length == 1
      && !sg_gateway_send (uplink->gateway, SG_GATE_LIST, g_variant_new ("(u)", list->serial), -1,
                           &error))
    list_settle (g_queue_pop_tail (&uplink->lists), error);
}

GVariant *
sg_uplink_records_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sg_uplink_fail_lists (SgUplink *uplink, const GError *why)
{
  List *list;

  while ((list = g_queue_pop_head (&uplink->lists)) != NULL)
    list_settle (list, g_error_copy (why));
}
