/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/usb-open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line is what it says: "SUCCESS", "CANCELED", or "ERROR ..." */
#define LINE_MOST 256

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

/* The first line that the helper says; its end closes the door again. */
static gboolean
was_let_in (const SgUsbFound *found, GSubprocess *process, GError **error)
{
  char line[LINE_MOST + 1] = { 0 };
  gssize n = g_input_stream_read (g_subprocess_get_stdout_pipe (process), line, LINE_MOST, NULL,
                                  error);

  if (n < 0)
    return FALSE;
  g_strchomp (line);
  if (g_str_equal (line, "SUCCESS"))
    return TRUE;
  return cannot (found, strcmp (line, "CANCELED") == 0 ? "it was not allowed"
                 : *line != '\0'                        ? line
                                                        : "this user may not use it",
                 error);
}

static int
open_with_helper (const SgUsbFound *found, const char *program, GError **error)
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
  if (was_let_in (found, process, error))
    {
      fd = open_node (found);
      if (fd < 0)
        cannot (found, g_strerror (errno), error);
    }
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
    return open_with_helper (found, program, error);
  cannot (found, failed == EACCES ? "this user may not use it, and what would ask for a password "
                                    "(spice-client-glib-usb-acl-helper) is not installed"
                                  : g_strerror (failed),
          error);
  return -1;
}
