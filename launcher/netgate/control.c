/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/control.h"

#include "common/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const struct
{
  SgGateKind kind;
  const char *type;
  gboolean fd;
} kinds[] = {
  { SG_GATE_RESOLVER, SG_GATE_TYPE_RESOLVER, TRUE },
  { SG_GATE_RULES, SG_GATE_TYPE_RULES, FALSE },
  { SG_GATE_PASST, SG_GATE_TYPE_PASST, TRUE },
  { SG_GATE_SWITCH, SG_GATE_TYPE_SWITCH, TRUE },
  { SG_GATE_PORT, SG_GATE_TYPE_PORT, TRUE },
  { SG_GATE_PCAP, SG_GATE_TYPE_PCAP, TRUE },
  { SG_GATE_LIST, SG_GATE_TYPE_LIST, FALSE },
  { SG_GATE_COUNTS, SG_GATE_TYPE_COUNTS, FALSE },
  { SG_GATE_READY, SG_GATE_TYPE_READY, FALSE },
  { SG_GATE_APPLIED, SG_GATE_TYPE_APPLIED, FALSE },
  { SG_GATE_RECORDS, SG_GATE_TYPE_RECORDS, FALSE },
  { SG_GATE_TOTALS, SG_GATE_TYPE_TOTALS, FALSE },
  { SG_GATE_BLOCKED, SG_GATE_TYPE_BLOCKED, FALSE },
  { SG_GATE_LOST, SG_GATE_TYPE_LOST, FALSE },
  { SG_GATE_NETWORK, SG_GATE_TYPE_NETWORK, FALSE },
};

typedef union
{
  char bytes[CMSG_SPACE (sizeof (int))];
  struct cmsghdr align;
} Ancillary;

static gboolean
failed (GError **error, int code, const char *what)
{
  /* Not g_strerror(): it may open files, which the gate cannot. */
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what,
               strerrordesc_np (code));
  return FALSE;
}

gboolean
sg_gate_send (int socket, SgGateKind kind, GVariant *body, int fd, GError **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (sunk);
  guint32 number = kind;
  struct iovec parts[2] = { { &number, sizeof number },
                            { (void *)g_variant_get_data (normal), g_variant_get_size (normal) } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  Ancillary ancillary = { 0 };

  if (fd >= 0)
    {
      message.msg_control = &ancillary;
      message.msg_controllen = sizeof ancillary;
      ancillary.align.cmsg_level = SOL_SOCKET;
      ancillary.align.cmsg_type = SCM_RIGHTS;
      ancillary.align.cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (&ancillary.align), &fd, sizeof fd);
    }
  while (sendmsg (socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    if (errno != EINTR)
      return failed (error, errno, "Cannot talk to the network gate");
  return TRUE;
}

static gboolean
decode (const guint8 *message, gsize len, int fd, SgGateKind *ret_kind, GVariant **ret_body,
        GError **error)
{
  guint32 number = 0;

  if (len >= sizeof number)
    memcpy (&number, message, sizeof number);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == number && (fd < 0 || kinds[i].fd))
      {
        g_autoptr (GBytes) bytes = g_bytes_new (message + sizeof number, len - sizeof number);
        g_autoptr (GVariant) body = g_variant_ref_sink (
            g_variant_new_from_bytes (G_VARIANT_TYPE (kinds[i].type), bytes, FALSE));

        if (!g_variant_is_normal_form (body))
          break;
        *ret_kind = kinds[i].kind;
        *ret_body = g_steal_pointer (&body);
        return TRUE;
      }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "a message of the network gate is not understood");
  return FALSE;
}

gboolean
sg_gate_receive (int socket, SgGateKind *ret_kind, GVariant **ret_body, int *ret_fd, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (SG_GATE_MESSAGE_MAX);
  struct iovec part = { bytes, SG_GATE_MESSAGE_MAX };
  Ancillary ancillary = { 0 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof ancillary
  };
  sg_fd int fd = -1;
  gssize n;

  *ret_body = NULL;
  *ret_fd = -1;
  do
    n = recvmsg (socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN)
    return TRUE;
  if (n == 0 || (n < 0 && errno == ECONNRESET))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The network gate's control was closed");
      return FALSE;
    }
  if (n < 0)
    return failed (error, errno, "Cannot hear the network gate");
  if (message.msg_controllen > 0 && ancillary.align.cmsg_level == SOL_SOCKET
      && ancillary.align.cmsg_type == SCM_RIGHTS)
    memcpy (&fd, CMSG_DATA (&ancillary.align), sizeof fd);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return failed (error, EMSGSIZE, "Cannot hear the network gate");
  if (!decode (bytes, (gsize)n, fd, ret_kind, ret_body, error))
    return FALSE;
  *ret_fd = sg_fd_steal (&fd);
  return TRUE;
}
