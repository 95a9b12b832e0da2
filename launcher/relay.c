/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-relay: stands between the guest's agent and everything else on the host.
 *
 *   guest's port (stream of frames)  <->  relay  <->  supervisor (checked messages)
 *                                           |
 *                                           +------  the descriptors of running commands
 *
 * It is the only process that parses bytes of the guest's agent, and has nothing but its
 * descriptors. One thread runs this loop and owns all state; each stream of a command has a thread
 * that blocks in read or write (relay-stream.c).  When the guest breaks a rule, or its port closes,
 * what has arrived is still written, the supervisor is told why, and the relay ends. */
#include "launcher/relay.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/relay-confine.h"
#include "launcher/relay-stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long output that has arrived may take to be written once the connection is over. */
#define FINISH_USEC (2 * G_USEC_PER_SEC)
#define STOPPING_POLL_MSEC 10

/* FALSE without an error: the guest's port was closed. */
static gboolean
receive_from_guest (SgRelay *relay, GError **error)
{
  SgFrameOutcome got;
  SgFrame frame;
  void *room;
  gsize len;
  gssize n;

  sg_frame_reader_space (relay->reader, &room, &len);
  n = recv (relay->agent_fd, room, len, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n <= 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The sandbox stopped");
      return FALSE;
    }
  sg_frame_reader_filled (relay->reader, (gsize)n);
  while ((got = sg_frame_reader_next (relay->reader, &frame, error)) == SG_FRAME_GOT)
    {
      gboolean fine = sg_relay_guest_frame (relay, &frame, error);
      sg_frame_clear (&frame);
      if (!fine)
        return FALSE;
    }
  return got != SG_FRAME_BAD;
}

static gboolean
send_to_guest (SgRelay *relay, GError **error)
{
  while (relay->out_done < relay->out->len)
    {
      gssize n = send (relay->agent_fd, relay->out->data + relay->out_done,
                       relay->out->len - relay->out_done, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n < 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The sandbox stopped");
          return FALSE;
        }
      relay->out_done += (gsize)n;
    }
  /* What was sent is dropped once it is most of the array, so that moving the rest stays cheap. */
  if (relay->out_done == relay->out->len)
    g_byte_array_set_size (relay->out, 0);
  else if (relay->out_done > relay->out->len / 2)
    g_byte_array_remove_range (relay->out, 0, (guint)relay->out_done);
  else
    return TRUE;
  relay->out_done = 0;
  return TRUE;
}

static void
forget_notices (SgRelay *relay)
{
  guint64 count;

  while (read (relay->notify_fd, &count, sizeof count) < 0 && errno == EINTR)
    ;
}

/* One turn: wait, then do what is possible.  FALSE with an error: the guest's connection is over;
 * FALSE without: the supervisor is gone. */
static gboolean
turn (SgRelay *relay, gboolean stopping, GError **error)
{
  gsize waiting = relay->out->len - relay->out_done;
  struct pollfd fds[] = {
    { .fd = relay->agent_fd,
      .events = (short)((relay->answers.length < SG_RELAY_ANSWERS_HIGH ? POLLIN : 0)
                        | (waiting > 0 ? POLLOUT : 0)) },
    { .fd = relay->control_fd,
      .events = (short)((waiting < SG_RELAY_OUT_HIGH ? POLLIN : 0)
                        | (relay->answers.length > 0 ? POLLOUT : 0)) },
    { .fd = relay->notify_fd, .events = POLLIN },
  };

  if (poll (fds, G_N_ELEMENTS (fds), stopping ? STOPPING_POLL_MSEC : -1) < 0 && errno != EINTR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "poll: %s", strerrordesc_np (errno));
      return FALSE;
    }
  if (fds[2].revents != 0)
    forget_notices (relay);
  if ((fds[1].revents & POLLIN) != 0 && !sg_relay_control_receive (relay, error))
    return FALSE;
  if ((fds[1].revents & (POLLHUP | POLLERR)) != 0 && (fds[1].revents & POLLIN) == 0)
    return FALSE;
  if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive_from_guest (relay, error))
    return FALSE;
  return TRUE;
}

static gboolean
run (SgRelay *relay, GError **error)
{
  gboolean stopping = FALSE;

  for (;;)
    {
      if (!turn (relay, stopping, error))
        return FALSE;
      stopping = sg_channels_pump (relay);
      if (!send_to_guest (relay, error))
        return FALSE;
      if (!sg_relay_control_flush (relay))
        return FALSE;
    }
}

/* Lets the clients have what has arrived, then says why it is over. */
static void
say_farewell (SgRelay *relay, const GError *why)
{
  gint64 deadline = g_get_monotonic_time () + FINISH_USEC;
  struct pollfd notify = { .fd = relay->notify_fd, .events = POLLIN };

  sg_channels_finish (relay);
  for (;;)
    {
      sg_channels_pump (relay);
      if (g_hash_table_size (relay->channels) == 0 || g_get_monotonic_time () > deadline)
        break;
      if (poll (&notify, 1, STOPPING_POLL_MSEC) > 0)
        forget_notices (relay);
    }
  sg_relay_control_answer (relay, SG_RELAY_BROKEN, g_variant_new ("(s)", why->message));
  while (relay->answers.length > 0 && g_get_monotonic_time () < deadline + FINISH_USEC)
    {
      struct pollfd control = { .fd = relay->control_fd, .events = POLLOUT };

      if (!sg_relay_control_flush (relay))
        break;
      if (relay->answers.length > 0)
        poll (&control, 1, STOPPING_POLL_MSEC);
    }
}

static gboolean
parse_arguments (int *argc, char ***argv, SgRelay *relay, GError **error)
{
  int agent_fd = -1, control_fd = -1;
  GOptionEntry entries[]
      = { { "agent-fd", 0, 0, G_OPTION_ARG_INT, &agent_fd, "The agent's port", "FD" },
          { "control-fd", 0, 0, G_OPTION_ARG_INT, &control_fd, "The supervisor", "FD" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("(started by a session)");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (agent_fd < 0 || control_fd < 0 || *argc != 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "sandglass-relay is started by a session, with --agent-fd and --control-fd");
      return FALSE;
    }
  relay->agent_fd = agent_fd;
  relay->control_fd = control_fd;
  return TRUE;
}

static gboolean
set_up (SgRelay *relay, GError **error)
{
  relay->notify_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (relay->notify_fd < 0)
    return sg_errno (error, "Cannot create an eventfd");
  relay->reader = sg_frame_reader_new ();
  relay->out = g_byte_array_new ();
  g_queue_init (&relay->answers);
  relay->calls = g_hash_table_new (NULL, NULL);
  relay->channels = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)sg_channel_free);
  sg_stream_init ();
  return sg_relay_confine (error);
}

int
main (int argc, char **argv)
{
  static SgRelay relay;
  g_autoptr (GError) error = NULL;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (!parse_arguments (&argc, &argv, &relay, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (!set_up (&relay, &error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  if (!run (&relay, &error) && error != NULL)
    say_farewell (&relay, error);
  /* Threads may still be blocked on a client that does not read: nothing to wait for. */
  _exit (error == NULL ? SG_EXIT_OK : SG_EXIT_FAILED);
}
