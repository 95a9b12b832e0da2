/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/fake-guest.h"

#include "launcher/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  guint32 channel;
  pid_t pid;
  int in, out[2]; /* our ends of its pipes; -1 once closed */
  GByteArray *input;
  gboolean input_ended;
  guint32 credit[2];
  gboolean reaped;
  int status;
} Command;

static struct
{
  int fd;
  GByteArray *received, *sending;
  GPtrArray *commands; /* Command */
} guest;

static void
queue_value (SgFrameType type, guint32 channel, GVariant *body)
{
  sg_frame_append_variant (guest.sending, type, channel, body);
}

static void
close_end (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static Command *
find (guint32 channel)
{
  for (guint i = 0; i < guest.commands->len; i++)
    {
      Command *command = g_ptr_array_index (guest.commands, i);
      if (command->channel == channel)
        return command;
    }
  return NULL;
}

static void
run_child (char **argv, char **env, const char *cwd, int pipes[3][2])
{
  dup2 (pipes[0][0], 0);
  dup2 (pipes[1][1], 1);
  dup2 (pipes[2][1], 2);
  close_range (3, ~0U, 0);
  signal (SIGPIPE, SIG_DFL);
  setpgid (0, 0);
  for (char **entry = env; *entry != NULL; entry++)
    putenv (*entry);
  if (*cwd != '\0' && chdir (cwd) < 0)
    _exit (126);
  execvp (argv[0], argv);
  _exit (errno == ENOENT ? 127 : 126);
}

static void
start_command (guint32 channel, GVariant *body)
{
  Command *command = g_new0 (Command, 1);
  g_auto (GStrv) argv = NULL, env = NULL;
  g_autofree char *cwd = NULL;
  int pipes[3][2];

  g_variant_get (body, "(^aay^aay^aysbqq)", &argv, &env, &cwd, NULL, NULL, NULL, NULL);
  for (int i = 0; i < 3; i++)
    if (pipe2 (pipes[i], O_CLOEXEC) < 0)
      abort ();
  command->channel = channel;
  command->credit[0] = command->credit[1] = SG_WINDOW;
  command->input = g_byte_array_new ();
  command->pid = fork ();
  if (command->pid == 0)
    run_child (argv, env, cwd, pipes);
  setpgid (command->pid, command->pid);
  command->in = pipes[0][1];
  command->out[0] = pipes[1][0];
  command->out[1] = pipes[2][0];
  close (pipes[0][0]);
  close (pipes[1][1]);
  close (pipes[2][1]);
  fcntl (command->in, F_SETFL, O_NONBLOCK);
  g_ptr_array_add (guest.commands, command);
  queue_value (SG_FRAME_STARTED, channel, g_variant_new ("(u)", (guint32)command->pid));
}

static void
take_call (GVariant *body)
{
  g_autoptr (GVariant) argument = NULL;
  const char *method;
  guint32 serial;

  g_variant_get (body, "(u&sv)", &serial, &method, &argument);
  if (g_str_equal (method, "clock"))
    queue_value (
        SG_FRAME_REPLY, 0,
        g_variant_new ("(ubsv)", serial, FALSE, "the clock is stuck", g_variant_new ("()")));
  else if (g_str_equal (method, "poweroff"))
    exit (0);
  else
    queue_value (SG_FRAME_REPLY, 0,
                 g_variant_new ("(ubsv)", serial, TRUE, "",
                                g_str_equal (method, "ready") ? g_variant_new ("(b)", TRUE)
                                                              : g_variant_new ("()")));
  queue_value (SG_FRAME_EVENT, 0, g_variant_new ("(sv)", "notice", g_variant_new_string (method)));
}

static void
take_for_command (const SgFrameHeader *header, const guint8 *data)
{
  Command *command = find (header->channel);
  g_autoptr (GVariant) body = NULL;
  guint8 stream;
  guint32 bytes;
  gint32 number;

  if (command == NULL)
    return; /* it has ended meanwhile */
  switch (header->type)
    {
    case SG_FRAME_STDIN:
      g_byte_array_append (command->input, data, header->length);
      command->input_ended |= header->length == 0;
      break;
    case SG_FRAME_STDOUT:
    case SG_FRAME_STDERR:
      close_end (&command->out[header->type == SG_FRAME_STDERR]);
      break;
    case SG_FRAME_CREDIT:
      body = sg_frame_parse (data, header->length, SG_TYPE_CREDIT);
      g_variant_get (body, "(yu)", &stream, &bytes);
      command->credit[stream - 1] += bytes;
      break;
    case SG_FRAME_SIGNAL:
      body = sg_frame_parse (data, header->length, SG_TYPE_SIGNAL);
      g_variant_get (body, "(i)", &number);
      kill (-command->pid, number);
      break;
    default:
      break;
    }
}

static void
take_frame (const SgFrameHeader *header, const guint8 *data)
{
  g_autoptr (GVariant) body = NULL;

  switch (header->type)
    {
    case SG_FRAME_HELLO:
      sg_frame_append (guest.sending, SG_FRAME_HELLO_OK, 0, data, header->length);
      break;
    case SG_FRAME_CALL:
      body = sg_frame_parse (data, header->length, SG_TYPE_CALL);
      take_call (body);
      break;
    case SG_FRAME_EXEC:
      body = sg_frame_parse (data, header->length, SG_TYPE_EXEC);
      start_command (header->channel, body);
      break;
    default:
      take_for_command (header, data);
    }
}

static void
receive (void)
{
  static guint8 piece[256 * 1024];
  gssize n = read (guest.fd, piece, sizeof piece);
  gsize at = 0;

  if (n <= 0)
    exit (0);
  g_byte_array_append (guest.received, piece, (guint)n);
  for (;;)
    {
      SgFrameHeader header;

      if (guest.received->len - at < SG_FRAME_HEADER)
        break;
      sg_frame_unpack (guest.received->data + at, &header);
      if (guest.received->len - at - SG_FRAME_HEADER < header.length)
        break;
      take_frame (&header, guest.received->data + at + SG_FRAME_HEADER);
      at += SG_FRAME_HEADER + header.length;
    }
  g_byte_array_remove_range (guest.received, 0, (guint)at);
}

static void
feed_input (Command *command)
{
  gssize n = command->input->len > 0
                 ? write (command->in, command->input->data, command->input->len)
                 : 0;

  if (n < 0 && errno != EAGAIN)
    {
      n = command->input->len; /* the command reads no more */
      close_end (&command->in);
      if (!command->input_ended)
        sg_frame_append (guest.sending, SG_FRAME_STDIN, command->channel, NULL, 0);
    }
  if (n > 0)
    {
      g_byte_array_remove_range (command->input, 0, (guint)n);
      queue_value (SG_FRAME_CREDIT, command->channel, g_variant_new ("(yu)", 0, (guint32)n));
    }
  if (command->input->len == 0 && command->input_ended)
    close_end (&command->in);
}

static void
take_output (Command *command, int which)
{
  static guint8 piece[SG_FRAME_MAX];
  SgFrameType type = which == 0 ? SG_FRAME_STDOUT : SG_FRAME_STDERR;
  gssize n = read (command->out[which], piece, MIN (sizeof piece, command->credit[which]));

  if (n <= 0)
    {
      close_end (&command->out[which]);
      n = 0;
    }
  sg_frame_append (guest.sending, type, command->channel, piece, (gsize)n);
  command->credit[which] -= (guint32)n;
}

static void
end_commands (void)
{
  for (guint i = 0; i < guest.commands->len; i++)
    {
      Command *command = g_ptr_array_index (guest.commands, i);
      gboolean signalled;

      if (!command->reaped)
        command->reaped = waitpid (command->pid, &command->status, WNOHANG) == command->pid;
      if (!command->reaped || command->out[0] >= 0 || command->out[1] >= 0)
        continue;
      signalled = WIFSIGNALED (command->status);
      queue_value (SG_FRAME_EXIT, command->channel,
                   g_variant_new (
                       "(bis)", signalled,
                       signalled ? WTERMSIG (command->status) : WEXITSTATUS (command->status), ""));
      close_end (&command->in);
      g_byte_array_unref (command->input);
      g_ptr_array_remove_index (guest.commands, i--);
    }
}

static void
turn (void)
{
  struct pollfd fds[1 + 3 * SG_MAX_CHANNELS];
  nfds_t n = 0;
  gboolean room = guest.sending->len < 1024 * 1024;

  fds[n++] = (struct pollfd){ guest.fd, (short)(POLLIN | (guest.sending->len > 0 ? POLLOUT : 0)) };
  for (guint i = 0; i < guest.commands->len; i++)
    {
      Command *command = g_ptr_array_index (guest.commands, i);
      gboolean wants = command->input->len > 0 || command->input_ended;

      fds[n++] = (struct pollfd){ wants ? command->in : -1, POLLOUT };
      for (int which = 0; which < 2; which++)
        fds[n++] = (struct pollfd){ room && command->credit[which] > 0 ? command->out[which] : -1,
                                    POLLIN };
    }
  poll (fds, n, guest.commands->len > 0 ? 20 : -1);
  for (guint i = 0; i < guest.commands->len; i++)
    {
      Command *command = g_ptr_array_index (guest.commands, i);

      if (fds[1 + 3 * i].revents != 0)
        feed_input (command);
      for (int which = 0; which < 2; which++)
        if (fds[2 + 3 * i + (guint)which].revents != 0)
          take_output (command, which);
    }
  end_commands ();
  if ((fds[0].revents & POLLOUT) != 0 && guest.sending->len > 0)
    {
      gssize sent = write (guest.fd, guest.sending->data, guest.sending->len);
      if (sent > 0)
        g_byte_array_remove_range (guest.sending, 0, (guint)sent);
    }
  if ((fds[0].revents & (POLLIN | POLLHUP)) != 0)
    receive ();
}

GPid
fake_guest_start (int fd)
{
  GPid pid = fork ();

  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* The test's own handlers must not run in a command that is signalled before it is executed. */
  for (int number = 1; number < 32; number++)
    signal (number, SIG_DFL);
  signal (SIGPIPE, SIG_IGN);
  guest.fd = dup (fd);
  for (int other = 3; other < 256; other++)
    if (other != guest.fd)
      close (other);
  fcntl (guest.fd, F_SETFL, O_NONBLOCK);
  fcntl (guest.fd, F_SETFD, FD_CLOEXEC);
  guest.received = g_byte_array_new ();
  guest.sending = g_byte_array_new ();
  guest.commands = g_ptr_array_new_with_free_func (g_free);
  for (;;)
    turn ();
}
