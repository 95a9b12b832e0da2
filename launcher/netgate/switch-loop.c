/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/switch-loop.h"

#include "common/fd.h"
#include "launcher/netgate/control.h"
#include "launcher/netgate/switch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PREFIX 4
#define IN_MAX (256 * 1024) /* holds several of the largest frames */
#define OUT_MAX (1024 * 1024)
#define READS_PER_TURN 4
#define GREETING_USEC (3 * G_USEC_PER_SEC)
#define TICK_MSEC 1000

typedef struct
{
  int fd;   /* owned; -1: free */
  int seat; /* in the switch; -1: has not said hello */
  gint64 since;
  guint8 *in; /* owned */
  gsize have;
  GByteArray *out; /* owned: whole frames, but for what is sent of the first */
  gsize sent;
} Line;

typedef struct
{
  int control;
  SgSwitch *sw;
  Line lines[SG_SWITCH_PORTS_MAX];
  Line *by_seat[SG_SWITCH_PORTS_MAX];
} Loop;

static void
line_close (Loop *loop, Line *line)
{
  if (line->seat >= 0)
    loop->by_seat[line->seat] = NULL;
  sg_switch_leave (loop->sw, line->seat);
  sg_fd_clear (&line->fd);
  g_clear_pointer (&line->in, g_free);
  g_clear_pointer (&line->out, g_byte_array_unref);
  line->seat = -1;
  line->have = line->sent = 0;
}

/* Takes FD over; closed again where there is no room. */
static void
line_open (Loop *loop, int fd)
{
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      Line *line = &loop->lines[i];

      if (line->fd >= 0)
        continue;
      *line = (Line){ .fd = fd,
                      .seat = -1,
                      .since = g_get_monotonic_time (),
                      .in = g_malloc (IN_MAX),
                      .out = g_byte_array_new () };
      return;
    }
  sg_fd_clear (&fd);
}

static void
flush (Loop *loop, Line *line)
{
  while (line->sent < line->out->len)
    {
      gssize n = send (line->fd, line->out->data + line->sent, line->out->len - line->sent,
                       MSG_DONTWAIT | MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
        return;
      if (n < 0)
        {
          line_close (loop, line);
          return;
        }
      line->sent += (gsize)n;
    }
  g_byte_array_set_size (line->out, 0);
  line->sent = 0;
}

/* Flushing may close TO, so never the one whose input is being worked off: FROM. */
static void
put (Loop *loop, const Line *from, Line *to, const guint8 *message, gsize len)
{
  if (to->out->len + len > OUT_MAX && to != from)
    flush (loop, to);
  if (to->fd >= 0 && to->out->len + len <= OUT_MAX)
    g_byte_array_append (to->out, message, (guint)len);
}

/* To another sandbox; or it is for the switch itself, and the answer goes back. */
static void
deliver (Loop *loop, Line *from, const guint8 *message, gsize len)
{
  int seat = sg_switch_judge (loop->sw, from->seat, message + PREFIX, len - PREFIX);
  guint8 reply[PREFIX + SG_SWITCH_REPLY_MAX];
  gsize reply_len;

  if (seat >= 0)
    {
      put (loop, from, loop->by_seat[seat], message, len);
      return;
    }
  reply_len
      = sg_switch_reply (loop->sw, from->seat, message + PREFIX, len - PREFIX, reply + PREFIX);
  if (reply_len == 0)
    return;
  sg_put32 (reply, (guint32)reply_len);
  put (loop, from, from, reply, PREFIX + reply_len);
}

/* FALSE: it is no hello, or there is no port. */
static gboolean
greet (Loop *loop, Line *line)
{
  guint8 answer[SG_SWITCH_ANSWER_LEN];
  SgSwitchRefusal refusal;
  guint16 number;

  if (memcmp (line->in, SG_SWITCH_HELLO, 8) != 0)
    return FALSE;
  line->seat = sg_switch_join (loop->sw, line->in + 8, sg_get16 (line->in + 14), line->in + 16,
                               &number, &refusal);
  sg_put16 (answer, number);
  sg_put16 (answer + 2, refusal);
  if (send (line->fd, answer, sizeof answer, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof answer
      || line->seat < 0)
    return FALSE;
  loop->by_seat[line->seat] = line;
  return TRUE;
}

/* FALSE: it broke the framing. */
static gboolean
work_off (Loop *loop, Line *line)
{
  gsize at = 0;

  if (line->seat < 0)
    {
      if (line->have < SG_SWITCH_HELLO_LEN)
        return TRUE;
      if (!greet (loop, line))
        return FALSE;
      at = SG_SWITCH_HELLO_LEN;
    }
  while (line->have - at >= PREFIX)
    {
      gsize len = sg_get32 (line->in + at);

      if (len < SG_PACKET_MIN || len > SG_PACKET_MAX)
        return FALSE;
      if (line->have - at < PREFIX + len)
        break;
      deliver (loop, line, line->in + at, PREFIX + len);
      at += PREFIX + len;
    }
  memmove (line->in, line->in + at, line->have - at);
  line->have -= at;
  return TRUE;
}

static void
receive (Loop *loop, Line *line)
{
  for (int i = 0; i < READS_PER_TURN; i++)
    {
      gssize n = recv (line->fd, line->in + line->have, IN_MAX - line->have, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return;
      if (n > 0)
        line->have += (gsize)n;
      if (n <= 0 || !work_off (loop, line))
        {
          line_close (loop, line);
          return;
        }
    }
}

/* FALSE without an error: the session is gone. */
static gboolean
obey (Loop *loop, GError **error)
{
  for (;;)
    {
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) local = NULL;
      sg_fd int fd = -1;
      SgGateKind kind;

      if (!sg_gate_receive (loop->control, &kind, &body, &fd, &local))
        {
          if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
            g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (body == NULL)
        return TRUE;
      if (kind == SG_GATE_PORT && fd >= 0)
        line_open (loop, sg_fd_steal (&fd));
    }
}

static gboolean
turn (Loop *loop, GError **error)
{
  struct pollfd fds[1 + SG_SWITCH_PORTS_MAX] = { { loop->control, POLLIN, 0 } };
  gint64 now;

  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      Line *line = &loop->lines[i];
      gboolean out = line->fd >= 0 && line->out->len > 0;

      fds[1 + i] = (struct pollfd){ line->fd, (short)(POLLIN | (out ? POLLOUT : 0)), 0 };
    }
  if (poll (fds, G_N_ELEMENTS (fds), TICK_MSEC) < 0 && errno != EINTR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "poll: %s", strerrordesc_np (errno));
      return FALSE;
    }
  now = g_get_monotonic_time ();
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      Line *line = &loop->lines[i];

      if (line->fd >= 0 && (fds[1 + i].revents & ~POLLOUT) != 0)
        receive (loop, line);
      if (line->fd >= 0 && line->seat < 0 && now - line->since > GREETING_USEC)
        line_close (loop, line);
    }
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    if (loop->lines[i].fd >= 0 && loop->lines[i].out->len > 0)
      flush (loop, &loop->lines[i]);
  return fds[0].revents == 0 || obey (loop, error);
}

gboolean
sg_switch_run (int control, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree Loop *loop = g_new0 (Loop, 1);

  loop->control = control;
  loop->sw = sg_switch_new ();
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    loop->lines[i].fd = loop->lines[i].seat = -1;
  while (turn (loop, &local))
    ;
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    line_close (loop, &loop->lines[i]);
  sg_switch_free (loop->sw);
  sg_fd_clear (&loop->control);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
