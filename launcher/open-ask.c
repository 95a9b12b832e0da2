/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several files are opened by several processes on one terminal: the lock on it keeps their
 * questions apart. */
#include "launcher/open-ask.h"

#include "common/fd.h"
#include "common/report.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ANSWER_MAX 200

gboolean
sg_ask_possible (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

static gboolean
readable (int fd, GIOCondition condition, gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* FALSE at the end of the input, and when it was cancelled. */
static gboolean
read_line (char line[ANSWER_MAX], GCancellable *cancellable)
{
  gboolean ready = FALSE;
  guint source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, readable, &ready);
  ssize_t n;

  while (!ready && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!ready)
    {
      g_source_remove (source);
      return FALSE;
    }
  n = read (STDIN_FILENO, line, ANSWER_MAX - 1);
  if (n <= 0)
    return FALSE;
  line[n] = '\0';
  g_strstrip (line);
  return TRUE;
}

/* The lock is the terminal's; freed when the descriptor is closed. */
static int
lock_terminal (void)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

  while (fd >= 0 && flock (fd, LOCK_EX) < 0 && errno == EINTR)
    ;
  return fd;
}

char
sg_ask_letter (const char *question, const char *answers, char otherwise, GCancellable *cancellable)
{
  sg_fd int lock = lock_terminal ();
  g_autofree char *shown = sg_printable (question);
  char line[ANSWER_MAX];

  for (;;)
    {
      fprintf (stderr, "%s ", shown);
      fflush (stderr);
      if (!read_line (line, cancellable))
        {
          fputc ('\n', stderr);
          return otherwise;
        }
      if (line[0] != '\0' && line[1] == '\0' && strchr (answers, g_ascii_tolower (line[0])) != NULL)
        return g_ascii_tolower (line[0]);
    }
}

guint
sg_ask_number (const char *question, guint most, GCancellable *cancellable)
{
  sg_fd int lock = lock_terminal ();
  g_autofree char *shown = sg_printable (question);
  char line[ANSWER_MAX];
  guint64 number;

  for (;;)
    {
      fprintf (stderr, "%s ", shown);
      fflush (stderr);
      if (!read_line (line, cancellable) || *line == '\0')
        return 0;
      if (g_ascii_string_to_unsigned (line, 10, 1, most, &number, NULL))
        return (guint)number;
    }
}
