/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/resolver.h"

#include "common/fd.h"
#include "launcher/netgate/control.h"

#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <sys/socket.h>

/* Server number INDEX of what the C library read; FALSE when there is none. */
static gboolean
server_at (const struct __res_state *state, int index, struct sockaddr_storage *ret,
           socklen_t *ret_len)
{
  const struct sockaddr_in *v4 = &state->nsaddr_list[index];
  const struct sockaddr_in6 *v6 = state->_u._ext.nsaddrs[index];

  if (index >= state->nscount)
    return FALSE;
  if (v4->sin_family == AF_INET)
    {
      memcpy (ret, v4, sizeof *v4);
      *ret_len = sizeof *v4;
      return TRUE;
    }
  /* IPv6 servers are kept elsewhere, their place in the list left empty. */
  if (v6 == NULL)
    return FALSE;
  memcpy (ret, v6, sizeof *v6);
  *ret_len = sizeof *v6;
  return TRUE;
}

static gboolean
send_server (int control, guint32 rank, const struct sockaddr_storage *server, socklen_t len)
{
  guint sent = 0;

  for (int i = 0; i < SG_RESOLVER_SOCKETS; i++)
    {
      sg_fd int fd = socket (server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

      if (fd >= 0 && connect (fd, (const struct sockaddr *)server, len) == 0)
        sent += sg_gate_send (control, SG_GATE_RESOLVER, g_variant_new ("(u)", rank), fd, NULL);
    }
  return sent > 0;
}

gboolean
sg_resolver_send (int control, GError **error)
{
  struct __res_state state;
  guint32 rank = 0;

  if (!sg_gate_send (control, SG_GATE_RESOLVER, g_variant_new ("(u)", 0), -1, error))
    return FALSE;
  memset (&state, 0, sizeof state);
  if (res_ninit (&state) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "Cannot read this computer's name servers");
      return FALSE;
    }
  for (int i = 0; i < SG_RESOLVER_SERVERS; i++)
    {
      struct sockaddr_storage server;
      socklen_t len;

      if (server_at (&state, i, &server, &len) && send_server (control, rank, &server, len))
        rank++;
    }
  res_nclose (&state);
  if (rank == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This computer knows no name server");
  return rank > 0;
}
