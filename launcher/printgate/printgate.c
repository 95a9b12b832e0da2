/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass-printgate --guest-fd N --user NAME`: between the listener inside and this computer's
 * CUPS (at /sandbox/cups.sock in its walls), for a sandbox that printing is granted to.
 *
 * One thread, one poll().  It opens nothing but connections to that one socket; of system calls it
 * has what that needs.  Nothing is read while others do not take what was read before, so memory is
 * bounded; the listener inside never waits for it to read before it takes. */
#include "baseimage/guest/print/wire.h"
#include "common/fd.h"
#include "common/report.h"
#include "launcher/printgate/channel.h"
#include "launcher/printgate/confine.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CUPS_SOCKET "/sandbox/cups.sock"
#define BUFFER_MOST (256u * 1024)

typedef struct
{
  SgPrintChannel *channel; /* NULL: we have ended it */
  gboolean open;           /* inside has not ended it */
  gboolean gone;           /* inside has: what CUPS still says is for nobody */
  int cups;                /* -1: none */
} Slot;

typedef struct
{
  int guest;
  const char *cups_path;
  SgPrintOwner owner;
  Slot slots[SG_PRINT_CHANNELS];
  GByteArray *in, *out;
} Gate;

/* --- to inside ----------------------------------------------------------------------------------
 */

static void
put_frame (Gate *gate, guint8 kind, guint n, const guint8 *bytes, gsize len)
{
  const guint8 header[SG_PRINT_HEADER] = { kind,
                                           0,
                                           (guint8)(n >> 8),
                                           (guint8)n,
                                           (guint8)(len >> 24),
                                           (guint8)(len >> 16),
                                           (guint8)(len >> 8),
                                           (guint8)len };

  g_byte_array_append (gate->out, header, sizeof header);
  if (len > 0)
    g_byte_array_append (gate->out, bytes, (guint)len);
}

/* What a channel has for inside, and its end. */
static void
pass_in (Gate *gate, guint n)
{
  Slot *slot = &gate->slots[n];
  GByteArray *bytes;

  if (slot->channel == NULL)
    return;
  bytes = sg_print_channel_to_inside (slot->channel);
  for (gsize at = 0, len; at < bytes->len && !slot->gone; at += len)
    {
      len = MIN (bytes->len - at, SG_PRINT_DATA_MOST);
      put_frame (gate, SG_PRINT_DATA, n, bytes->data + at, len);
    }
  g_byte_array_set_size (bytes, 0);
  if (!sg_print_channel_done (slot->channel))
    return;
  put_frame (gate, SG_PRINT_END, n, NULL, 0);
  g_clear_pointer (&slot->channel, sg_print_channel_free);
  sg_fd_clear (&slot->cups);
}

/* --- CUPS ---------------------------------------------------------------------------------------
 */

static int
connect_cups (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  sg_fd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0
      || g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path
      || connect (fd, (struct sockaddr *)&address, sizeof address) < 0)
    return -1;
  return sg_fd_steal (&fd);
}

static void
pass_out (Gate *gate, Slot *slot)
{
  GByteArray *bytes;
  ssize_t n;

  if (slot->channel == NULL || !sg_print_channel_wants_cups (slot->channel))
    return;
  if (slot->cups < 0)
    slot->cups = connect_cups (gate->cups_path);
  bytes = sg_print_channel_to_cups (slot->channel);
  if (slot->cups < 0)
    {
      sg_print_channel_from_cups (slot->channel, NULL, 0);
      return;
    }
  n = bytes->len > 0 ? send (slot->cups, bytes->data, bytes->len, MSG_NOSIGNAL) : 0;
  if (n > 0)
    g_byte_array_remove_range (bytes, 0, (guint)n);
  else if (n < 0 && errno != EAGAIN && errno != EINTR)
    g_byte_array_set_size (bytes, 0); /* it may have answered before it closed */
}

static void
read_cups (Slot *slot)
{
  guint8 bytes[SG_PRINT_DATA_MOST];
  ssize_t n = recv (slot->cups, bytes, sizeof bytes, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  sg_print_channel_from_cups (slot->channel, bytes, (gsize)MAX (n, 0));
}

/* --- from inside --------------------------------------------------------------------------------
 */

/* FALSE: the wire's rules are broken. */
static gboolean
take_frame (Gate *gate, guint8 kind, guint n, const guint8 *bytes, gsize len)
{
  Slot *slot = n < SG_PRINT_CHANNELS ? &gate->slots[n] : NULL;

  if (slot == NULL || (kind == SG_PRINT_DATA) != (len > 0))
    return FALSE;
  switch (kind)
    {
    case SG_PRINT_OPEN:
      if (slot->open || slot->channel != NULL)
        return FALSE;
      *slot = (Slot){ .channel = sg_print_channel_new (&gate->owner), .open = TRUE, .cups = -1 };
      return TRUE;
    case SG_PRINT_DATA:
      if (!slot->open)
        return FALSE;
      if (slot->channel != NULL)
        sg_print_channel_from_inside (slot->channel, bytes, len);
      return TRUE;
    case SG_PRINT_END:
      if (!slot->open)
        return FALSE;
      slot->open = FALSE;
      slot->gone = TRUE;
      if (slot->channel == NULL)
        return TRUE;
      /* nobody waits for an answer: CUPS sees a client that has gone */
      g_clear_pointer (&slot->channel, sg_print_channel_free);
      sg_fd_clear (&slot->cups);
      put_frame (gate, SG_PRINT_END, n, NULL, 0);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
take_frames (Gate *gate)
{
  gsize at = 0;

  while (gate->in->len - at >= SG_PRINT_HEADER)
    {
      const guint8 *h = gate->in->data + at;
      gsize len = (gsize)h[4] << 24 | (gsize)h[5] << 16 | (gsize)h[6] << 8 | h[7];

      if (h[1] != 0 || len > SG_PRINT_DATA_MOST)
        return FALSE;
      if (gate->in->len - at < SG_PRINT_HEADER + len)
        break;
      if (!take_frame (gate, h[0], (guint)h[2] << 8 | h[3], h + SG_PRINT_HEADER, len))
        return FALSE;
      at += SG_PRINT_HEADER + len;
    }
  g_byte_array_remove_range (gate->in, 0, (guint)at);
  return TRUE;
}

/* FALSE at its end, or when it breaks the rules. */
static gboolean
read_guest (Gate *gate)
{
  guint8 bytes[SG_PRINT_DATA_MOST];
  ssize_t n = recv (gate->guest, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n <= 0)
    return FALSE;
  g_byte_array_append (gate->in, bytes, (guint)n);
  return take_frames (gate);
}

static gboolean
write_guest (Gate *gate)
{
  ssize_t n = send (gate->guest, gate->out->data, gate->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);

  if (n > 0)
    g_byte_array_remove_range (gate->out, 0, (guint)n);
  return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* --- the loop -----------------------------------------------------------------------------------
 */

static gboolean
is_full (const Gate *gate)
{
  for (guint i = 0; i < SG_PRINT_CHANNELS; i++)
    if (gate->slots[i].channel != NULL
        && sg_print_channel_to_cups (gate->slots[i].channel)->len > BUFFER_MOST)
      return TRUE;
  return gate->out->len > BUFFER_MOST;
}

static void
fill (const Gate *gate, struct pollfd fds[1 + SG_PRINT_CHANNELS])
{
  fds[0] = (struct pollfd){ .fd = gate->guest,
                            .events = (short)((is_full (gate) ? 0 : POLLIN)
                                              | (gate->out->len > 0 ? POLLOUT : 0)) };
  for (guint i = 0; i < SG_PRINT_CHANNELS; i++)
    {
      const Slot *slot = &gate->slots[i];
      gboolean more = slot->channel != NULL && sg_print_channel_to_cups (slot->channel)->len > 0;

      fds[1 + i] = (struct pollfd){ .fd = slot->channel != NULL ? slot->cups : -1,
                                    .events = (short)((gate->out->len > BUFFER_MOST ? 0 : POLLIN)
                                                      | (more ? POLLOUT : 0)) };
    }
}

static gboolean
step (Gate *gate)
{
  struct pollfd fds[1 + SG_PRINT_CHANNELS];

  fill (gate, fds);
  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    return errno == EINTR;
  if ((fds[0].revents & POLLOUT) != 0 && !write_guest (gate))
    return FALSE;
  if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !read_guest (gate))
    return FALSE;
  for (guint i = 0; i < SG_PRINT_CHANNELS; i++)
    {
      Slot *slot = &gate->slots[i];

      if (slot->channel != NULL && slot->cups >= 0 && slot->cups == fds[1 + i].fd
          && (fds[1 + i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        read_cups (slot);
      pass_out (gate, slot);
      pass_in (gate, i);
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  Gate gate = { .guest = -1, .cups_path = CUPS_SOCKET };
  g_autofree char *user = NULL, *socket_path = NULL;
  const GOptionEntry entries[]
      = { { "guest-fd", 0, 0, G_OPTION_ARG_INT, &gate.guest, "The listener inside", "N" },
          { "user", 0, 0, G_OPTION_ARG_STRING, &user, "In whose name is printed", "NAME" },
          { "cups", 0, 0, G_OPTION_ARG_FILENAME, &socket_path, "For tests: another socket",
            "PATH" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || gate.guest < 0 || user == NULL)
    {
      sg_report_text ("%s", error != NULL ? error->message : "--guest-fd and --user are needed");
      return SG_EXIT_USAGE;
    }
  if (socket_path != NULL)
    gate.cups_path = socket_path;
  gate.owner = (SgPrintOwner){ .user = user, .jobs = g_array_new (FALSE, FALSE, sizeof (gint)) };
  gate.in = g_byte_array_new ();
  gate.out = g_byte_array_new ();
  if (!sg_printgate_confine (&error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  while (step (&gate))
    ;
  return SG_EXIT_OK;
}
