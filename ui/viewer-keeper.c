/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: without GTK, and no guest reaches it.  It saves pictures, has the person asked, serves
 * sound, hands signals on and reports the exit code. */
#include "ui/viewer-process.h"

#include "common/fd.h"
#include "common/report.h"
#include "ui/ask.h"
#include "ui/keeper-serve.h"
#include "ui/sound-serve.h"
#include "ui/sound-wire.h"
#include "ui/stay.h"
#include "ui/window-size.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_LENGTH 8
#define SOUND_BYTES 32768 /* of sound under way: a fifth of a second */

gboolean
sg_viewer_is_id (const char *text)
{
  return strlen (text) == ID_LENGTH && strspn (text, "0123456789abcdef") == ID_LENGTH;
}

gboolean
sg_viewer_read_session (SgViewer *viewer)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&viewer->reading);
  char id[ID_LENGTH + 1] = { 0 };

  if (viewer->session == NULL && viewer->session_fd >= 0
      && sg_read_all (viewer->session_fd, id, ID_LENGTH, NULL) == ID_LENGTH && sg_viewer_is_id (id))
    viewer->session = g_strdup (id);
  return viewer->session != NULL;
}

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
  SgViewer *viewer = data;
  g_auto (GStrv) argv = NULL;

  if ((what != SG_ASK_CLOSE && what != SG_ASK_SAVE && what != SG_ASK_FOLDERS && what != SG_ASK_USB)
      || !sg_viewer_read_session (viewer))
    return -1;
  argv = sg_ask_argv (viewer->session, what, window, copying (), viewer->appearance, NULL);
  return argv != NULL ? sg_ask_run (argv, fd) : -1;
}

/* What is copied in goes on by itself; some may at once. */
static gboolean
put_files (const char *paths, gsize length, guint32 window, gpointer data)
{
  SgViewer *viewer = data;
  g_auto (GStrv) argv = NULL;

  if (sg_viewer_read_session (viewer))
    argv = sg_ask_argv (viewer->session, SG_ASK_PUT, window, 0, viewer->appearance, NULL);
  return argv != NULL && copying () < COPYING_MAX
         && (copiers[copying ()] = sg_ask_start (argv, paths, length)) > 0;
}

static void
size_told (guint32 width, guint32 height, gpointer data)
{
  SgViewer *viewer = data;

  viewer->width = width;
  viewer->height = height;
}

/* Once, at the end: a viewer that was taken over cannot keep the disk busy with it. */
static void
remember_size (const SgViewer *viewer)
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
  SgViewer *viewer = data;

  return viewer->wait_fd < 0 || sg_viewer_read_session (viewer) ? sg_stay_begin () : NULL;
}

static const char *
session_of (gpointer data)
{
  SgViewer *viewer = data;

  return sg_viewer_read_session (viewer) ? viewer->session : NULL;
}

static gpointer
serve_sound (gpointer data)
{
  SgViewer *viewer = data;
  const SgSoundServe serve = { .play_fd = sg_fd_steal (&viewer->play_fd),
                               .listen_fd = sg_fd_steal (&viewer->listen_fd),
                               .session = session_of,
                               .data = viewer };

  sg_sound_serve (&serve);
  return NULL;
}

static int
keep (SgViewer *viewer, int fd)
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

int
sg_viewer_split (SgViewer *viewer, int *ret_code)
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
