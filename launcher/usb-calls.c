/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/usb-calls.h"

#include "launcher/passed-fd.h"
#include "launcher/session-usb.h"

#include <gio/gunixfdlist.h>

static void
on_changed (gpointer data)
{
  SgSession *session = data;

  sg_session1_set_usb_devices (session->object, sg_usbs_list (session->usbs));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
}

static void
on_lost (const char *words, gpointer data)
{
  SgSession *session = data;

  if (session->state < SG_STATE_ENDING)
    sg_session1_emit_notice (session->object, "usb", words);
}

/* FALSE: the call has been answered. */
static gboolean
can (SgSession *session, GDBusMethodInvocation *invocation)
{
  static const SgUsbsFuncs funcs = { on_changed, on_lost };
  SgUsbMachine machine = { .plan = session->plan };

  if (session->state != SG_STATE_RUNNING)
    {
      g_dbus_method_invocation_return_error_literal (
          invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
          session->state < SG_STATE_RUNNING    ? "The sandbox is just starting; try again in a moment"
          : session->state == SG_STATE_STOPPED ? "The sandbox has stopped"
                                               : "The sandbox is gone");
      return FALSE;
    }
  if (session->usbs == NULL)
    {
      machine.qmp = sg_machine_monitor (session->machine, &machine.cancellable);
      session->usbs = sg_usbs_new (&machine, &funcs, session);
    }
  return TRUE;
}

static void
given (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_autofree char *at = sg_usbs_give_finish (result, &error);

  if (at == NULL)
    g_dbus_method_invocation_take_error (data, error);
  else
    g_dbus_method_invocation_return_value (data, g_variant_new ("(s)", at));
}

static gboolean
on_give (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, GVariant *device,
         const char *name, SgSession *session)
{
  GError *error = NULL;
  int fd = -1;

  if (!can (session, invocation))
    return TRUE;
  fd = sg_passed_fd (fds, g_variant_get_handle (device), "The call carries no device", &error);
  if (fd < 0)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    sg_usbs_give_async (session->usbs, fd, name, given, invocation);
  return TRUE;
}

static void
taken (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (!sg_usbs_take_finish (result, &error))
    g_dbus_method_invocation_take_error (data, error);
  else
    g_dbus_method_invocation_return_value (data, NULL);
}

static gboolean
on_take (SgSession1 *object, GDBusMethodInvocation *invocation, const char *at, SgSession *session)
{
  if (can (session, invocation))
    sg_usbs_take_async (session->usbs, at, taken, invocation);
  return TRUE;
}

void
sg_usb_calls_connect (SgSession *session)
{
  sg_session1_set_usb_devices (session->object, g_variant_new ("a(ssb)", NULL));
  g_signal_connect (session->object, "handle-give-usb", G_CALLBACK (on_give), session);
  g_signal_connect (session->object, "handle-take-usb", G_CALLBACK (on_take), session);
}

void
sg_usb_calls_end (SgSession *session)
{
  if (session->usbs == NULL)
    return;
  g_clear_pointer (&session->usbs, sg_usbs_free);
  sg_session1_set_usb_devices (session->object, g_variant_new ("a(ssb)", NULL));
}
