/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/relay-kit.h"

#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MSEC 5000

char *
relay_kit_program (const char *name)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);
  g_autofree char *up = g_path_get_dirname (dir);

  return g_build_filename (up, name, NULL);
}

void
relay_kit_start (RelayKit *kit)
{
  g_autofree char *program = relay_kit_program ("sandglass-relay");
  int agent[2], control[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM, 0, agent), 0);
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
  kit->pid = fork ();
  ck_assert_int_ge (kit->pid, 0);
  if (kit->pid == 0)
    {
      char agent_fd[16], control_fd[16];

      close (agent[0]);
      close (control[0]);
      g_snprintf (agent_fd, sizeof agent_fd, "%d", agent[1]);
      g_snprintf (control_fd, sizeof control_fd, "%d", control[1]);
      execl (program, program, "--agent-fd", agent_fd, "--control-fd", control_fd, NULL);
      _exit (127);
    }
  close (agent[1]);
  close (control[1]);
  kit->guest = agent[0];
  kit->supervisor = control[0];
}

int
relay_kit_stop (RelayKit *kit)
{
  int status = 0;

  /* The guest stays until then: a relay that still writes to it would end with "The sandbox stopped". */
  sg_fd_clear (&kit->supervisor);
  for (int i = 0; i < PATIENCE_MSEC / 10; i++)
    {
      if (waitpid (kit->pid, &status, WNOHANG) == kit->pid)
        {
          sg_fd_clear (&kit->guest);
          return status;
        }
      g_usleep (10000);
    }
  kill (kit->pid, SIGKILL);
  waitpid (kit->pid, &status, 0);
  ck_abort_msg ("the relay did not end by itself");
  return status;
}

static gboolean
wait_for (int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };

  return poll (&p, 1, PATIENCE_MSEC) == 1;
}

void
guest_send (RelayKit *kit, SgFrameType type, guint32 channel, const void *data, gsize len)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  sg_frame_append (bytes, type, channel, data, len);
  /* A relay that has broken off does not read: not this function's business. */
  if (send (kit->guest, bytes->data, bytes->len, MSG_NOSIGNAL) != (gssize)bytes->len)
    ck_assert (errno == EPIPE || errno == ECONNRESET);
}

void
guest_send_value (RelayKit *kit, SgFrameType type, guint32 channel, GVariant *body)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (body);

  guest_send (kit, type, channel, g_variant_get_data (value), g_variant_get_size (value));
}

static gboolean
receive_all (int fd, void *into, gsize len)
{
  for (gsize done = 0; done < len;)
    {
      gssize n = wait_for (fd) ? read (fd, (char *)into + done, len - done) : -1;
      if (n <= 0)
        return FALSE;
      done += (gsize)n;
    }
  return TRUE;
}

gboolean
guest_receive (RelayKit *kit, SgFrameHeader *ret_header, char **ret_data)
{
  guint8 packed[SG_FRAME_HEADER];
  g_autofree char *data = NULL;

  if (!receive_all (kit->guest, packed, sizeof packed))
    return FALSE;
  ck_assert (sg_frame_unpack (packed, ret_header));
  data = g_malloc0 (ret_header->length + 1);
  ck_assert (receive_all (kit->guest, data, ret_header->length));
  *ret_data = g_steal_pointer (&data);
  return TRUE;
}

void
supervisor_send (RelayKit *kit, SgRelayKind kind, GVariant *body, const int *fds, int n_fds)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (body);
  guint32 number = kind;
  char ancillary[CMSG_SPACE (3 * sizeof (int))] = { 0 };
  struct iovec iov[] = { { &number, sizeof number },
                         { (void *)g_variant_get_data (value), g_variant_get_size (value) } };
  struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

  if (n_fds > 0)
    {
      gsize len = (gsize)n_fds * sizeof (int);
      struct cmsghdr *c;

      message.msg_control = ancillary;
      message.msg_controllen = CMSG_SPACE (len);
      c = CMSG_FIRSTHDR (&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN (len);
      memcpy (CMSG_DATA (c), fds, len);
    }
  ck_assert_int_gt (sendmsg (kit->supervisor, &message, MSG_NOSIGNAL), 0);
}

GVariant *
supervisor_receive (RelayKit *kit, const char *type, SgRelayKind *ret_kind)
{
  guint8 datagram[SG_RELAY_ANSWER_MAX + 1];
  g_autoptr (GBytes) bytes = NULL;
  guint32 kind;
  gssize n;

  *ret_kind = 0;
  ck_assert_msg (wait_for (kit->supervisor), "the relay says nothing");
  n = recv (kit->supervisor, datagram, sizeof datagram, 0);
  if (n <= 0)
    return NULL;
  memcpy (&kind, datagram, sizeof kind);
  *ret_kind = kind;
  bytes = g_bytes_new (datagram + sizeof kind, (gsize)n - sizeof kind);
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
}

void
kit_greet (RelayKit *kit)
{
  static const guint8 nonce[16] = "0123456789abcdef";
  g_autoptr (GVariant) greeted = NULL;
  g_autofree char *data = NULL;
  SgFrameHeader header;
  SgRelayKind kind;

  supervisor_send (kit, SG_RELAY_HELLO,
                   g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce,
                                                                      sizeof nonce, 1)),
                   NULL, 0);
  ck_assert (guest_receive (kit, &header, &data));
  ck_assert_int_eq (header.type, SG_FRAME_HELLO);
  guest_send (kit, SG_FRAME_HELLO_OK, 0, data, header.length);
  greeted = supervisor_receive (kit, SG_RELAY_TYPE_GREETED, &kind);
  ck_assert_ptr_nonnull (greeted);
  ck_assert_int_eq (kind, SG_RELAY_GREETED);
}

void
kit_exec (RelayKit *kit, guint32 id, int in, int out, int err)
{
  static const char *const argv[] = { "played", NULL }, *const env[] = { NULL };
  int fds[] = { in, out, err };
  g_autofree char *data = NULL;
  SgFrameHeader header;

  supervisor_send (kit, SG_RELAY_EXEC,
                   g_variant_new ("(u^aay^aay^aysbqq)", id, argv, env, "", "", err < 0, 0, 0), fds,
                   err < 0 ? 2 : 3);
  do /* credit of another command may come first */
    {
      g_clear_pointer (&data, g_free);
      ck_assert (guest_receive (kit, &header, &data));
    }
  while (header.type == SG_FRAME_CREDIT && header.channel != id);
  ck_assert_int_eq (header.type, SG_FRAME_EXEC);
  ck_assert_uint_eq (header.channel, id);
}

char *
kit_broken (RelayKit *kit)
{
  g_autoptr (GVariant) body = NULL;
  SgRelayKind kind;
  char *why;

  body = supervisor_receive (kit, SG_RELAY_TYPE_BROKEN, &kind);
  ck_assert_ptr_nonnull (body);
  ck_assert_int_eq (kind, SG_RELAY_BROKEN);
  g_variant_get (body, "(s)", &why);
  return why;
}
