/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands can run: the desktop is waited for; then one that becomes a template is saved, and one
 * that was woken from a template looks at its files. */
#include "launcher/session-machine-internal.h"

#include "launcher/template-prepare.h"

/* When a session has nothing better to do than to look at its template's files. */
#define IDLE_SEC 20

static void
prepared (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  gboolean ok = sg_template_prepare_finish (SG_AGENT (source), result, &error);

  if (machine->over)
    return;
  if (ok)
    machine->funcs->saved (machine->data);
  else
    sg_machine_over_by_error (machine, error);
}

static void
prepare (SgMachine *machine, gboolean desktop)
{
  if (!desktop)
    sg_machine_over (machine,
                     g_strdup ("A sandbox could not be prepared: its desktop did not start"));
  else
    {
      machine->funcs->stage ("Preparing a sandbox for quick starts", machine->data);
      sg_template_prepare_async (machine->source.draft, machine->c.agent, machine->c.qmp,
                                 sg_child_pid (machine->c.children[SG_CHILD_QEMU]),
                                 machine->cancellable, prepared, sg_machine_hold (machine));
    }
}

static void
verified (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  if (!sg_template_verify_idle_finish (result, &error) && !machine->over
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    machine->funcs->notice ("template-damaged",
                            "The prepared sandbox that this one was woken from is damaged on the "
                            "disk, so this one may be as well: better open a new one. The damaged "
                            "one was removed.",
                            machine->data);
}

static gboolean
verify (gpointer data)
{
  SgMachine *machine = data;

  machine->idle = 0;
  if (!machine->over)
    sg_template_verify_idle_async (machine->source.template, machine->cancellable, verified,
                                   sg_machine_hold (machine));
  return G_SOURCE_REMOVE;
}

static void
desktop_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (source), result, &error);
  gboolean desktop = FALSE;

  if (machine->over || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* over, or it restarts */
  if (answer == NULL)
    machine->funcs->notice ("no-desktop", error->message, machine->data);
  else
    g_variant_get (answer, "(b)", &desktop);
  machine->funcs->stage ("", machine->data);
  machine->funcs->ready (desktop, machine->data);
  if (machine->source.draft != NULL && !machine->over)
    prepare (machine, desktop);
  else if (machine->source.template != NULL && !machine->over)
    machine->idle = g_timeout_add_seconds (IDLE_SEC, verify, machine);
}

void
sg_machine_usable (SgMachine *machine)
{
  machine->usable = TRUE;
  machine->funcs->stage (machine->plan->text ? "" : "Starting the desktop", machine->data);
  machine->funcs->usable (machine->data);
  if (!machine->over)
    sg_agent_call_async (machine->c.agent, "ready", g_variant_new ("()"), machine->booted,
                         desktop_ready, sg_machine_hold (machine));
}
