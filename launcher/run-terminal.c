/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state is global because a signal handler must find it: a crash must not leave the person with
 * a terminal that shows nothing they type. */
#include "launcher/run-terminal.h"

#include "common/fd.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct
{
  volatile sig_atomic_t raw;
  int fd;
  struct termios before, during;
} terminal;

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU };

/* SA_RESETHAND: what raised it happens again with the default action, and ends the process. */
static void
fatal_signal (int number)
{
  if (terminal.raw)
    tcsetattr (terminal.fd, TCSANOW, &terminal.before);
  raise (number);
}

/* tcsetattr() by a background process would stop it; giving back must work even then. */
static int
set_quietly (const struct termios *state)
{
  sigset_t block, before;
  int outcome;

  sigemptyset (&block);
  sigaddset (&block, SIGTTOU);
  pthread_sigmask (SIG_BLOCK, &block, &before);
  do
    outcome
        = tcsetattr (terminal.fd, TCSANOW, state); /* not DRAIN: output may be stopped (Ctrl+S) */
  while (outcome < 0 && errno == EINTR);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return outcome;
}

gboolean
sg_terminal_raw (int fd, GError **error)
{
  struct sigaction action = { .sa_handler = fatal_signal, .sa_flags = SA_RESETHAND | SA_NODEFER };

  terminal.fd = fd;
  if (tcgetattr (fd, &terminal.before) < 0)
    return sg_errno (error, "Cannot read the terminal's settings");
  terminal.during = terminal.before;
  cfmakeraw (&terminal.during);
  terminal.during.c_cc[VMIN] = 1;
  terminal.during.c_cc[VTIME] = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (fatal); i++)
    sigaction (fatal[i], &action, NULL);
  terminal.raw = TRUE;
  if (set_quietly (&terminal.during) < 0)
    {
      terminal.raw = FALSE;
      return sg_errno (error, "Cannot change the terminal's settings");
    }
  return TRUE;
}

void
sg_terminal_restore (void)
{
  if (terminal.raw)
    set_quietly (&terminal.before);
  terminal.raw = FALSE;
}

void
sg_terminal_again (void)
{
  if (terminal.raw)
    set_quietly (&terminal.during);
}

gboolean
sg_terminal_size (int fd, guint16 *ret_rows, guint16 *ret_columns)
{
  struct winsize size;

  if (ioctl (fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
    return FALSE;
  *ret_rows = size.ws_row;
  *ret_columns = size.ws_col;
  return TRUE;
}

gboolean
sg_terminal_is_foreground (int fd)
{
  pid_t foreground = tcgetpgrp (fd);

  /* No answer: it is not our controlling terminal, and job control does not apply. */
  return foreground < 0 || foreground == getpgrp ();
}
