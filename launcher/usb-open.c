/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/usb-open.h"

#include "common/report.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line is what it says: "SUCCESS", "CANCELED", or "ERROR ..." */
#define LINE_MOST 256
/* A person looks for a password; where nobody is asked (no polkit, a desktop without its dialog),
 * this is all that ends it. */
#define ANSWER_MSEC 120000

/* Where distributions have it; it is installed with spice-gtk. */
static const char *
helper (void)
{
  static const char *const places[] = {
    "/usr/libexec/spice-client-glib-usb-acl-helper",
    "/usr/libexec/spice-gtk-x86_64/spice-client-glib-usb-acl-helper",
    "/usr/lib/spice-client-glib-usb-acl-helper",
    "/usr/lib/spice-gtk/spice-client-glib-usb-acl-helper",
    "/usr/bin/spice-client-glib-usb-acl-helper",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (access (places[i], X_OK) == 0)
      return places[i];
  return NULL;
}

static int
open_node (const SgUsbFound *found)
{
  return open (found->node, O_RDWR | O_CLOEXEC | O_NOCTTY);
}

static gboolean
cannot (const SgUsbFound *found, const char *why, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s cannot be opened: %s",
               found->name, why);
  return FALSE;
}

/* The first line that it says in MSEC; empty: none, which is its end.  FALSE: too long. */
static gboolean
hear (int fd, char line[LINE_MOST + 1], guint msec)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)msec * 1000, left;
  gsize length = 0;

  memset (line, 0, LINE_MOST + 1);
  while (length < LINE_MOST && strchr (line, '\n') == NULL)
    {
      struct pollfd look = { .fd = fd, .events = POLLIN };
      gssize n;

      left = (deadline - g_get_monotonic_time () + 999) / 1000;
      if (left <= 0)
        return FALSE;
      if (poll (&look, 1, (int)left) <= 0)
        continue; /* a signal, or the deadline */
      n = read (fd, line + length, LINE_MOST - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize)n;
    }
  g_strdelimit (line, "\n", '\0');
  g_strchomp (line);
  return TRUE;
}

static gboolean
was_let_in (const SgUsbFound *found, GSubprocess *process, guint msec, GError **error)
{
  GInputStream *out = g_subprocess_get_stdout_pipe (process);
  char line[LINE_MOST + 1];
  g_autofree char *words = NULL;

  if (!hear (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (out)), line, msec))
    {
      g_subprocess_force_exit (process);
      words = g_strdup_printf ("whether this user may was not answered in %u seconds", msec / 1000);
      return cannot (found, words, error);
    }
  if (g_str_equal (line, "SUCCESS"))
    return TRUE;
  words = sg_printable (line);
  return cannot (found, strcmp (line, "CANCELED") == 0 ? "it was not allowed"
                 : *line != '\0'                        ? words
                                                        : "this user may not use it",
                 error);
}

int
sg_usb_open_by (const SgUsbFound *found, const char *program, guint msec, GError **error)
{
  g_auto (GStrv) numbers = g_strsplit (found->at, "/", 2);
  g_autofree char *bus = g_strdup_printf ("%d", atoi (numbers[0]));
  g_autofree char *device = g_strdup_printf ("%d", atoi (numbers[1]));
  const char *argv[] = { program, bus, device, NULL };
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  int fd = -1;

  if (process == NULL)
    return -1;
  if (was_let_in (found, process, msec, error))
    {
      fd = open_node (found);
      if (fd < 0)
        cannot (found, g_strerror (errno), error);
    }
  /* Its end closes the door again. */
  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  return fd;
}

int
sg_usb_open (const SgUsbFound *found, GError **error)
{
  const char *program = helper ();
  int fd = open_node (found), failed = errno;

  if (fd >= 0)
    return fd;
  if (failed == EACCES && program != NULL)
    return sg_usb_open_by (found, program, ANSWER_MSEC, error);
  cannot (found, failed == EACCES ? "this user may not use it, and what would ask for a password "
                                    "(spice-client-glib-usb-acl-helper) is not installed"
                                  : g_strerror (failed),
          error);
  return -1;
}
