/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a window asks of its session, one method of org.sandglass.Session1 after the other; link.c
 * has the connection. */
#include "ui/link-internal.h"

#include <gio/gunixfdlist.h>

void
sg_link_set_network_async (SgLink *link, const char *mode, GAsyncReadyCallback callback,
                           gpointer data)
{
  sg_link_call_with (link, "Network", g_variant_new ("(s@as)", mode, g_variant_new_strv (NULL, 0)),
             callback, data);
}

gboolean
sg_link_set_network_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_ask_window_async (SgLink *link, const char *what, GAsyncReadyCallback callback,
                          gpointer data)
{
  sg_link_call_with (link, "AskWindow", g_variant_new ("(s)", what), callback, data);
}

gboolean
sg_link_ask_window_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  GVariant *reply = sg_link_call_reply (result);
  gboolean asked = FALSE;

  if (!sg_link_call_finish (result, error))
    return FALSE;
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(b)")))
    g_variant_get (reply, "(b)", &asked);
  return asked;
}

void
sg_link_records_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "NetworkRecords", callback, data);
}

GVariant *
sg_link_records_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  GVariant *reply = sg_link_call_reply (result);

  return sg_link_call_finish (result, error) && reply != NULL ? g_variant_ref (reply) : NULL;
}

void
sg_link_memory_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "Memory", callback, data);
}

guint64
sg_link_memory_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  GVariant *reply = sg_link_call_reply (result);
  guint64 fair = 0;

  if (!sg_link_call_finish (result, error))
    return 0;
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(ttt)")))
    g_variant_get (reply, "(ttt)", NULL, NULL, &fair);
  return fair;
}

void
sg_link_picture_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "Picture", callback, data);
}

/* One descriptor, whatever it is for. */
static int
descriptor_finish (GAsyncResult *result, const char *missing, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUnixFDList) fds = g_task_propagate_pointer (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return -1;
    }
  if (fds == NULL || g_unix_fd_list_get_length (fds) != 1)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, missing);
      return -1;
    }
  return g_unix_fd_list_get (fds, 0, error);
}

int
sg_link_picture_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return descriptor_finish (result, "The sandbox gave no picture", error);
}

void
sg_link_open_display_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "OpenDisplay", callback, data);
}

int
sg_link_open_display_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return descriptor_finish (result, "The sandbox gave no display", error);
}

void
sg_link_wait_ready_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "WaitReady", callback, data);
}

gboolean
sg_link_wait_ready_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_become_window_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "BecomeWindow", callback, data);
}

gboolean
sg_link_become_window_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_pause_async (SgLink *link, guint seconds, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call_with (link, "Pause", g_variant_new ("(u)", seconds), callback, data);
}

gboolean
sg_link_pause_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_resume_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "Resume", callback, data);
}

gboolean
sg_link_resume_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_restart_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "RestartClean", callback, data);
}

gboolean
sg_link_restart_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}

void
sg_link_rescue_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call (link, "Rescue", callback, data);
}

gboolean
sg_link_rescue_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  return sg_link_call_finish (result, error);
}
