/* SPDX-License-Identifier: GPL-2.0-or-later */
/* first-frame clone|cold|standby|standby-alone: opens a sandbox as the app does (a session, then
 * its window) and prints the seconds until the mark of the guest's own panel can be seen on the
 * display and commands can run; the seconds until it can be seen; and those from throwing it away
 * until its last process is gone. standby: with the window that the app has waiting with the
 * machine; standby-alone: without.
 *
 * The mark is a filled piece in a colour that the window has, too, but there only in its bar at the
 * top and in a frame that is thinner than what is looked for.  DISPLAY should be nobody else's. */
#include "common/fd.h"
#include "common/paths.h"
#include "launcher/session1.h"
#include "launcher/standby.h"
#include "ui/spare.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OBJECT "/org/sandglass/Session1"
#define AMBER 0xe5a50aul
/* Pixels each way: more than the frame is thick; what is scaled at first has them, too. */
#define BLOCK 5
#define STEP 2  /* pixels */
#define BAR 120 /* rows at the top that are not looked at */
#define LOOK_USEC 25000
#define MOST_SEC 300
#define WAITED_SEC 4 /* the window that waits is looked at a while after it was started */

static SgSession1 *session;
static GSubprocess *supervisor; /* NULL: it was there before us */

G_NORETURN static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "first-frame: %s%s%s\n", what, error != NULL ? ": " : "",
           error != NULL ? error->message : "");
  exit (1);
}

static double
now (void)
{
  return (double)g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* The owner's end of a new session's connection. */
static int
start_session (gboolean cold)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = sg_paths_program ("sandglass-session", &error);
  int ours, theirs;

  if (program == NULL || !sg_socketpair (&ours, &theirs, &error))
    fail ("no session", error);
  g_subprocess_launcher_take_fd (launcher, theirs, 3);
  supervisor = g_subprocess_launcher_spawn (launcher, &error, program, "--owner-fd=3",
                                            cold ? "--cold" : NULL, NULL);
  if (supervisor == NULL)
    fail ("no session", error);
  g_subprocess_launcher_close (launcher);
  return ours;
}

static void
connect_to (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);
  g_autoptr (GSocketConnection) stream
      = socket != NULL ? g_socket_connection_factory_create_connection (socket) : NULL;
  GDBusConnection *connection
      = stream != NULL ? g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL,
                                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                     NULL, NULL, &error)
                       : NULL;

  session = connection != NULL ? sg_session1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_NONE,
                                                             NULL, OBJECT, NULL, &error)
                               : NULL;
  if (session == NULL)
    fail ("no connection to the session", error);
}

/* As the app does: before the session has a name, which comes by the pipe, for each of its two
 * processes. */
static GSubprocess *
start_viewer (int *ret_fd)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = sg_paths_program ("sandglass-viewer", &error);
  GSubprocess *viewer = NULL;
  int ends[2];

  if (program != NULL && g_unix_open_pipe (ends, FD_CLOEXEC, &error))
    {
      *ret_fd = ends[1];
      g_subprocess_launcher_take_fd (launcher, ends[0], 3);
      viewer = g_subprocess_launcher_spawn (launcher, &error, program, "--session-fd=3", NULL);
    }
  if (viewer == NULL)
    fail ("no window", error);
  return viewer;
}

static void
tell_viewer (int *fd, const char *id)
{
  if (*fd < 0 || id == NULL || *id == '\0')
    return;
  for (int i = 0; i < 2; i++)
    sg_write_all (*fd, id, strlen (id), NULL);
  sg_fd_clear (fd);
}

static gboolean
is_block (XImage *image, int x, int y)
{
  for (int j = 0; j < BLOCK; j++)
    for (int i = 0; i < BLOCK; i++)
      if ((XGetPixel (image, x + i, y + j) & 0xffffff) != AMBER)
        return FALSE;
  return TRUE;
}

static gboolean
is_there (Display *display)
{
  Window root = DefaultRootWindow (display);
  int width = DisplayWidth (display, 0), height = DisplayHeight (display, 0);
  XImage *image
      = XGetImage (display, root, 0, BAR, (unsigned)width, (unsigned)(height - BAR), ~0ul, ZPixmap);
  gboolean found = FALSE;

  for (int y = 0; image != NULL && !found && y + BLOCK <= image->height; y += STEP)
    for (int x = 0; !found && x + BLOCK <= image->width; x += STEP)
      found = is_block (image, x, y);
  if (image != NULL)
    XDestroyImage (image);
  return found;
}

/* Seconds since BEGUN: until it is seen (*ret_seen), and is a sandbox that runs. */
static double
await_frame (Display *display, double begun, int viewer_fd, double *ret_seen)
{
  *ret_seen = 0;
  while (now () - begun < MOST_SEC)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (g_strcmp0 (sg_session1_get_state (session), "gone") == 0)
        fail (sg_session1_get_failure (session), NULL);
      tell_viewer (&viewer_fd, sg_session1_get_id (session));
      if (*ret_seen == 0 && is_there (display))
        *ret_seen = now () - begun;
      if (*ret_seen > 0 && g_strcmp0 (sg_session1_get_state (session), "running") == 0)
        return now () - begun;
      g_usleep (LOOK_USEC);
    }
  fail ("the desktop is not seen", NULL);
}

/* Seconds until everything is verified to be gone. */
static double
discard (GSubprocess *viewer)
{
  double begun = now ();
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (viewer, SIGTERM);
  if (!sg_session1_call_discard_sync (session, NULL, &error))
    fail ("it is not gone", error);
  /* It waits for its owner to have read the answer. */
  g_dbus_connection_close_sync (g_dbus_proxy_get_connection (G_DBUS_PROXY (session)), NULL, NULL);
  if (supervisor != NULL)
    g_subprocess_wait (supervisor, NULL, NULL);
  g_subprocess_wait (viewer, NULL, NULL);
  return now () - begun;
}

/* As ui/ready.h does while nothing is opened. */
static SgSpareWindow *
make_spare (void)
{
  g_autoptr (SgPreferences) preferences = sg_preferences_load ();
  SgSpare *spare = sg_spare_new (preferences); /* until this process ends */
  double begun = now ();
  SgSpareWindow *window;

  sg_spare_keep (spare, TRUE, NULL);
  while (now () - begun < WAITED_SEC)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (LOOK_USEC);
    }
  window = sg_spare_take (spare);
  if (window == NULL)
    fail ("no window waits", NULL);
  return window;
}

/* Takes the machine that waits, and shows the window that waits with it (NULL: none). */
static int
take (SgSpareWindow *window)
{
  gboolean kept = FALSE;
  SgStandbyWish wish = { 0 };
  int fd;

  if (window != NULL)
    {
      wish.id = window->id;
      wish.window = window->word;
    }
  fd = sg_standby_take (&wish, &kept);
  if (window != NULL && !kept)
    fail ("the window did not wait", NULL);
  if (kept)
    sg_spare_window_show (window);
  return fd;
}

int
main (int argc, char **argv)
{
  const char *mode = argc == 2 ? argv[1] : "";
  Display *display = XOpenDisplay (NULL);
  gboolean alone = strcmp (mode, "standby-alone") == 0;
  SgSpareWindow *window;
  GSubprocess *viewer;
  double begun, seen, usable;
  int fd, viewer_fd = -1;

  if (display == NULL)
    fail ("no display", NULL);
  if (is_there (display))
    fail ("something else on this display looks like it", NULL);
  window = strcmp (mode, "standby") == 0 ? make_spare () : NULL;
  begun = now ();
  if (window != NULL || alone)
    fd = take (window);
  else
    fd = start_session (strcmp (mode, "cold") == 0);
  if (fd < 0)
    fail ("none waits", NULL);
  viewer = window != NULL ? window->viewer : start_viewer (&viewer_fd);
  connect_to (fd);
  usable = await_frame (display, begun, viewer_fd, &seen);
  printf ("%.3f %.3f %.3f\n", usable, seen, discard (viewer));
  return 0;
}
