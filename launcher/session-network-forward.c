/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of this computer's loopback that lead inside.  passt is told of them at its start only, so
 * a new one means another passt, and the open connections of the sandbox end. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

/* passt listens to a forwarded port within a moment, or says why it cannot. */
#define LISTEN_MSEC 20
#define LISTEN_TRIES 150
#define FORWARDS_MOST 32

gboolean
sg_uplink_port_is_free (guint16 port, GError **error)
{
  sg_fd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
      && bind (fd, (struct sockaddr *)&address, sizeof address) == 0 && listen (fd, 1) == 0)
    return TRUE;
  if (errno == EADDRINUSE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Port %u of this computer is in use; choose another one", port);
  else if (errno == EACCES)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "Port %u of this computer is for the administrator's programs only; choose one "
                 "from 1024 on",
                 port);
  else
    sg_errno (error, "Port %u of this computer", port);
  return FALSE;
}

/* passt listens when nobody else can any more. */
static gboolean
look_at_port (gpointer data)
{
  SgUplink *uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  g_autofree char *words = NULL;

  if (!sg_uplink_port_is_free (op->forward.host_port, NULL))
    {
      uplink->listening = 0;
      sg_uplink_settle (uplink, NULL);
      return G_SOURCE_REMOVE;
    }
  if (++op->tries < LISTEN_TRIES)
    return G_SOURCE_CONTINUE;
  uplink->listening = 0;
  words = sg_gateway_passt_words (uplink->gateway);
  g_array_set_size (uplink->forwards, uplink->forwards->len - 1);
  sg_uplink_settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "passt does not listen: %s",
                                         words != NULL ? words : "it gives no reason"));
  return G_SOURCE_REMOVE;
}

void
sg_uplink_begin_forward (SgUplink *uplink, SgUplinkOp *op)
{
  GError *error = NULL;

  op->under_way = TRUE;
  if (sg_gateway_forward (uplink->gateway, (const SgPasstForward *)uplink->forwards->data,
                          uplink->forwards->len, &error))
    uplink->listening = g_timeout_add (LISTEN_MSEC, look_at_port, uplink);
  else
    sg_uplink_settle (uplink, error);
}

void
sg_uplink_forward_async (SgUplink *uplink, guint16 host_port, guint16 guest_port,
                         GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  GError *error = NULL;
  SgUplinkOp *op;

  if (uplink->forwards->len >= FORWARDS_MOST)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "The sandbox has %d forwarded ports already", FORWARDS_MOST);
  if (error != NULL || !sg_uplink_port_is_free (host_port, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  op = g_new0 (SgUplinkOp, 1);
  op->task = g_steal_pointer (&task);
  op->step = SG_STEP_OPEN;
  op->forward = (SgPasstForward){ host_port, guest_port };
  sg_uplink_enqueue (uplink, op);
}

gboolean
sg_uplink_forward_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

GVariant *
sg_uplink_forwards (const SgUplink *uplink)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(qq)"));
  for (guint i = 0; i < uplink->forwards->len; i++)
    {
      const SgPasstForward *one = &g_array_index (uplink->forwards, SgPasstForward, i);
      g_variant_builder_add (&builder, "(qq)", one->host_port, one->guest_port);
    }
  return g_variant_builder_end (&builder);
}
