/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ui/ui-session.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/standby.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One packet with one descriptor, of who keeps to the rules. */
static GVariant *
receive_request (int client, int *ret_fd)
{
  char *packet = g_malloc0 (4096), space[CMSG_SPACE (sizeof (int))];
  struct iovec part = { packet, 4096 };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
  gssize n = recvmsg (client, &message, MSG_CMSG_CLOEXEC);

  *ret_fd = -1;
  if (n > 0 && CMSG_FIRSTHDR (&message) != NULL)
    memcpy (ret_fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof *ret_fd);
  return g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_VARDICT, packet,
                                                      (gsize)MAX (n, 0), FALSE, g_free, packet));
}

static void
end_window (void)
{
  if (fake.window != NULL)
    g_dbus_connection_close_sync (fake.window, NULL, NULL);
}

static char
take (const char *window, const char *word)
{
  gboolean kept = g_strcmp0 (window, word) == 0 && !fake_is ("others");

  fake_note (kept ? "taken with its window" : "taken");
  if (!kept)
    end_window ();
  fake_listen ();
  g_timeout_add (700, fake_desktop_is_there, NULL);
  return kept ? SG_STANDBY_TAKEN_WITH_WINDOW : SG_STANDBY_TAKEN;
}

static gboolean
on_standby (int fd, GIOCondition condition, gpointer data)
{
  static char *word;
  sg_fd int client = accept (fd, NULL, NULL);
  int passed;
  g_autoptr (GVariant) request = receive_request (client, &passed);
  g_autofree char *join = NULL, *window = NULL;
  g_autofree char *path = g_build_filename (fake.directory, SG_STANDBY_SOCKET, NULL);
  char answer = SG_STANDBY_NO;

  g_variant_lookup (request, "join", "s", &join);
  g_variant_lookup (request, "window", "s", &window);
  if (passed >= 0 && join != NULL)
    {
      fake_note ("joined");
      word = g_steal_pointer (&join);
      answer = SG_STANDBY_JOINED;
    }
  else if (passed >= 0)
    {
      g_unlink (path);
      answer = take (window, word);
    }
  /* Who asked speaks only once it is answered, and to serve waits for that. */
  if (send (client, &answer, 1, MSG_NOSIGNAL) == 1 && answer != SG_STANDBY_NO)
    fake_serve_fd (passed, answer != SG_STANDBY_JOINED);
  return answer == SG_STANDBY_NO || answer == SG_STANDBY_JOINED;
}

/* The test is over. */
static gboolean
is_left (gpointer data)
{
  if (g_file_test (fake.directory, G_FILE_TEST_IS_DIR))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (fake.loop);
  return G_SOURCE_REMOVE;
}

void
fake_wait (void)
{
  int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *runtime = sg_paths_runtime (NULL);
  g_autofree char *path = g_build_filename (runtime, fake.id, SG_STANDBY_SOCKET, NULL);

  fake.directory = g_path_get_dirname (path);
  fake.state = "booting";
  g_mkdir (fake.directory, 0700);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0 || listen (fd, 8) < 0)
    abort ();
  g_unix_fd_add (fd, G_IO_IN, on_standby, NULL);
  g_timeout_add_seconds (1, is_left, NULL);
}
