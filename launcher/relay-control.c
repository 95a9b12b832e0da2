/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages from and to the supervisor.  The supervisor is trusted; a message that is not understood
 * is a mistake in our own code and ends the relay loudly. */
#include "launcher/relay.h"

#include "common/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct
{
  SgRelayKind kind;
  const char *type;
  int max_fds;
} requests[] = {
  { SG_RELAY_HELLO, SG_RELAY_TYPE_HELLO, 0 },   { SG_RELAY_CALL, SG_RELAY_TYPE_CALL, 0 },
  { SG_RELAY_EXEC, SG_RELAY_TYPE_EXEC, 3 },     { SG_RELAY_SIGNAL, SG_RELAY_TYPE_SIGNAL, 0 },
  { SG_RELAY_RESIZE, SG_RELAY_TYPE_RESIZE, 0 }, { SG_RELAY_DROP, SG_RELAY_TYPE_DROP, 0 },
};

static gboolean
nonsense (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the supervisor sent %s", what);
  return FALSE;
}

static gboolean
hello (SgRelay *relay, GVariant *body, GError **error)
{
  g_autoptr (GVariant) nonce = g_variant_get_child_value (body, 0);
  gsize len;
  const void *bytes = g_variant_get_fixed_array (nonce, &len, 1);

  if (len != sizeof relay->nonce)
    return nonsense (error, "a nonce of the wrong size");
  memcpy (relay->nonce, bytes, len);
  sg_channels_forget (relay);
  g_hash_table_remove_all (relay->calls);
  relay->hello_sent = TRUE;
  relay->greeted = FALSE;
  relay->ignored = 0;
  sg_frame_append_variant (relay->out, SG_FRAME_HELLO, 0,
                           g_variant_new ("(u@ay)", (guint32)SG_PROTOCOL_VERSION, nonce));
  return TRUE;
}

static gboolean
call (SgRelay *relay, GVariant *body, GError **error)
{
  g_autoptr (GVariant) argument = NULL;
  const char *method, *argument_type, *result_type;
  guint32 serial;

  g_variant_get (body, "(u&sv)", &serial, &method, &argument);
  if (!relay->greeted || !sg_frame_method_types (method, &argument_type, &result_type))
    return nonsense (error, "a call that cannot be made");
  if (!sg_frame_append_variant (relay->out, SG_FRAME_CALL, 0, body))
    return nonsense (error, "a call that is too long");
  g_hash_table_insert (relay->calls, GUINT_TO_POINTER (serial), (gpointer)result_type);
  return TRUE;
}

static gboolean
exec (SgRelay *relay, GVariant *body, int fds[3], int n_fds, GError **error)
{
  GVariantBuilder frame;
  gboolean tty;
  guint32 id;

  g_variant_get_child (body, 0, "u", &id);
  g_variant_get_child (body, 5, "b", &tty);
  if (!relay->greeted || id == 0 || n_fds != (tty ? 2 : 3)
      || g_hash_table_contains (relay->channels, GUINT_TO_POINTER (id)))
    return nonsense (error, "a command that cannot be run");

  g_variant_builder_init (&frame, G_VARIANT_TYPE (SG_TYPE_EXEC));
  for (gsize i = 1; i < g_variant_n_children (body); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (body, i);
      g_variant_builder_add_value (&frame, child);
    }
  if (!sg_frame_append_variant (relay->out, SG_FRAME_EXEC, id, g_variant_builder_end (&frame)))
    return nonsense (error, "a command that is too long");
  sg_channel_open (relay, id, fds);
  fds[0] = fds[1] = fds[2] = -1;
  return TRUE;
}

static void
signal_or_resize (SgRelay *relay, SgRelayKind kind, GVariant *body)
{
  guint32 id;

  g_variant_get_child (body, 0, "u", &id);
  if (!sg_channel_is_running (relay, id))
    return;
  if (kind == SG_RELAY_SIGNAL)
    {
      gint32 number;
      g_variant_get_child (body, 1, "i", &number);
      sg_frame_append_variant (relay->out, SG_FRAME_SIGNAL, id, g_variant_new ("(i)", number));
    }
  else
    {
      guint16 rows, columns;
      g_variant_get (body, "(uqq)", NULL, &rows, &columns);
      sg_frame_append_variant (relay->out, SG_FRAME_RESIZE, id,
                               g_variant_new ("(qq)", rows, columns));
    }
}

static gboolean
obey (SgRelay *relay, SgRelayKind kind, GVariant *body, int fds[3], int n_fds, GError **error)
{
  guint32 id;

  switch (kind)
    {
    case SG_RELAY_HELLO:
      return hello (relay, body, error);
    case SG_RELAY_CALL:
      return call (relay, body, error);
    case SG_RELAY_EXEC:
      return exec (relay, body, fds, n_fds, error);
    case SG_RELAY_DROP:
      g_variant_get (body, "(u)", &id);
      sg_channel_drop (relay, id);
      return TRUE;
    default:
      signal_or_resize (relay, kind, body);
      return TRUE;
    }
}

static const char *
request_type (guint32 kind, int n_fds)
{
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    if (requests[i].kind == kind && n_fds <= requests[i].max_fds)
      return requests[i].type;
  return NULL;
}

/* One datagram and its descriptors.  Returns its length, 0 at the end, -1 with errno. */
static gssize
receive (int control_fd, void *into, gsize len, int fds[3], int *ret_n_fds)
{
  union
  {
    char bytes[CMSG_SPACE (3 * sizeof (int))];
    struct cmsghdr align;
  } ancillary;
  struct iovec iov = { into, len };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof ancillary
  };
  gssize n;

  *ret_n_fds = 0;
  do
    n = recvmsg (control_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return n;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c != NULL; c = CMSG_NXTHDR (&message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      {
        *ret_n_fds = (int)((c->cmsg_len - CMSG_LEN (0)) / sizeof (int));
        memcpy (fds, CMSG_DATA (c), (gsize)*ret_n_fds * sizeof (int));
      }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    {
      errno = EMSGSIZE;
      return -1;
    }
  return n;
}

gboolean
sg_relay_control_receive (SgRelay *relay, GError **error)
{
  static guint8 message[SG_RELAY_REQUEST_MAX]; /* one thread; too large for the stack */
  g_autoptr (GVariant) body = NULL;
  g_autoptr (GBytes) bytes = NULL;
  int fds[3] = { -1, -1, -1 }, n_fds;
  const char *type;
  gboolean ok;
  guint32 kind;
  gssize n = receive (relay->control_fd, message, sizeof message, fds, &n_fds);

  if (n < 0 && errno == EAGAIN)
    return TRUE;
  if (n == 0 || (n < 0 && errno == ECONNRESET))
    return FALSE;
  if (n < 0)
    ok = nonsense (error, strerrordesc_np (errno)); /* not g_strerror(): it opens files */
  else if (n < (gssize)sizeof kind)
    ok = nonsense (error, "a message without a kind");
  else
    {
      memcpy (&kind, message, sizeof kind);
      type = request_type (kind, n_fds);
      bytes = g_bytes_new (message + sizeof kind, (gsize)n - sizeof kind);
      if (type != NULL)
        body = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
      ok = body != NULL && g_variant_is_normal_form (body)
               ? obey (relay, kind, body, fds, n_fds, error)
               : nonsense (error, "a message that is not understood");
    }
  for (int i = 0; i < 3; i++)
    sg_fd_clear (&fds[i]);
  return ok;
}

void
sg_relay_control_answer (SgRelay *relay, SgRelayKind kind, GVariant *body)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (sunk);
  guint32 number = kind;
  gsize len = g_variant_get_size (normal);
  guint8 *datagram = g_malloc (sizeof number + len);

  memcpy (datagram, &number, sizeof number);
  if (len > 0)
    memcpy (datagram + sizeof number, g_variant_get_data (normal), len);
  g_queue_push_tail (&relay->answers, g_bytes_new_take (datagram, sizeof number + len));
}

gboolean
sg_relay_control_flush (SgRelay *relay)
{
  GBytes *next;

  while ((next = g_queue_peek_head (&relay->answers)) != NULL)
    {
      gsize len;
      const void *data = g_bytes_get_data (next, &len);

      if (send (relay->control_fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        {
          if (errno == EINTR)
            continue;
          return errno == EAGAIN;
        }
      g_bytes_unref (g_queue_pop_head (&relay->answers));
    }
  return TRUE;
}
