/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command's life: EXEC -> STARTED -> output -> EXIT, the last frame on its channel.
 *
 * EXIT waits for two things: the process is reaped, and its output has ended.  With pipes the
 * output ends when nobody holds them any more, as in a pipeline: what a child that was left behind
 * still writes is not lost.  A terminal ends with the command: what is left is read until
 * TERMINAL_PATIENCE has passed without anything coming.
 *
 * Input is kept until the command takes it (at most one window); each byte that it has taken is
 * given back as credit.  A terminal has no end of input: an empty STDIN types the end-of-file
 * character there. */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#define TERMINAL_PATIENCE 200 /* ms */

struct Command
{
  guint32 channel;
  Spawned process;
  gboolean tty;
  GByteArray *input; /* received, not taken by the command */
  gboolean input_ended;
  guint32 credit[2];
  gboolean ended[2]; /* the end of this output was sent */
  gboolean reaped;
  int status;
  gint64 reaped_at; /* monotonic, us; moves on with each byte of a terminal's rest */
};

static int *
output_fd (Command *command, int which)
{
  return &command->process.fds[1 + which];
}

void
command_free (Command *command)
{
  for (int i = 0; i < N_STREAM_FDS; i++)
    agent_close (&command->process.fds[i]);
  agent_close (&command->process.status_fd);
  g_byte_array_unref (command->input);
  g_free (command);
}

Command *
command_find (Agent *agent, guint32 channel)
{
  for (guint i = 0; i < agent->commands->len; i++)
    {
      Command *command = g_ptr_array_index (agent->commands, i);
      if (command->channel == channel)
        return command;
    }
  return NULL;
}

static void
send_exit (Agent *agent, guint32 channel, gboolean signalled, int code, const char *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);

  if (strlen (valid) > 1000)
    strcpy (g_utf8_find_prev_char (valid, valid + 1000), "");
  wire_send_value (agent->wire, SG_FRAME_EXIT, channel,
                   g_variant_new ("(bis)", signalled, code, valid));
}

void
command_start (Agent *agent, guint32 channel, GVariant *exec)
{
  Command *command = g_new0 (Command, 1);
  g_autofree char *why = NULL;
  int code = 126;

  command->channel = channel;
  command->input = g_byte_array_new ();
  command->credit[0] = command->credit[1] = SG_WINDOW;
  g_variant_get_child (exec, 4, "b", &command->tty);
  command->process = (Spawned){ -1, -1, { -1, -1, -1 } };
  why = spawn_command (agent, channel, exec, &command->process, &code);
  if (why != NULL)
    {
      send_exit (agent, channel, FALSE, code, why);
      command_free (command);
      return;
    }
  command->ended[1] = command->tty;
  g_ptr_array_add (agent->commands, command);
  wire_send_value (agent->wire, SG_FRAME_STARTED, channel,
                   g_variant_new ("(u)", (guint32)command->process.pid));
}

/* ---- what the host says ---- */

/* A terminal's signals go to who is in the foreground there; a hang-up to the session's leader
 * too. */
static void
send_signal (Command *command, int number)
{
  pid_t foreground = command->tty ? tcgetpgrp (command->process.fds[1]) : 0;

  if (number < 1 || number > 64)
    return;
  if (foreground > 0)
    kill (-foreground, number);
  /* A child that has only just been forked has no group of its own yet. */
  if ((foreground <= 0 || (number == SIGHUP && foreground != command->process.pid))
      && kill (-command->process.pid, number) < 0 && !command->reaped)
    kill (command->process.pid, number);
}

static gboolean
take_signal (Command *command, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_SIGNAL);
  gint32 number;

  if (body == NULL)
    return FALSE;
  g_variant_get (body, "(i)", &number);
  send_signal (command, number);
  return TRUE;
}

static gboolean
take_size (Command *command, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_RESIZE);
  struct winsize size = { 0 };

  if (body == NULL)
    return FALSE;
  g_variant_get (body, "(qq)", &size.ws_row, &size.ws_col);
  if (command->tty)
    ioctl (command->process.fds[1], TIOCSWINSZ, &size);
  return TRUE;
}

static gboolean
take_credit (Command *command, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_CREDIT);
  guint8 stream;
  guint32 bytes;

  if (body == NULL)
    return FALSE;
  g_variant_get (body, "(yu)", &stream, &bytes);
  if (stream < 1 || stream > 2 || bytes > SG_WINDOW - command->credit[stream - 1])
    return FALSE;
  command->credit[stream - 1] += bytes;
  return TRUE;
}

static void
close_input (Agent *agent, Command *command, gboolean tell)
{
  if (command->process.fds[0] < 0)
    return;
  agent_close (&command->process.fds[0]);
  g_byte_array_set_size (command->input, 0);
  if (tell && !command->input_ended)
    wire_send (agent->wire, SG_FRAME_STDIN, command->channel, NULL, 0);
}

/* All has been written and no more comes. */
static void
end_input (Agent *agent, Command *command)
{
  struct termios modes;
  guint8 eof;

  if (command->tty && command->process.fds[0] >= 0
      && tcgetattr (command->process.fds[0], &modes) == 0)
    {
      eof = modes.c_cc[VEOF];
      if (write (command->process.fds[0], &eof, 1) < 0)
        errno = 0; /* a full terminal has nobody who waits for an end */
    }
  close_input (agent, command, FALSE);
}

/* Once all was written the pipe has nothing to wake us for: then the end is now. */
static gboolean
take_input (Agent *agent, Command *command, const Frame *frame)
{
  if (command->input->len + frame->len > SG_WINDOW)
    return FALSE;
  if (frame->len == 0)
    {
      command->input_ended = TRUE;
      if (command->input->len == 0)
        end_input (agent, command);
    }
  else if (command->process.fds[0] >= 0)
    g_byte_array_append (command->input, frame->data, (guint)frame->len);
  return TRUE;
}

/* Nobody reads this output any more: whoever writes gets SIGPIPE, on a terminal a hang-up. */
static void
take_reader_gone (Command *command, int which)
{
  command->ended[which] = TRUE;
  if (command->tty)
    send_signal (command, SIGHUP);
  agent_close (output_fd (command, which));
}

gboolean
command_take (Agent *agent, Command *command, const Frame *frame)
{
  switch (frame->type)
    {
    case SG_FRAME_STDIN:
      return take_input (agent, command, frame);
    case SG_FRAME_STDOUT:
    case SG_FRAME_STDERR:
      if (frame->len != 0)
        return FALSE;
      take_reader_gone (command, frame->type == SG_FRAME_STDERR);
      return TRUE;
    case SG_FRAME_CREDIT:
      return take_credit (command, frame);
    case SG_FRAME_SIGNAL:
      return take_signal (command, frame);
    case SG_FRAME_RESIZE:
      return take_size (command, frame);
    default:
      return FALSE;
    }
}

/* ---- streams ---- */

void
command_poll (Command *command, gboolean room, struct pollfd *fds)
{
  gboolean input = command->input->len > 0;

  /* Without input to write, POLLERR alone still tells that the command reads no more. */
  fds[0] = (struct pollfd){ command->process.fds[0], input ? POLLOUT : 0, 0 };
  if (command->tty && !input)
    fds[0].fd = -1;
  for (int which = 0; which < 2; which++)
    fds[1 + which]
        = (struct pollfd){ room && command->credit[which] > 0 ? *output_fd (command, which) : -1,
                           POLLIN, 0 };
}

static void
feed_input (Agent *agent, Command *command)
{
  gssize n = write (command->process.fds[0], command->input->data, command->input->len);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0)
    {
      close_input (agent, command, TRUE);
      return;
    }
  g_byte_array_remove_range (command->input, 0, (guint)n);
  if (n > 0)
    wire_send_value (agent->wire, SG_FRAME_CREDIT, command->channel,
                     g_variant_new ("(yu)", 0, (guint32)n));
}

static void
end_output (Agent *agent, Command *command, int which)
{
  agent_close (output_fd (command, which));
  if (command->ended[which])
    return;
  command->ended[which] = TRUE;
  wire_send (agent->wire, which == 0 ? SG_FRAME_STDOUT : SG_FRAME_STDERR, command->channel, NULL,
             0);
}

static void
take_output (Agent *agent, Command *command, int which)
{
  static guint8 piece[SG_FRAME_MAX];
  gssize n = read (*output_fd (command, which), piece,
                   MIN (sizeof piece, (gsize)command->credit[which]));

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) /* a terminal that nobody holds any more gives EIO */
    {
      end_output (agent, command, which);
      return;
    }
  wire_send (agent->wire, which == 0 ? SG_FRAME_STDOUT : SG_FRAME_STDERR, command->channel, piece,
             (gsize)n);
  command->credit[which] -= (guint32)n;
  if (command->reaped)
    command->reaped_at = g_get_monotonic_time ();
}

void
command_pump (Agent *agent, Command *command, const struct pollfd *fds)
{
  if (command->process.fds[0] >= 0 && command->input->len == 0 && (fds[0].revents & POLLERR) != 0)
    close_input (agent, command, TRUE);
  if (command->process.fds[0] >= 0 && command->input->len > 0 && fds[0].revents != 0)
    feed_input (agent, command);
  if (command->input->len == 0 && command->input_ended)
    end_input (agent, command);
  for (int which = 0; which < 2; which++)
    if (fds[1 + which].revents != 0 && *output_fd (command, which) >= 0)
      take_output (agent, command, which);
}

/* ---- the end ---- */

void
command_reap (Command *command)
{
  if (!command->reaped
      && waitpid (command->process.pid, &command->status, WNOHANG) == command->process.pid)
    {
      command->reaped = TRUE;
      command->reaped_at = g_get_monotonic_time ();
    }
}

int
command_patience (Command *command)
{
  gint64 left;

  if (!command->tty || !command->reaped || command->credit[0] == 0)
    return -1;
  left = TERMINAL_PATIENCE - (g_get_monotonic_time () - command->reaped_at) / 1000;
  return (int)MAX (left, 0);
}

static gboolean
output_is_over (Agent *agent, Command *command)
{
  if (command->tty && command->process.fds[1] >= 0 && command_patience (command) == 0)
    end_output (agent, command, 0);
  return command->process.fds[1] < 0 && command->process.fds[2] < 0;
}

gboolean
command_finished (Agent *agent, Command *command)
{
  char message[1024] = "";
  gssize n;

  if (!command->reaped || !output_is_over (agent, command))
    return FALSE;
  n = read (command->process.status_fd, message, sizeof message - 1);
  message[MAX (n, 0)] = '\0';
  if (WIFSIGNALED (command->status))
    send_exit (agent, command->channel, TRUE, WTERMSIG (command->status), "");
  else
    send_exit (agent, command->channel, FALSE, WEXITSTATUS (command->status), message);
  cgroup_leave (agent->cgroup, command->channel);
  return TRUE;
}

void
commands_drop (Agent *agent)
{
  for (guint i = 0; i < agent->commands->len; i++)
    {
      Command *command = g_ptr_array_index (agent->commands, i);

      kill (-command->process.pid, SIGKILL);
      if (!command->reaped)
        waitpid (command->process.pid, NULL, 0);
    }
  cgroup_kill_all (agent->cgroup);
  g_ptr_array_set_size (agent->commands, 0);
  wire_forget (agent->wire);
}
