/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may draw: the server asks the kernel which user is at the other end of a connection
 * ("localuser"), and lets `sandbox` and root in.  No cookie is handed out: a cookie would be the
 * same in all clones of a template, and the server forgets none as long as it runs.  The one in
 * SG_SERVER_AUTHORITY is there because without any the server would let every local user in.
 *
 * The server runs as root: without logind it must open the card, the input devices and the terminal
 * itself.  Whoever is inside may become root anyway (sudo), unless the profile forbids it, and then
 * the way from a drawing program to the server is its protocol, as on any X desktop. */
#include "server.h"
#include "card.h"
#include "cookie.h"
#include "keyboard.h"
#include "session-env.h"
#include "state.h"

#include "common/fd.h"

#include <X11/Xlib.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define CARD "/dev/dri/card0"

gboolean
sg_server_configure (GError **error)
{
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_read ("");
  g_autofree char *section = sg_keyboard_section (keyboard);
  g_autofree char *fixed = NULL;
  g_autoptr (GString) whole = NULL;

  if (!g_file_get_contents (SG_GUEST_LIBDIR "/xorg.conf", &fixed, NULL, error))
    return FALSE;
  whole = g_string_new (fixed);
  if (sg_card_has_3d (CARD))
    g_string_replace (whole, "\"AccelMethod\" \"none\"", "\"AccelMethod\" \"glamor\"", 1);
  g_string_append_printf (whole, "\n%s", section);
  return g_file_set_contents_full (SG_SERVER_CONF, whole->str, (gssize)whole->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

gboolean
sg_server_lock (GError **error)
{
  g_autoptr (GBytes) file = NULL;
  guint8 cookie[SG_COOKIE_BYTES];

  if (!sg_cookie_new (cookie, error))
    return FALSE;
  file = sg_cookie_file (cookie);
  return sg_cookie_write (SG_SERVER_AUTHORITY, file, error);
}

gboolean
sg_server_admit (const char *user_name, GError **error)
{
  const char *const names[] = { user_name, "root" };
  Display *display;

  g_setenv ("XAUTHORITY", SG_SERVER_AUTHORITY, TRUE);
  display = XOpenDisplay (SG_DISPLAY);
  if (!display)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The X server lets nobody in.");
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      XServerInterpretedAddress who = { .typelength = (int)strlen ("localuser"),
                                        .valuelength = (int)strlen (names[i]),
                                        .type = "localuser",
                                        .value = (char *)names[i] };
      XHostAddress address = { .family = FamilyServerInterpreted, .address = (char *)&who };
      XAddHost (display, &address);
    }
  XSync (display, False);
  XCloseDisplay (display);
  return TRUE;
}

gboolean
sg_server_await_card (guint seconds, GError **error)
{
  gint64 until = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  sg_fd int fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  char events[4096];

  inotify_add_watch (fd, "/dev", IN_CREATE);
  while (access (CARD, F_OK) != 0)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
      gint64 left = until - g_get_monotonic_time ();

      if (left <= 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                       "This sandbox has no graphics card (" CARD ").");
          return FALSE;
        }
      inotify_add_watch (fd, "/dev/dri", IN_CREATE); /* as soon as it is there */
      if (access (CARD, F_OK) != 0 && poll (&poll_fd, 1, (int)(left / 1000) + 1) > 0)
        (void)!read (fd, events, sizeof events);
    }
  return TRUE;
}

const char *
sg_server_program (GError **error)
{
  static const char *const programs[] = { "/usr/lib/xorg/Xorg", "/usr/libexec/Xorg",
                                          "/usr/lib/Xorg", "/usr/bin/Xorg", "/usr/bin/X" };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    if (g_file_test (programs[i], G_FILE_TEST_IS_EXECUTABLE))
      return programs[i];
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "There is no X server on this computer, so the sandbox has no desktop. "
               "Install the package xserver-xorg-core (Fedora, openSUSE: xorg-x11-server; Arch: "
               "xorg-server) and make the copy of this computer again.");
  return NULL;
}

char **
sg_server_argv (const char *program, int ready_fd)
{
  g_autofree char *fd = g_strdup_printf ("%d", ready_fd);
  /* Without -keeptty: with it the server looks for logind, which starts the system bus. */
  const char *const argv[] = {
    program,       SG_DISPLAY,     "vt1",        "-novtswitch",
    "-config",     SG_SERVER_CONF, "-auth",      SG_SERVER_AUTHORITY,
    "-logfile",    SG_SERVER_LOG,  "-displayfd", fd,
    "-nolisten",               /* no network */
    "tcp",         "-noreset", /* the shell may be the only program, and may be started anew */
    "-background", "none",         "-s", /* no screen saver, no power saving: no timers */
    "0",           "-dpms",        NULL,
  };

  return g_strdupv ((char **)argv);
}
