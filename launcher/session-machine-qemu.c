/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from QEMU by itself. */
#include "launcher/session-machine-internal.h"

#include "launcher/session-words.h"

/* How often a machine that was stopped by a full disk of the host is tried again. */
#define RETRY_SEC 3
/* How long a QEMU without a monitor may take to end. */
#define END_MSEC 1000

static gboolean
retry (gpointer data)
{
  SgMachine *machine = data;

  machine->retry = 0;
  if (!machine->over)
    sg_qmp_call_async (machine->c.qmp, "cont", NULL, -1, machine->cancellable, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* The disk stopped the machine.  It is told once, and let go again from time to time: where room
 * was made it goes on, where not it stops again at the same request. */
static void
disk_trouble (SgMachine *machine, SgOverlayTrouble trouble)
{
  gint64 now = g_get_monotonic_time ();

  if (machine->last_trouble == 0 || now - machine->last_trouble > 3 * RETRY_SEC * G_USEC_PER_SEC)
    machine->funcs->notice (trouble == SG_OVERLAY_BROKEN ? "disk-broken" : "disk-full",
                            sg_words_disk (trouble), machine->data);
  machine->last_trouble = now;
  if (machine->retry == 0)
    machine->retry = g_timeout_add_seconds (RETRY_SEC, retry, machine);
}

static gboolean
is_by_guest (JsonObject *data)
{
  JsonNode *guest = json_object_get_member (data, "guest");

  return guest != NULL && json_node_get_value_type (guest) == G_TYPE_BOOLEAN
         && json_node_get_boolean (guest);
}

static void
on_event (SgQmp *qmp, const char *name, JsonObject *data, SgMachine *machine)
{
  SgOverlayTrouble trouble;

  if (g_str_equal (name, "SHUTDOWN") && machine->shutdown == NULL) /* "quit" is one as well */
    {
      JsonNode *reason = json_object_get_member (data, "reason");

      machine->shutdown = reason != NULL && json_node_get_value_type (reason) == G_TYPE_STRING
                              ? g_strdup (json_node_get_string (reason))
                              : g_strdup ("");
      sg_machine_shut_down (machine);
    }
  if (g_str_equal (name, "RESET") && is_by_guest (data))
    sg_machine_reset_inside (machine);
  if (machine->overlay == NULL)
    return;
  trouble = sg_overlay_trouble (machine->overlay, name, data);
  if (trouble != SG_OVERLAY_NO_TROUBLE)
    disk_trouble (machine, trouble);
}

static gboolean
has_gone_mad (gpointer data)
{
  SgMachine *machine = data;

  machine->mad = 0;
  sg_child_kill (machine->c.children[SG_CHILD_QEMU]);
  return G_SOURCE_REMOVE;
}

/* Its end is told by the process, if that is let end by itself; a QEMU that closes and stays has
 * gone mad. */
static void
on_closed (SgQmp *qmp, const char *why, SgMachine *machine)
{
  machine->leaving = TRUE;
  if (machine->mad == 0)
    machine->mad = g_timeout_add (END_MSEC, has_gone_mad, machine);
}

void
sg_machine_connect_qmp (SgMachine *machine)
{
  g_signal_connect (machine->c.qmp, "event", G_CALLBACK (on_event), machine);
  g_signal_connect (machine->c.qmp, "closed", G_CALLBACK (on_closed), machine);
}
