/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/loop.h"

#include "common/fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK (1 * G_USEC_PER_SEC)
#define NEWS_PER_SECOND 20
#define ANSWERS_PER_TURN 64
#define WINDOW_MIN (128 * 1024)

/* --- life
 * ------------------------------------------------------------------------------------------ */

static void
set_time (SgLoop *loop)
{
  loop->realtime = g_get_real_time ();
  sg_gate_set_time (loop->gate, g_get_monotonic_time (), loop->realtime);
}

/* What passt can have said without being heard: its socket has the buffer that the guest's has.  An
 * eighth is the kernel's own.  (Asked for at the start: once confined, nothing more is asked.) */
static guint32
room_of (int guest_fd)
{
  int size = 0;
  socklen_t len = sizeof size;

  if (getsockopt (guest_fd, SOL_SOCKET, SO_SNDBUF, &size, &len) < 0)
    return 0;
  return MAX ((guint32)size / 8 * 7, WINDOW_MIN);
}

void
sg_loop_init (SgLoop *loop, const guint8 guest_mac[6], int guest_fd, int control_fd, SgWatch *watch,
              SgRoutes *routes)
{
  guint8 random[16];

  memset (loop, 0, sizeof *loop);
  while (getrandom (random, sizeof random, 0) != sizeof random)
    ;
  loop->guest_fd = guest_fd;
  loop->control_fd = control_fd;
  loop->passt_fd = -1;
  loop->watch = watch;
  loop->gate = sg_gate_new (guest_mac, SG_GATE_FLOWS_MAX, random, &sg_loop_hooks, loop);
  sg_gate_set_window (loop->gate, room_of (guest_fd));
  loop->out = sg_pipe_new (sg_loop_judge_out, loop);
  loop->in = sg_pipe_new (sg_loop_judge_in, loop);
  sg_pipe_set_enough (loop->out, sg_loop_enough_out);
  sg_pipe_set_enough (loop->in, sg_loop_enough_in);
  sg_pipe_set_from (loop->out, guest_fd);
  sg_pipe_set_to (loop->in, guest_fd);
  g_queue_init (&loop->answers);
  sg_limit_set (&loop->news, NEWS_PER_SECOND, NEWS_PER_SECOND * 2);
  set_time (loop);
  sg_gate_set_routes (loop->gate, routes);
}

void
sg_loop_clear (SgLoop *loop)
{
  sg_loop_control_clear (loop);
  sg_loop_use_pcap (loop, NULL);
  sg_pipe_free (loop->out);
  sg_pipe_free (loop->in);
  sg_gate_free (loop->gate);
  if (loop->watch != NULL)
    sg_watch_free (loop->watch);
  sg_loop_use_resolver (loop, -1, 0);
  sg_fd_clear (&loop->guest_fd);
  sg_fd_clear (&loop->control_fd);
  sg_fd_clear (&loop->passt_fd);
}

void
sg_loop_use_passt (SgLoop *loop, int fd, gboolean switched)
{
  loop->switched = switched;
  sg_fd_clear (&loop->passt_fd);
  loop->passt_fd = fd;
  sg_pipe_set_to (loop->out, fd);
  /* What the old passt said is over, and so are the connections it knew. */
  sg_pipe_set_from (loop->in, fd);
  sg_gate_end_flows (loop->gate);
}

void
sg_loop_use_rules (SgLoop *loop, SgGateRules *rules)
{
  sg_pipe_revoke (loop->out);
  sg_pipe_revoke (loop->in);
  sg_gate_set_rules (loop->gate, rules);
}

void
sg_loop_use_pcap (SgLoop *loop, SgPcap *pcap)
{
  if (loop->pcap != NULL)
    sg_pcap_free (loop->pcap);
  loop->pcap = pcap;
}

void
sg_loop_use_resolver (SgLoop *loop, int fd, guint32 rank)
{
  if (fd >= 0 && loop->n_resolvers < SG_RESOLVER_MAX)
    {
      loop->resolvers[loop->n_resolvers].fd = fd;
      loop->resolvers[loop->n_resolvers++].rank = rank;
      return;
    }
  sg_fd_clear (&fd);
  for (guint i = 0; i < loop->n_resolvers; i++)
    sg_fd_clear (&loop->resolvers[i].fd);
  loop->n_resolvers = 0;
  loop->rank = 0;
  loop->first_unheard = 0;
}

static void
lose_passt (SgLoop *loop)
{
  sg_loop_use_passt (loop, -1, FALSE);
  sg_loop_tell (loop, SG_GATE_LOST, g_variant_new ("(s)", "passt"));
}

/* --- one turn
 * -------------------------------------------------------------------------------------- */

enum
{
  GUEST,
  CONTROL,
  PASST,
  ROUTES,
  RESOLVERS,
  N_FDS = RESOLVERS + SG_RESOLVER_MAX
};

static void
read_answers (SgLoop *loop, int fd)
{
  guint8 message[SG_DNS_ANSWER_MAX];

  for (int i = 0; i < ANSWERS_PER_TURN; i++)
    {
      gssize n = recv (fd, message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);

      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0 || (gsize)n > sizeof message)
        continue;
      loop->first_unheard = 0;
      sg_gate_answer (loop->gate, message, (gsize)n);
    }
}

static void
tell_network (SgLoop *loop, const SgRoutes *routes)
{
  sg_loop_tell (loop, SG_GATE_NETWORK,
                g_variant_new ("(sbb)", sg_routes_vpn (routes),
                               sg_routes_has_default (routes, TRUE),
                               sg_routes_has_default (routes, FALSE)));
}

static void
read_routes (SgLoop *loop)
{
  g_autoptr (GError) error = NULL;
  SgRoutes *routes = NULL;

  if (!sg_watch_read (loop->watch, &routes, &error))
    {
      g_clear_pointer (&loop->watch, sg_watch_free);
      sg_gate_set_routes (loop->gate, sg_routes_new ());
      sg_loop_tell (loop, SG_GATE_LOST, g_variant_new ("(s)", "routes"));
      return;
    }
  if (routes == NULL)
    return;
  if (sg_routes_equal (routes, sg_gate_routes (loop->gate)))
    {
      sg_routes_free (routes);
      return;
    }
  tell_network (loop, routes);
  sg_gate_set_routes (loop->gate, routes);
}

/* FALSE: the guest's side is over; *ERROR is set where it broke the framing. */
static gboolean
pump (SgLoop *loop, SgPipe *pipe, GError **error)
{
  gboolean broken = FALSE, is_out = pipe == loop->out;
  SgPipeState state = sg_pipe_pump (pipe, &broken);

  if (state == SG_PIPE_FINE)
    return TRUE;
  if ((state == SG_PIPE_FROM_GONE) != is_out)
    {
      lose_passt (loop);
      return TRUE;
    }
  if (broken)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "The machine sent something that is no stream of packets");
  return FALSE;
}

static gboolean
move_frames (SgLoop *loop, gboolean out, gboolean in, GError **error)
{
  if ((out && !pump (loop, loop->out, error)) || (in && !pump (loop, loop->in, error)))
    return FALSE;
  /* What judging one direction has put into the other's queue. */
  if (sg_pipe_flush (loop->out) == SG_PIPE_TO_GONE)
    lose_passt (loop);
  return sg_pipe_flush (loop->in) != SG_PIPE_TO_GONE;
}

static void
flush_pcap (SgLoop *loop)
{
  if (loop->pcap == NULL || sg_pcap_flush (loop->pcap))
    return;
  sg_loop_use_pcap (loop, NULL);
  sg_loop_tell (loop, SG_GATE_LOST, g_variant_new ("(s)", "pcap"));
}

static void
tick (SgLoop *loop)
{
  gint64 now = g_get_monotonic_time ();

  if (now < loop->next_tick)
    return;
  loop->next_tick = now + TICK;
  sg_gate_tick (loop->gate);
  flush_pcap (loop);
}

static short
events (gboolean in, gboolean out)
{
  return (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

/* Whoever records may end the session at any moment: what was seen is in the file before the gate
 * sleeps. */
static int
wait_for (SgLoop *loop, struct pollfd *fds, int timeout_ms)
{
  if (loop->pcap != NULL && sg_pcap_pending (loop->pcap) > 0)
    {
      int ready = poll (fds, N_FDS, 0);

      if (ready != 0)
        return ready;
      flush_pcap (loop);
    }
  return poll (fds, N_FDS, timeout_ms);
}

/* FALSE without an error: it is over. */
static gboolean
turn (SgLoop *loop, GError **error)
{
  gboolean busy = sg_gate_flow_count (loop->gate) > 0 || loop->pcap != NULL, out, in;
  struct pollfd fds[N_FDS] = {
    [GUEST]
    = { loop->guest_fd, events (sg_pipe_wants_in (loop->out), sg_pipe_wants_out (loop->in)), 0 },
    [CONTROL] = { loop->control_fd, events (TRUE, sg_loop_control_wants_out (loop)), 0 },
    [PASST]
    = { loop->passt_fd, events (sg_pipe_wants_in (loop->in), sg_pipe_wants_out (loop->out)), 0 },
    [ROUTES] = { loop->watch != NULL ? sg_watch_fd (loop->watch) : -1, POLLIN, 0 },
  };

  for (guint i = 0; i < SG_RESOLVER_MAX; i++)
    fds[RESOLVERS + i]
        = (struct pollfd){ i < loop->n_resolvers ? loop->resolvers[i].fd : -1, POLLIN, 0 };

  if (wait_for (loop, fds, busy ? (int)(TICK / 1000) : -1) < 0 && errno != EINTR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "poll: %s", strerrordesc_np (errno));
      return FALSE;
    }
  set_time (loop);
  tick (loop);
  /* Rules first: they hold from the next packet on. */
  if (fds[CONTROL].revents != 0 && !sg_loop_control_receive (loop, error))
    return FALSE;
  if (fds[ROUTES].revents != 0)
    read_routes (loop);
  for (guint i = 0; i < loop->n_resolvers; i++)
    if (fds[RESOLVERS + i].fd == loop->resolvers[i].fd && fds[RESOLVERS + i].revents != 0)
      read_answers (loop, loop->resolvers[i].fd);
  /* A direction in which nothing has come or gone is left alone; other rules are for both. */
  out = ((fds[GUEST].revents & ~POLLOUT) | (fds[PASST].revents & POLLOUT) | fds[CONTROL].revents)
        != 0;
  in = ((fds[PASST].revents & ~POLLOUT) | (fds[GUEST].revents & POLLOUT) | fds[CONTROL].revents)
       != 0;
  return move_frames (loop, out, in, error) && sg_loop_control_flush (loop);
}

gboolean
sg_loop_run (SgLoop *loop, GError **error)
{
  g_autoptr (GError) local = NULL;

  sg_loop_tell (loop, SG_GATE_READY, g_variant_new ("()"));
  tell_network (loop, sg_gate_routes (loop->gate));
  if (sg_loop_control_flush (loop))
    while (turn (loop, &local))
      ;
  /* What the guest had sent by then belongs to a recording. */
  if (local == NULL && loop->pcap != NULL)
    move_frames (loop, TRUE, TRUE, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
