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
#include "ui/ask.h"
#include "ui/clipboard-lock.h"
#include "ui/confine.h"
#include "ui/desktop-look.h"
#include "ui/first-picture.h"
#include "ui/keeper-serve.h"
#include "ui/question-main.h"
#include "ui/resources.h"
#include "ui/sound-serve.h"
#include "ui/sound-wire.h"
#include "ui/stay.h"
#include "ui/viewer-bus.h"
#include "ui/viewer-window.h"
#include "ui/window-size.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_LENGTH 8
#define SOUND_BYTES 32768 /* of sound under way: a fifth of a second */

typedef struct
{
  char *session;                /* owned: eight hex digits; NULL: not known yet */
  char *appearance, *leave_key; /* owned */
  int session_fd;               /* where it comes from */
  int wait_fd;                  /* -1: the window is shown at once */
  int first_picture;            /* first-picture.h */
  int keeper_fd, bus_fd, lock_fd, link_fd;
  int look_fd; /* desktop-look.h */
  int play_fd, listen_fd; /* sound-wire.h: first the keeper's ends, then the viewer's */
  GMutex reading;         /* in the keeper: `session` */
  guint session_source;
  gboolean files_limited;
  char *size_of; /* owned: whose window's size is remembered; NULL: nobody's */
  int first_width, first_height; /* in the viewer; 0: not known */
  guint32 width, height;         /* in the keeper: what it was told last; 0: nothing */
  gboolean keep; /* closing does not discard */
  SgLink *link;
  GtkWidget *window;
  int code;
} Viewer;

/* --- the command line --- */

static gboolean
is_id (const char *text)
{
  return strlen (text) == ID_LENGTH && strspn (text, "0123456789abcdef") == ID_LENGTH;
}

static gboolean
is_open (int fd)
{
  return fd > STDERR_FILENO && fcntl (fd, F_GETFD) >= 0;
}

static gboolean
parse (Viewer *viewer, int *argc, char ***argv, GError **error)
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
  if (*argc == 1 && viewer->session != NULL && is_id (viewer->session) && viewer->wait_fd < 0)
    return TRUE;
  if (*argc == 1 && viewer->session == NULL && is_open (viewer->session_fd)
      && (viewer->wait_fd < 0 || is_open (viewer->wait_fd)))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               "Tell which sandbox to show: sandglass-viewer --session ID (eight characters)");
  return FALSE;
}

/* The next ID in the pipe; FALSE: whoever started us has none. */
static gboolean
read_session (Viewer *viewer)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&viewer->reading);
  char id[ID_LENGTH + 1] = { 0 };

  if (viewer->session == NULL && viewer->session_fd >= 0
      && sg_read_all (viewer->session_fd, id, ID_LENGTH, NULL) == ID_LENGTH && is_id (id))
    viewer->session = g_strdup (id);
  return viewer->session != NULL;
}

/* --- the keeper --- */

static volatile sig_atomic_t child;

static void
hand_on (int number)
{
  int saved = errno;

  if (child > 0)
    kill ((pid_t)child, number);
  errno = saved;
}

#define COPYING_MAX 4
static pid_t copiers[COPYING_MAX]; /* processes of put.h; those that run come first */

/* How many of them run. */
static guint
copying (void)
{
  guint n = 0;

  for (guint i = 0; i < COPYING_MAX; i++)
    {
      pid_t pid = copiers[i];

      copiers[i] = 0;
      if (pid > 0 && waitpid (pid, NULL, WNOHANG) == 0)
        copiers[n++] = pid;
    }
  return n;
}

static int
put_question (guint32 what, guint32 window, int fd, gpointer data)
{
  Viewer *viewer = data;
  g_auto (GStrv) argv = NULL;

  if ((what != SG_ASK_CLOSE && what != SG_ASK_SAVE && what != SG_ASK_FOLDERS && what != SG_ASK_USB)
      || !read_session (viewer))
    return -1;
  argv = sg_ask_argv (viewer->session, what, window, copying (), viewer->appearance, NULL);
  return argv != NULL ? sg_ask_run (argv, fd) : -1;
}

/* What is copied in goes on by itself; some may at once. */
static gboolean
put_files (const char *paths, gsize length, guint32 window, gpointer data)
{
  Viewer *viewer = data;
  g_auto (GStrv) argv = NULL;

  if (read_session (viewer))
    argv = sg_ask_argv (viewer->session, SG_ASK_PUT, window, 0, viewer->appearance, NULL);
  return argv != NULL && copying () < COPYING_MAX
         && (copiers[copying ()] = sg_ask_start (argv, paths, length)) > 0;
}

static void
size_told (guint32 width, guint32 height, gpointer data)
{
  Viewer *viewer = data;

  viewer->width = width;
  viewer->height = height;
}

/* Once, at the end: a viewer that was taken over cannot keep the disk busy with it. */
static void
remember_size (const Viewer *viewer)
{
  g_autoptr (GError) error = NULL;

  if (viewer->width > 0
      && !sg_window_size_save (viewer->size_of, viewer->width, viewer->height, &error))
    g_info ("the window's size is not remembered: %s", error->message);
}

/* Held until this process ends.  A window that waits holds nobody back. */
static gpointer
hold_back (gpointer data)
{
  Viewer *viewer = data;

  return viewer->wait_fd < 0 || read_session (viewer) ? sg_stay_begin () : NULL;
}

static const char *
session_of (gpointer data)
{
  Viewer *viewer = data;

  return read_session (viewer) ? viewer->session : NULL;
}

static gpointer
serve_sound (gpointer data)
{
  Viewer *viewer = data;
  const SgSoundServe serve = { .play_fd = sg_fd_steal (&viewer->play_fd),
                               .listen_fd = sg_fd_steal (&viewer->listen_fd),
                               .session = session_of,
                               .data = viewer };

  sg_sound_serve (&serve);
  return NULL;
}

static int
keep (Viewer *viewer, int fd)
{
  int status;

  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  /* A bus may be slow, and the first picture is not to wait for it. */
  g_thread_unref (g_thread_new ("stay", hold_back, viewer));
  g_thread_unref (g_thread_new ("sound", serve_sound, viewer));
  sg_keeper_serve (fd, NULL, put_question, put_files, viewer->size_of != NULL ? size_told : NULL,
                   viewer);
  remember_size (viewer);
  close (fd);
  while (waitpid ((pid_t)child, &status, 0) < 0)
    if (errno != EINTR)
      return SG_EXIT_OURS;
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* Returns the child's end in *ret_fd, or -1 in the keeper, when all is over, with *ret_code. */
static int
split (Viewer *viewer, int *ret_code)
{
  static const int handed_on[] = { SIGTERM, SIGUSR1, SIGHUP, SIGINT };
  int ours, theirs, play = -1, listen = -1;
  sigset_t all, before;
  pid_t pid;
  g_autoptr (GError) error = NULL;

  if (!sg_socketpair (&ours, &theirs, &error))
    {
      sg_report (error);
      *ret_code = SG_EXIT_OURS;
      return -1;
    }
  if (!sg_sound_pair (&viewer->play_fd, &play, SOUND_BYTES, &error)
      || !sg_sound_pair (&viewer->listen_fd, &listen, SOUND_BYTES, &error))
    g_clear_error (&error); /* a silent window */
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, &before);
  pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      sigprocmask (SIG_SETMASK, &before, NULL);
      close (ours);
      sg_fd_clear (&viewer->play_fd);
      sg_fd_clear (&viewer->listen_fd);
      viewer->play_fd = play;
      viewer->listen_fd = listen;
      return theirs;
    }
  close (theirs);
  sg_fd_clear (&play);
  sg_fd_clear (&listen);
  child = pid;
  for (gsize i = 0; i < G_N_ELEMENTS (handed_on); i++)
    signal (handed_on[i], hand_on);
  sigprocmask (SIG_SETMASK, &before, NULL);
  *ret_code = pid > 0 ? keep (viewer, ours) : SG_EXIT_OURS;
  return -1;
}

/* --- the viewer --- */

static gboolean
show_again (gpointer data)
{
  Viewer *viewer = data;

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
watch_signals (Viewer *viewer)
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
start_gtk (Viewer *viewer, GError **error)
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
end_with (Viewer *viewer, int code)
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
begin (Viewer *viewer)
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
  Viewer *viewer = data;
  g_autoptr (GError) error = NULL;

  viewer->session_source = 0;
  if (!read_session (viewer))
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
show (Viewer *viewer, GError **error)
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
run (Viewer *viewer)
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
  Viewer viewer = { .keeper_fd = -1,
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
  viewer.keeper_fd = split (&viewer, &code);
  if (viewer.keeper_fd >= 0)
    code = run (&viewer);
  g_free (viewer.session);
  g_free (viewer.appearance);
  g_free (viewer.leave_key);
  g_free (viewer.size_of);
  return code;
}
