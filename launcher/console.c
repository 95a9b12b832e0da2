/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/console.h"

#include "common/fd.h"
#include "common/report.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define KEPT 16384u /* bytes */
#define STEP 4096u
#define LINE_SHOWN 200u /* characters */

struct SgConsole
{
  int fd;
  guint watch;
  char ring[KEPT];
  guint64 written; /* bytes ever; the ring's place is this modulo KEPT */
};

/* FALSE at the end of the stream. */
static gboolean
read_some (SgConsole *console, gboolean *ret_more)
{
  char bytes[STEP];
  ssize_t n = read (console->fd, bytes, sizeof bytes);

  *ret_more = n > 0;
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  for (ssize_t i = 0; i < n; i++)
    console->ring[console->written++ % KEPT] = bytes[i];
  return n > 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  SgConsole *console = data;
  gboolean more;

  if (read_some (console, &more))
    return G_SOURCE_CONTINUE;
  console->watch = 0;
  return G_SOURCE_REMOVE;
}

SgConsole *
sg_console_new (int fd)
{
  SgConsole *console = g_new0 (SgConsole, 1);
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR);

  console->fd = fd;
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), console, NULL);
  g_source_set_priority (source, G_PRIORITY_LOW);
  console->watch = g_source_attach (source, NULL);
  g_source_unref (source);
  return console;
}

void
sg_console_free (SgConsole *console)
{
  if (console == NULL)
    return;
  if (console->watch != 0)
    g_source_remove (console->watch);
  sg_fd_clear (&console->fd);
  g_free (console);
}

void
sg_console_drain (SgConsole *console)
{
  gboolean more = TRUE;

  for (guint i = 0; i < KEPT / STEP && more; i++)
    read_some (console, &more);
}

/* Takes sequences of a terminal (ESC [ ... letter) out, in place. */
static void
strip_sequences (char *text)
{
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    {
      if (*from == '\033' && from[1] == '[')
        {
          from += 2;
          while (*from != '\0' && (*from < '@' || *from > '~'))
            from++;
          if (*from == '\0')
            break;
          continue;
        }
      if (*from != '\r')
        *to++ = *from;
    }
  *to = '\0';
}

static char *
text_of (const SgConsole *console)
{
  gsize n = (gsize)MIN (console->written, (guint64)KEPT);
  guint64 first = console->written - n;
  char *text = g_malloc (n + 1);

  for (gsize i = 0; i < n; i++)
    {
      char c = console->ring[(first + i) % KEPT];
      text[i] = c != '\0' ? c : ' ';
    }
  text[n] = '\0';
  return text;
}

char *
sg_console_words (const SgConsole *console, guint n_lines)
{
  g_autofree char *text = text_of (console);
  g_autofree char *printable = NULL;
  g_auto (GStrv) lines = NULL;
  GString *words = g_string_new (NULL);
  guint n, from, kept = 0;

  strip_sequences (text);
  printable = sg_printable (text);
  lines = g_strsplit (printable, "\n", -1);
  n = g_strv_length (lines);
  for (from = n; from > 0 && kept < n_lines; from--)
    if (*g_strstrip (lines[from - 1]) != '\0')
      kept++;
  for (guint i = from; i < n; i++)
    {
      g_autofree char *line
          = g_utf8_substring (lines[i], 0, MIN (g_utf8_strlen (lines[i], -1), (glong)LINE_SHOWN));

      if (*g_strstrip (line) != '\0')
        g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", line);
    }
  if (words->len == 0)
    {
      g_string_free (words, TRUE);
      return NULL;
    }
  return g_string_free (words, FALSE);
}
