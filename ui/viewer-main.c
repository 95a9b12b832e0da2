/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-viewer: one sandbox's window.
 *
 *   sandglass-viewer --session ID [--appearance=light|dark] [--leave-key=KEY]
 *   sandglass-viewer --session-fd FD ...    the window is there at once; the ID comes through a
 * pipe, twice (each of the two processes reads it), or never
 *   sandglass-viewer --session-fd FD --wait-fd FD ...    the window is made and not shown; it looks at
 * a machine that waits, over the second descriptor (launcher/standby.h), until the ID comes
 *
 * Two processes: the keeper (this one, without GTK: it saves pictures, has the person asked (which
 * is a third one: question.h), hands signals on and reports the exit code) and its child, the
 * viewer proper, confined before it meets the first byte of a guest.  SIGUSR1 brings the window to
 * the front; SIGTERM ends it without a word. */
#include "common/fd.h"
#include "common/domain.h"
#include "common/report.h"
#include "ui/clipboard-lock.h"
#include "ui/confine.h"
#include "ui/desktop-look.h"
#include "ui/first-picture.h"
#include "ui/question-main.h"
#include "ui/resources.h"
#include "ui/viewer-bus.h"
#include "ui/viewer-process.h"
#include "ui/window-size.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* --- the command line --- */

static gboolean
is_open (int fd)
{
  return fd > STDERR_FILENO && fcntl (fd, F_GETFD) >= 0;
}

static gboolean
parse (SgViewer *viewer, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[]
      = { { "session", 0, 0, G_OPTION_ARG_STRING, &viewer->session, "The sandbox to show", "ID" },
          { "session-fd", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &viewer->session_fd, NULL,
            NULL },
          { "wait-fd", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &viewer->wait_fd, NULL, NULL },
          { "appearance", 0, 0, G_OPTION_ARG_STRING, &viewer->appearance,
            "light or dark; as the desktop is, when left out", "WHICH" },
          { "leave-key", 0, 0, G_OPTION_ARG_STRING, &viewer->leave_key,
            "right-ctrl (the default), ctrl-alt, scroll-lock or pause", "KEY" },
          { "size-of", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &viewer->size_of, NULL, NULL },
          { "keep", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &viewer->keep, NULL, NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Shows one sandbox in a window.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1 && viewer->session != NULL && sg_viewer_is_id (viewer->session) && viewer->wait_fd < 0)
    return TRUE;
  if (*argc == 1 && viewer->session == NULL && is_open (viewer->session_fd)
      && (viewer->wait_fd < 0 || is_open (viewer->wait_fd)))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               "Tell which sandbox to show: sandglass-viewer --session ID (eight characters)");
  return FALSE;
}

/* --- the viewer --- */

static gboolean
show_again (gpointer data)
{
  SgViewer *viewer = data;

  if (!sg_viewer_window_waits (SG_VIEWER_WINDOW (viewer->window)))
    gtk_window_present (GTK_WINDOW (viewer->window));
  return G_SOURCE_CONTINUE;
}

static gboolean
terminate (gpointer data)
{
  gtk_main_quit ();
  return G_SOURCE_REMOVE;
}

static void
watch_signals (SgViewer *viewer)
{
  g_unix_signal_add (SIGUSR1, show_again, viewer);
  g_unix_signal_add (SIGTERM, terminate, viewer);
  g_unix_signal_add (SIGINT, terminate, viewer);
  g_unix_signal_add (SIGHUP, terminate, viewer);
}

/* The SPICE library complains about what is denied to it on purpose (USB), and about a pointer mode
 * that it learns a moment later: for developers, with G_MESSAGES_DEBUG. */
static void
log_quietly (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  g_log_default_handler (domain, G_LOG_LEVEL_DEBUG, message, NULL);
}

static gboolean
start_gtk (SgViewer *viewer, GError **error)
{
  g_log_set_handler ("GSpice", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION,
                     log_quietly, NULL);
  /* No video decoders: a sandbox's screen is not sent as video, and they are a large target. */
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_PLUGIN_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_FORK", "no", TRUE);
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  /* XIM and other input methods are programs to connect to; the sandbox takes keys, not text. */
  g_setenv ("GTK_IM_MODULE", "gtk-im-context-simple", TRUE);
  sg_desktop_look_take (sg_fd_steal (&viewer->look_fd));
  if (!gtk_init_check (NULL, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           "There is no display to open a window on; `sandglass run` works in a "
                           "terminal");
      return FALSE;
    }
  g_set_prgname ("org.sandglass.Sandglass");
  gdk_set_program_class ("org.sandglass.Sandglass");
  sg_resources_use (viewer->appearance);
  return TRUE;
}

static void
on_finished (SgViewerWindow *window, gpointer data)
{
  gtk_main_quit ();
}

static void
end_with (SgViewer *viewer, int code)
{
  viewer->code = code;
  gtk_main_quit ();
}

/* Where it could not, the session is gone, and the window tells. */
static void
is_window (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) window = data;

  if (sg_link_become_window_finish (SG_LINK (source), result, NULL))
    sg_viewer_window_connect (window);
}

/* The session is there.  From here on no connection can be made, and the one that there is may ask
 * for less; then the guest's first bytes may come. */
static void
begin (SgViewer *viewer)
{
  SgViewerWindow *window = SG_VIEWER_WINDOW (viewer->window);
  g_autoptr (GError) error = NULL;

  viewer->link = sg_link_new (sg_fd_steal (&viewer->link_fd));
  sg_viewer_window_set_link (window, viewer->link);
  sg_viewer_window_watch_lock (window, sg_fd_steal (&viewer->lock_fd));
  if (viewer->keep)
    sg_viewer_window_leave_session (window);
  if (!sg_confine_calls (&error))
    {
      sg_report (error);
      end_with (viewer, SG_EXIT_OURS);
      return;
    }
  if (!viewer->files_limited)
    g_info ("the kernel does not limit which files this window's process can read");
  sg_link_become_window_async (viewer->link, is_window, g_object_ref (window));
}

static gboolean
on_session_known (int fd, GIOCondition condition, gpointer data)
{
  SgViewer *viewer = data;
  g_autoptr (GError) error = NULL;

  viewer->session_source = 0;
  if (!sg_viewer_read_session (viewer))
    end_with (viewer, SG_VIEWER_NO_SESSION);
  else if (viewer->link != NULL)
    sg_viewer_window_come (SG_VIEWER_WINDOW (viewer->window));
  else
    viewer->link_fd = sg_link_reach (viewer->session, &error);
  if (error != NULL)
    sg_report (error);
  sg_fd_clear (&viewer->session_fd);
  if (viewer->link != NULL || viewer->code != SG_EXIT_OK)
    return G_SOURCE_REMOVE;
  if (viewer->link_fd >= 0)
    begin (viewer);
  else
    end_with (viewer, SG_VIEWER_NO_SESSION);
  return G_SOURCE_REMOVE;
}

static int
show (SgViewer *viewer, GError **error)
{
  g_autoptr (GdkPixbuf) picture = NULL;

  if (!start_gtk (viewer, error))
    return SG_EXIT_OURS;
  viewer->window = sg_viewer_window_new (sg_fd_steal (&viewer->keeper_fd),
                                         sg_leave_key_find (viewer->leave_key));
  sg_viewer_window_set_sound (SG_VIEWER_WINDOW (viewer->window), sg_fd_steal (&viewer->play_fd),
                              sg_fd_steal (&viewer->listen_fd));
  if (viewer->size_of != NULL)
    sg_viewer_window_remember_size (SG_VIEWER_WINDOW (viewer->window), viewer->first_width,
                                    viewer->first_height);
  picture = sg_first_picture_read (sg_fd_steal (&viewer->first_picture));
  sg_viewer_window_set_first_picture (SG_VIEWER_WINDOW (viewer->window), picture);
  g_signal_connect (viewer->window, "finished", G_CALLBACK (on_finished), viewer);
  watch_signals (viewer);
  if (viewer->wait_fd >= 0)
    sg_viewer_window_wait (SG_VIEWER_WINDOW (viewer->window));
  else
    gtk_widget_show (viewer->window);
  if (viewer->session_fd >= 0)
    viewer->session_source
        = g_unix_fd_add (viewer->session_fd, G_IO_IN | G_IO_HUP, on_session_known, viewer);
  if (viewer->link_fd >= 0)
    begin (viewer);
  if (viewer->code == SG_EXIT_OK)
    gtk_main ();
  g_clear_handle_id (&viewer->session_source, g_source_remove);
  return viewer->code != SG_EXIT_OK ? viewer->code
                                    : sg_viewer_window_get_code (SG_VIEWER_WINDOW (viewer->window));
}

static int
run (SgViewer *viewer)
{
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_OURS;

  if (viewer->session != NULL)
    viewer->link_fd = sg_link_reach (viewer->session, &error);
  else
    viewer->link_fd = viewer->wait_fd;
  if (error != NULL)
    code = SG_VIEWER_NO_SESSION;
  else
    {
      viewer->first_picture = sg_first_picture_open ();
      sg_window_size_load (viewer->size_of, &viewer->first_width, &viewer->first_height);
      sg_viewer_bus_leave (sg_fd_steal (&viewer->bus_fd));
      if (sg_confine_files (&viewer->files_limited, &error))
        code = show (viewer, &error);
    }
  if (error != NULL)
    sg_report (error);
  if (viewer->window != NULL)
    gtk_widget_destroy (viewer->window);
  g_clear_object (&viewer->link);
  sg_fd_clear (&viewer->link_fd);
  sg_fd_clear (&viewer->keeper_fd);
  return code;
}

int
main (int argc, char **argv)
{
  SgViewer viewer = { .keeper_fd = -1,
                      .bus_fd = -1,
                      .look_fd = -1,
                      .lock_fd = -1,
                      .link_fd = -1,
                      .play_fd = -1,
                      .listen_fd = -1,
                      .session_fd = -1,
                      .wait_fd = -1,
                      .first_picture = -1 };
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_OK;

  sg_domain_init ();
  if (sg_question_is_wanted (argc, argv))
    return sg_question_main (argc, argv);
  if (!parse (&viewer, &argc, &argv, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  signal (SIGPIPE, SIG_IGN);
  viewer.bus_fd = sg_viewer_bus_ask ();
  viewer.look_fd = sg_desktop_look_ask ();
  viewer.lock_fd = sg_clipboard_lock_watch ();
  viewer.keeper_fd = sg_viewer_split (&viewer, &code);
  if (viewer.keeper_fd >= 0)
    code = run (&viewer);
  g_free (viewer.session);
  g_free (viewer.appearance);
  g_free (viewer.leave_key);
  g_free (viewer.size_of);
  return code;
}
