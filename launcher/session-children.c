/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-children.h"

#include "common/fd.h"
#include "launcher/share-filter.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The ends that children get; ours are taken at once. */
typedef struct
{
  int qmp, console;      /* QEMU's ends of what we hold the other end of */
  int base[2], agent[2]; /* between two children: QEMU's end first */
  int control, notices, filter, qemu_filter;
} Ends;

static void
ends_clear (Ends *ends)
{
  int *all[]
      = { &ends->qmp,      &ends->console, &ends->base[0], &ends->base[1], &ends->agent[0],
          &ends->agent[1], &ends->control, &ends->notices, &ends->filter,  &ends->qemu_filter };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    sg_fd_clear (all[i]);
}

static gboolean
make_ends (SgChildren *c, Ends *ends, const SgChildrenFuncs *funcs, GError **error)
{
  int qmp, console, control[2], notices[2];

  if (!sg_socketpair (&qmp, &ends->qmp, error))
    return FALSE;
  c->qmp = sg_qmp_new (qmp);
  if (!sg_socketpair (&console, &ends->console, error))
    return FALSE;
  c->console = sg_console_new (console);
  if (!sg_socketpair (&ends->base[0], &ends->base[1], error)
      || !sg_socketpair (&ends->agent[0], &ends->agent[1], error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  c->agent = sg_agent_new (control[0]);
  ends->control = control[1];
  /* O_DIRECT: one notice a packet. */
  if (pipe2 (notices, O_CLOEXEC | O_DIRECT) < 0)
    return sg_errno (error, "Cannot create a pipe");
  c->notices = sg_file_notices_new (notices[0], funcs->notice, funcs->notice_data);
  ends->notices = notices[1];
  ends->filter = sg_confine_filter (error);
  ends->qemu_filter = ends->filter >= 0 ? sg_share_filter (error) : -1;
  return ends->qemu_filter >= 0;
}

/* Takes ARGV. */
static gboolean
spawn (SgChildren *c, const SgChildrenFuncs *funcs, int which, SgSpawn *settings, char **argv,
       GError **error)
{
  g_auto (GStrv) owned = argv;
  int said[2];

  if (pipe2 (said, O_CLOEXEC) < 0)
    return sg_errno (error, "Cannot create a pipe");
  c->said[which] = sg_console_new (said[0]);
  settings->argv = (const char *const *)argv;
  settings->err = said[1];
  c->children[which] = sg_spawn (settings, funcs->ended, funcs->data, error);
  close (said[1]);
  return c->children[which] != NULL;
}

/* FDS: the agent's port, the supervisor. */
static SgSpawn
relay_spawn (const SgPlan *plan, const int fds[2])
{
  return (SgSpawn){ .name = "The relay",
                    .in = -1,
                    .out = -1,
                    .fds = fds,
                    .n_fds = 2,
                    .files = plan->confine_relay->files };
}

static gboolean
spawn_all (SgChildren *c, const Ends *ends, const SgPlan *plan, const char *id,
           const SgChildrenFuncs *funcs, GError **error)
{
  int qemu_fds[] = { ends->qmp, ends->base[0], ends->agent[0], ends->console, ends->qemu_filter };
  int nbdkit_fds[] = { ends->notices, ends->filter };
  int relay_fds[] = { ends->agent[1], ends->control };
  SgSpawn qemu = { .name = "QEMU",
                   .in = -1,
                   .out = -1,
                   .fds = qemu_fds,
                   .n_fds = G_N_ELEMENTS (qemu_fds),
                   .files = plan->confine_qemu->files };
  SgSpawn nbdkit = { .name = "nbdkit",
                     .in = ends->base[1],
                     .out = ends->base[1],
                     .fds = nbdkit_fds,
                     .n_fds = 2,
                     .files = plan->confine_nbdkit->files };
  SgSpawn relay = relay_spawn (plan, relay_fds);

  return spawn (c, funcs, SG_CHILD_QEMU, &qemu, sg_plan_qemu (plan, id), error)
         && spawn (c, funcs, SG_CHILD_NBDKIT, &nbdkit, sg_plan_nbdkit (plan), error)
         && spawn (c, funcs, SG_CHILD_RELAY, &relay, sg_plan_relay (plan), error);
}

gboolean
sg_children_start (SgChildren *c, const SgPlan *plan, const char *id, const SgChildrenFuncs *funcs,
                   GError **error)
{
  Ends ends = { -1, -1, { -1, -1 }, { -1, -1 }, -1, -1, -1, -1 };
  gboolean ok = make_ends (c, &ends, funcs, error) && spawn_all (c, &ends, plan, id, funcs, error);

  ends_clear (&ends);
  return ok;
}

gboolean
sg_children_start_relay (SgChildren *c, const SgPlan *plan, int port, const SgChildrenFuncs *funcs,
                         GError **error)
{
  sg_fd int ours = -1, theirs = -1;
  int control[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  ours = control[0];
  theirs = control[1];
  int fds[] = { port, theirs };
  SgSpawn relay = relay_spawn (plan, fds);

  g_clear_pointer (&c->children[SG_CHILD_RELAY], sg_child_free);
  g_clear_pointer (&c->said[SG_CHILD_RELAY], sg_console_free);
  if (!spawn (c, funcs, SG_CHILD_RELAY, &relay, sg_plan_relay (plan), error))
    return FALSE;
  sg_agent_reconnect (c->agent, sg_fd_steal (&ours));
  return TRUE;
}

void
sg_children_kill (SgChildren *c)
{
  for (int i = 0; i < SG_N_CHILDREN; i++)
    sg_child_kill (c->children[i]);
}

void
sg_children_clear (SgChildren *c)
{
  g_clear_object (&c->qmp);
  g_clear_object (&c->agent);
  for (int i = 0; i < SG_N_CHILDREN; i++)
    {
      g_clear_pointer (&c->children[i], sg_child_free);
      g_clear_pointer (&c->said[i], sg_console_free);
    }
  g_clear_pointer (&c->console, sg_console_free);
  g_clear_pointer (&c->notices, sg_file_notices_free);
}
