/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever connects is of the same user (the directory is 0700, and it is checked); still, what
 * comes is bounded, and one that says nothing holds nobody up. */
#include "launcher/standby-door.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MOST 4096
#define MOST_CLIENTS 16

struct SgStandbyDoor
{
  int fd, dir;
  guint watch;
  GHashTable *clients; /* descriptor -> its source id */
  SgStandbyRequested requested;
  gpointer data;
  gboolean taken; /* no further request is looked at */
};

static void
forget (SgStandbyDoor *door, int client)
{
  g_hash_table_remove (door->clients, GINT_TO_POINTER (client));
  close (client);
}

/* One packet: its length or -1; *ret_passed the descriptor that came along, or -1. */
static gssize
receive (int client, char *packet, int *ret_passed)
{
  char space[CMSG_SPACE (4 * sizeof (int))];
  struct iovec part = { packet, REQUEST_MOST };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
  gssize n = recvmsg (client, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

  *ret_passed = -1;
  for (struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR (&message) : NULL; c != NULL;
       c = CMSG_NXTHDR (&message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      for (gsize i = 0; i < (c->cmsg_len - CMSG_LEN (0)) / sizeof (int); i++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (c) + i * sizeof fd, sizeof fd);
          sg_fd_clear (ret_passed);
          *ret_passed = fd;
        }
  return message.msg_flags & MSG_TRUNC ? -1 : n;
}

static gboolean
on_request (int client, GIOCondition condition, gpointer data)
{
  SgStandbyDoor *door = data;
  g_autofree char *packet = g_malloc (REQUEST_MOST);
  g_autoptr (GVariant) request = NULL;
  sg_fd int passed = -1;
  gssize n = receive (client, packet, &passed);
  SgStandbyAnswer answer = SG_STANDBY_NO;
  char c;

  if (n > 0 && !door->taken)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (packet, (gsize)n);

      request
          = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
      if (g_variant_is_normal_form (request))
        answer = door->requested (request, passed, door->data);
    }
  if (answer != SG_STANDBY_NO)
    sg_fd_steal (&passed);
  door->taken |= answer == SG_STANDBY_TAKEN || answer == SG_STANDBY_TAKEN_WITH_WINDOW;
  c = (char)answer;
  if (send (client, &c, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    g_debug ("the client is gone");
  forget (door, client);
  return G_SOURCE_REMOVE;
}

static gboolean
on_client (int fd, GIOCondition condition, gpointer data)
{
  SgStandbyDoor *door = data;
  sg_fd int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  struct ucred peer;
  socklen_t length = sizeof peer;
  guint watch;

  if (client < 0 || g_hash_table_size (door->clients) >= MOST_CLIENTS
      || getsockopt (client, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != geteuid ())
    return G_SOURCE_CONTINUE;
  watch = g_unix_fd_add (client, G_IO_IN, on_request, door);
  g_hash_table_insert (door->clients, GINT_TO_POINTER (client), GUINT_TO_POINTER (watch));
  sg_fd_steal (&client);
  return G_SOURCE_CONTINUE;
}

SgStandbyDoor *
sg_standby_door_open (SgHome *home, SgStandbyRequested requested, gpointer data, GError **error)
{
  sg_fd int dir = sg_open_at (AT_FDCWD, sg_home_path (home), O_PATH | O_DIRECTORY, 0, error);
  sg_fd int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  SgStandbyDoor *door;

  if (dir < 0)
    return NULL;
  g_snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" SG_STANDBY_SOCKET,
              dir);
  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) < 0
      || listen (fd, MOST_CLIENTS) < 0)
    {
      sg_errno (error, "The socket of a waiting sandbox cannot be made");
      return NULL;
    }
  door = g_new0 (SgStandbyDoor, 1);
  door->requested = requested;
  door->data = data;
  door->clients = g_hash_table_new (NULL, NULL);
  door->watch = g_unix_fd_add (fd, G_IO_IN, on_client, door);
  door->fd = sg_fd_steal (&fd);
  door->dir = sg_fd_steal (&dir);
  return door;
}

void
sg_standby_door_close (SgStandbyDoor *door)
{
  GHashTableIter iter;
  gpointer client, watch;

  if (door == NULL)
    return;
  unlinkat (door->dir, SG_STANDBY_SOCKET, 0);
  g_source_remove (door->watch);
  g_hash_table_iter_init (&iter, door->clients);
  while (g_hash_table_iter_next (&iter, &client, &watch))
    {
      g_source_remove (GPOINTER_TO_UINT (watch));
      close (GPOINTER_TO_INT (client));
    }
  g_hash_table_unref (door->clients);
  sg_fd_clear (&door->fd);
  sg_fd_clear (&door->dir);
  g_free (door);
}
