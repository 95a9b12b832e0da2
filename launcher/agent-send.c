/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests are datagrams.  They are sent without waiting; those that do not fit wait in a queue
 * with their descriptors. */
#include "launcher/agent-internal.h"

#include "common/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void
sg_agent_datagram_free (SgAgentDatagram *datagram)
{
  g_bytes_unref (datagram->bytes);
  for (int i = 0; i < 3; i++)
    sg_fd_clear (&datagram->fds[i]);
  g_free (datagram);
}

/* TRUE when it is sent; FALSE with G_IO_ERROR_WOULD_BLOCK when it must wait. */
static gboolean
send_now (SgAgent *agent, const SgAgentDatagram *datagram, GError **error)
{
  union
  {
    char bytes[CMSG_SPACE (3 * sizeof (int))];
    struct cmsghdr align;
  } ancillary = { { 0 } };
  gsize len, fds_len = (gsize)datagram->n_fds * sizeof (int);
  struct iovec iov = { (void *)g_bytes_get_data (datagram->bytes, &len), 0 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  iov.iov_len = len;
  if (datagram->n_fds > 0)
    {
      struct cmsghdr *c;

      message.msg_control = &ancillary;
      message.msg_controllen = CMSG_SPACE (fds_len);
      c = CMSG_FIRSTHDR (&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN (fds_len);
      memcpy (CMSG_DATA (c), datagram->fds, fds_len);
    }
  while (sendmsg (agent->control_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    if (errno != EINTR)
      return sg_errno (error, "Cannot reach the relay");
  return TRUE;
}

static gboolean
flush (int fd, GIOCondition condition, gpointer data)
{
  SgAgent *agent = data;
  SgAgentDatagram *next;

  while ((next = g_queue_peek_head (&agent->queue)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (!send_now (agent, next, &error))
        {
          if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return G_SOURCE_CONTINUE;
          /* The relay is gone: what it had to say is still to be read. */
          g_queue_clear_full (&agent->queue, (GDestroyNotify)sg_agent_datagram_free);
          break;
        }
      sg_agent_datagram_free (g_queue_pop_head (&agent->queue));
    }
  g_clear_pointer (&agent->sending, g_source_unref);
  return G_SOURCE_REMOVE;
}

GSource *
sg_agent_watch (SgAgent *agent, GIOCondition condition, GUnixFDSourceFunc func)
{
  GSource *source = g_unix_fd_source_new (agent->control_fd, condition);

  g_source_set_callback (source, G_SOURCE_FUNC (func), agent, NULL);
  g_source_attach (source, agent->context);
  return source;
}

/* Takes the descriptors in `fds` (n_fds of them).  A dead relay is noticed by the receiving side.
 */
void
sg_agent_request (SgAgent *agent, SgRelayKind kind, GVariant *body, const int *fds, int n_fds)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  SgAgentDatagram *datagram = g_new (SgAgentDatagram, 1);
  GByteArray *bytes = g_byte_array_new ();
  guint32 number = kind;

  g_byte_array_append (bytes, (guint8 *)&number, sizeof number);
  if (g_variant_get_size (sunk) > 0)
    g_byte_array_append (bytes, g_variant_get_data (sunk), (guint)g_variant_get_size (sunk));
  datagram->bytes = g_byte_array_free_to_bytes (bytes);
  datagram->n_fds = n_fds;
  for (int i = 0; i < 3; i++)
    datagram->fds[i] = i < n_fds ? fds[i] : -1;

  g_queue_push_tail (&agent->queue, datagram);
  if (agent->broken != NULL)
    g_queue_clear_full (&agent->queue, (GDestroyNotify)sg_agent_datagram_free);
  else if (agent->sending == NULL && flush (agent->control_fd, G_IO_OUT, agent))
    agent->sending = sg_agent_watch (agent, G_IO_OUT, flush);
}
