/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-network-private.h"

#include "common/fd.h"
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/control.h"
#include "launcher/netgate/switch-hello.h"
#include "launcher/session-leftovers.h"
#include "launcher/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "switch"
#define WAITING_MOST 16
#define RETRY_MSEC 50
/* How long the switch has to be missing before that is said. */
#define TRIES 100
#define ANSWER_MSEC 3000

struct SgPrivate
{
  const SgPlan *plan;
  const char *home;
  const SgPrivateFuncs *funcs;
  gpointer data;
  guint8 mac[6];
  guint16 number; /* 0: none yet */
  char *address, *address6;

  guint retry, tries;
  int stream; /* that an answer is waited for on; -1 */
  guint answer, deadline;

  /* The switch, where it is ours. */
  int listener, control;
  guint accept;
  SgChild *child;
};

static gboolean look (gpointer data);

/* --- being the switch ---------------------------------------------------------------------------
 */

static void
stop_listening (SgPrivate *member)
{
  g_autofree char *path = g_build_filename (member->home, SOCKET, NULL);

  if (member->listener < 0)
    return;
  unlink (path);
  g_clear_handle_id (&member->accept, g_source_remove);
  sg_fd_clear (&member->listener);
  sg_fd_clear (&member->control);
}

static void
switch_ended (SgChild *child, int status, gpointer data)
{
  SgPrivate *member = data;

  g_clear_pointer (&member->child, sg_child_free);
  stop_listening (member);
}

static gboolean
is_ours (int fd)
{
  struct ucred who;
  socklen_t len = sizeof who;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid ();
}

static gboolean
on_listener (int fd, GIOCondition condition, gpointer data)
{
  SgPrivate *member = data;
  sg_fd int stream = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  /* A switch that does not take it: who asks hears that its stream has ended. */
  if (stream >= 0 && is_ours (stream))
    sg_gate_send (member->control, SG_GATE_PORT, g_variant_new ("()"), stream, NULL);
  return G_SOURCE_CONTINUE;
}

/* By its directory's descriptor, for a path may be longer than a socket's address. */
static gboolean
name_socket (int dir, struct sockaddr_un *address)
{
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  return g_snprintf (address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/" SOCKET, dir)
         < (int)sizeof address->sun_path;
}

static gboolean
start_switch (SgPrivate *member, GError **error)
{
  g_auto (GStrv) argv = sg_plan_switch (member->plan);
  SgSpawn settings = { .name = "The switch between sandboxes",
                       .argv = (const char *const *)argv,
                       .in = -1,
                       .out = -1,
                       .err = -1,
                       .n_fds = 1,
                       .files = member->plan->confine_netgate->files };
  int control[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  settings.fds = &control[1];
  member->control = control[0];
  member->child = sg_spawn (&settings, switch_ended, member, error);
  close (control[1]);
  return member->child != NULL;
}

/* The lock on all sessions' directory is held. */
static gboolean
become_switch (SgPrivate *member, GError **error)
{
  sg_fd int dir = open (member->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  sg_fd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address;

  if (dir < 0 || fd < 0 || !name_socket (dir, &address))
    return sg_errno (error, "Cannot listen for sandboxes");
  unlinkat (dir, SOCKET, 0);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0 || listen (fd, WAITING_MOST) < 0)
    return sg_errno (error, "Cannot listen for sandboxes");
  if (!start_switch (member, error))
    {
      unlinkat (dir, SOCKET, 0);
      sg_fd_clear (&member->control);
      return FALSE;
    }
  member->listener = sg_fd_steal (&fd);
  member->accept = g_unix_fd_add (member->listener, G_IO_IN, on_listener, member);
  return TRUE;
}

/* --- having a port ------------------------------------------------------------------------------
 */

static void
forget_stream (SgPrivate *member)
{
  g_clear_handle_id (&member->answer, g_source_remove);
  g_clear_handle_id (&member->deadline, g_source_remove);
  sg_fd_clear (&member->stream);
}

static void
try_again (SgPrivate *member, const char *why)
{
  forget_stream (member);
  if (++member->tries < TRIES)
    member->retry = g_timeout_add (RETRY_MSEC, look, member);
  else
    member->funcs->failed (why, member->data);
}

static guint16
number_at (const guint8 *bytes)
{
  return (guint16)(bytes[0] << 8 | bytes[1]);
}

static gboolean
on_answer (int fd, GIOCondition condition, gpointer data)
{
  SgPrivate *member = data;
  guint8 answer[SG_SWITCH_ANSWER_LEN];
  gssize n = recv (fd, answer, sizeof answer, MSG_DONTWAIT);
  sg_fd int stream = -1;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  member->answer = 0;
  if (n == sizeof answer && number_at (answer) >= SG_PRIVATE_FIRST
      && number_at (answer) <= SG_PRIVATE_LAST)
    {
      member->number = number_at (answer);
      g_free (member->address);
      member->address = g_strdup_printf ("198.18.0.%u", member->number);
      g_free (member->address6);
      member->address6 = g_strdup_printf (SG_PRIVATE_ADDRESS6, member->number);
      stream = sg_fd_steal (&member->stream);
      forget_stream (member);
      member->funcs->joined (stream, member->address, member->data);
      return G_SOURCE_REMOVE;
    }
  if (n == sizeof answer && number_at (answer + 2) == SG_SWITCH_FULL)
    member->tries = TRIES; /* no use in trying */
  try_again (member, n == sizeof answer ? "there are too many sandboxes in it"
                                        : "the switch between them does not answer");
  return G_SOURCE_REMOVE;
}

static gboolean
no_answer (gpointer data)
{
  SgPrivate *member = data;

  member->deadline = 0;
  try_again (member, "the switch between them does not answer");
  return G_SOURCE_REMOVE;
}

/* Takes STREAM over. */
static void
greet (SgPrivate *member, int stream)
{
  g_autofree char *id = g_path_get_basename (member->home);
  guint8 hello[SG_SWITCH_HELLO_LEN] = { 0 };

  member->stream = stream;
  memcpy (hello, SG_SWITCH_HELLO, 8);
  memcpy (hello + 8, member->mac, 6);
  hello[14] = (guint8)(member->number >> 8);
  hello[15] = (guint8)member->number;
  memcpy (hello + 16, id, MIN (strlen (id), SG_SWITCH_ID_LEN));
  if (send (stream, hello, sizeof hello, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof hello)
    {
      try_again (member, "the switch between them does not answer");
      return;
    }
  member->answer = g_unix_fd_add (stream, G_IO_IN | G_IO_HUP | G_IO_ERR, on_answer, member);
  member->deadline = g_timeout_add (ANSWER_MSEC, no_answer, member);
}

/* A stream to the switch of the session ID, -1: it has none. */
static int
connect_to (int parent, const char *id)
{
  sg_fd int dir = openat (parent, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  sg_fd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address;

  if (dir < 0 || fd < 0 || !name_socket (dir, &address)
      || connect (fd, (struct sockaddr *)&address, sizeof address) < 0 || !is_ours (fd))
    return -1;
  return sg_fd_steal (&fd);
}

/* The first session's that has a switch. */
static int
find_switch (int parent, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  int stream = -1;

  while (dir != NULL && stream < 0 && (name = g_dir_read_name (dir)) != NULL)
    if (sg_leftovers_is_id (name))
      stream = connect_to (parent, name);
  return stream;
}

static gboolean
look (gpointer data)
{
  SgPrivate *member = data;
  g_autofree char *path = g_path_get_dirname (member->home);
  sg_fd int parent = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;
  int stream;

  member->retry = 0;
  if (parent < 0 || flock (parent, LOCK_EX | LOCK_NB) < 0)
    {
      try_again (member, "its directory is in use");
      return G_SOURCE_REMOVE;
    }
  stream = find_switch (parent, path);
  if (stream < 0 && become_switch (member, &error))
    stream = find_switch (parent, path);
  if (stream >= 0)
    greet (member, stream);
  else
    try_again (member, error != NULL ? error->message : "there is no switch between them");
  return G_SOURCE_REMOVE;
}

void
sg_private_join (SgPrivate *member)
{
  forget_stream (member);
  member->tries = 0;
  if (member->retry == 0)
    member->retry = g_idle_add (look, member);
}

void
sg_private_leave (SgPrivate *member)
{
  g_clear_handle_id (&member->retry, g_source_remove);
  forget_stream (member);
}

/* --- life ---------------------------------------------------------------------------------------
 */

SgPrivate *
sg_private_new (const SgPlan *plan, const char *home, const char *mac, const SgPrivateFuncs *funcs,
                gpointer data)
{
  SgPrivate *member = g_new0 (SgPrivate, 1);

  member->plan = plan;
  member->home = home;
  member->funcs = funcs;
  member->data = data;
  member->stream = member->listener = member->control = -1;
  sg_mac_parse (mac, member->mac);
  return member;
}

void
sg_private_free (SgPrivate *member)
{
  if (member == NULL)
    return;
  sg_private_leave (member);
  stop_listening (member);
  if (member->child != NULL)
    sg_child_kill (member->child);
  g_clear_pointer (&member->child, sg_child_free);
  g_free (member->address);
  g_free (member->address6);
  g_free (member);
}

const char *
sg_private_address (const SgPrivate *member)
{
  return member->address;
}

const char *
sg_private_address6 (const SgPrivate *member)
{
  return member->address6;
}
