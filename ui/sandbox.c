/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/sandbox-internal.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/standby.h"
#include "ui/link.h"
#include "ui/undo.h"
#include "ui/viewer-code.h"
#include "ui/window-size.h"
#include "ui/words.h"

#include <gio/gio.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#define OWNER_FD 3
#define SESSION_FD 3 /* of the viewer */
#define SPARE_USEC (5 * G_USEC_PER_SEC) /* one that ends sooner after it waited is replaced */

G_DEFINE_TYPE (SgSandbox, sg_sandbox, G_TYPE_OBJECT)

enum
{
  CHANGED,
  OVER,
  PROBLEM,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
sg_sandbox_tell_problem (SgSandbox *self, const char *title, const char *message, const char *next)
{
  g_autofree char *details = self->link != NULL ? sg_link_details (self->link) : NULL;
  g_autoptr (SgProblem) problem = sg_problem_new (title, message, next, details);

  g_signal_emit (self, signals[PROBLEM], 0, problem);
}

/* --- the viewer --- */

static void start_viewer (SgSandbox *self);

/* It waited, and could not do what it waited for. */
static gboolean
was_bad_spare (SgSandbox *self, GSubprocess *viewer)
{
  gint64 since = self->spare_shown;

  self->spare_shown = 0;
  return since != 0 && g_get_monotonic_time () - since < SPARE_USEC && !self->over
         && !self->closing
         && (!g_subprocess_get_if_exited (viewer)
             || g_subprocess_get_exit_status (viewer) == SG_VIEWER_NO_SESSION);
}

static void
viewer_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;
  GSubprocess *viewer = G_SUBPROCESS (source);
  gboolean told;

  g_subprocess_wait_finish (viewer, result, NULL);
  told = g_subprocess_get_if_exited (viewer)
         && g_subprocess_get_exit_status (viewer) != SG_VIEWER_NO_SESSION;
  g_clear_object (&self->viewer);
  sg_fd_clear (&self->viewer_fd);
  if (was_bad_spare (self, viewer))
    start_viewer (self);
  else if (told && g_subprocess_get_exit_status (viewer) == SG_VIEWER_CLOSED_EARLY
      && self->joined == NULL)
    sg_sandbox_discard (self);
  else if (self->problem != NULL && !told)
    g_signal_emit (self, signals[PROBLEM], 0, self->problem);
  else if (!self->over && !self->closing && (!told || g_subprocess_get_exit_status (viewer) != 0))
    sg_sandbox_tell_problem (self, _ ("The sandbox's window stopped"),
                  _ ("The window ended unexpectedly; the sandbox itself still runs."),
                  _ ("Next: show it again from the list of running sandboxes, or close it."));
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Which session it is to show, once that is known: its window is there before.  Twice, for its two
 * processes. */
static void
tell_viewer (SgSandbox *self)
{
  const char *id = sg_sandbox_id (self);

  if (self->viewer_fd < 0 || *id == '\0')
    return;
  for (int i = 0; i < 2; i++)
    sg_write_all (self->viewer_fd, id, strlen (id), NULL);
  sg_fd_clear (&self->viewer_fd);
}

static void
start_viewer (SgSandbox *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *program = sg_paths_program ("sandglass-viewer", &error);
  const char *appearance = sg_preferences_appearance (self->preferences);
  int pipe[2];
  g_autofree char *look = g_strdup_printf ("--appearance=%s", appearance);
  g_autofree char *key
      = g_strdup_printf ("--leave-key=%s", sg_preferences_leave_key (self->preferences));
  g_autofree char *size_of
      = self->size_of != NULL ? g_strconcat ("--size-of=", self->size_of, NULL) : NULL;
  const char *argv[] = { program, "--session-fd=3", key, NULL, NULL, NULL };
  guint n = 3;

  if (appearance != NULL)
    argv[n++] = look;
  if (size_of != NULL)
    argv[n++] = size_of;

  if (program != NULL && g_unix_open_pipe (pipe, FD_CLOEXEC, &error))
    {
      sg_fd_clear (&self->viewer_fd);
      self->viewer_fd = pipe[1];
      g_subprocess_launcher_take_fd (launcher, pipe[0], SESSION_FD);
      self->viewer = g_subprocess_launcher_spawnv (launcher, argv, &error);
      tell_viewer (self);
    }
  if (self->viewer == NULL)
    {
      sg_sandbox_tell_problem (self, _ ("The sandbox's window could not open"), error->message,
                    _ ("Next: install Sandglass again, then try once more."));
      sg_sandbox_discard (self);
      return;
    }
  g_subprocess_wait_async (self->viewer, NULL, viewer_ended, g_object_ref (self));
}

/* It has closed meanwhile, or hangs: a new one. */
static void
asked_to_show (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;

  if (!sg_link_ask_window_finish (SG_LINK (source), result, NULL) && self->viewer == NULL
      && !self->over && !self->closing)
    start_viewer (self);
}

void
sg_sandbox_show (SgSandbox *sandbox)
{
  if (sandbox->over || sandbox->closing || sandbox->spare != NULL)
    return;
  if (sandbox->viewer != NULL)
    g_subprocess_send_signal (sandbox->viewer, SIGUSR1);
  else if (sg_link_windows (sandbox->link) > 0)
    sg_link_ask_window_async (sandbox->link, "show", asked_to_show, g_object_ref (sandbox));
  else
    start_viewer (sandbox);
}

/* --- the session --- */

static void
on_changed (SgLink *link, gpointer data)
{
  SgSandbox *self = data;

  g_free (self->name);
  self->name = sg_words_name (sg_link_title (link));
  tell_viewer (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_gone (SgLink *link, gpointer data)
{
  g_autoptr (SgSandbox) self = g_object_ref (data);
  const char *failure = sg_link_failure (link);
  g_autofree char *details = sg_link_details (link);

  self->over = TRUE;
  sg_fd_clear (&self->viewer_fd);
  g_clear_pointer (&self->undo, gtk_widget_destroy);
  /* Who started another one tells about it. */
  if (failure != NULL && !self->closing && self->joined == NULL)
    self->problem = sg_problem_new (
        *sg_link_id (link) != '\0' ? _ ("The sandbox stopped") : _ ("The sandbox could not start"),
        failure,
        _ ("Next: look at Check This Computer; it names what is missing and what mends it."),
        details);
  if (self->problem != NULL && self->viewer == NULL)
    g_signal_emit (self, signals[PROBLEM], 0, self->problem);
  g_signal_emit (self, signals[OVER], 0);
}

static void
discarded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;
  g_autoptr (GError) error = NULL;

  if (sg_link_discard_finish (SG_LINK (source), result, &error))
    return;
  self->closing = FALSE;
  sg_sandbox_tell_problem (self, _ ("Not everything of the sandbox is gone"), error->message,
                _ ("Next: copy the details, then restart the computer: what is left can then be "
                   "removed by hand."));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
sg_sandbox_discard (SgSandbox *sandbox)
{
  if (sandbox->over || sandbox->closing)
    return;
  sandbox->closing = TRUE;
  if (sandbox->viewer != NULL)
    g_subprocess_send_signal (sandbox->viewer, SIGTERM);
  sg_link_discard_async (sandbox->link, discarded, g_object_ref (sandbox));
  g_signal_emit (sandbox, signals[CHANGED], 0);
}

static void
session_reaped (GObject *source, GAsyncResult *result, gpointer data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
}

static gboolean
first_show (gpointer data)
{
  sg_sandbox_show (data);
  return G_SOURCE_REMOVE;
}

static SgSandbox *
make (SgPreferences *preferences, SgLink *link)
{
  SgSandbox *self = g_object_new (SG_TYPE_SANDBOX, NULL);

  self->preferences = g_object_ref (preferences);
  self->link = link;
  g_signal_connect (self->link, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (self->link, "gone", G_CALLBACK (on_gone), self);
  return self;
}

/* Returns our end of its owner's connection, -1 on error. */
static int
start_session (SgSandbox *self, const char *profile, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *program = sg_paths_program ("sandglass-session", error);
  sg_fd int ours = -1;
  int theirs;

  if (program == NULL || !sg_socketpair (&ours, &theirs, error))
    return -1;
  g_subprocess_launcher_take_fd (launcher, theirs, OWNER_FD);
  self->session
      = g_subprocess_launcher_spawn (launcher, error, program, "--owner-fd=3", "--look",
                                     profile != NULL ? "--profile" : NULL, profile, NULL);
  if (self->session == NULL)
    return -1;
  g_subprocess_wait_async (self->session, NULL, session_reaped, NULL);
  return sg_fd_steal (&ours);
}

typedef struct
{
  SgStandbyWish wish;
  gboolean window; /* result: the one that waited goes on */
  char *profile;   /* owned: of the wish */
} Taking;

static void
taking_free (gpointer data)
{
  g_free (((Taking *)data)->profile);
  g_free (data);
}

/* One that waits answers within milliseconds, or is waited for a moment: not in the main loop. */
static void
take_ready (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Taking *taking = data;

  taking->wish.look = TRUE;
  g_task_return_int (task, sg_standby_take (&taking->wish, &taking->window));
}

static void
adopt_spare (SgSandbox *self)
{
  sg_spare_window_show (self->spare);
  self->spare_shown = g_get_monotonic_time ();
  self->viewer = g_object_ref (self->spare->viewer);
  g_subprocess_wait_async (self->viewer, NULL, viewer_ended, g_object_ref (self));
}

static void
ready_taken (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSandbox *self = SG_SANDBOX (source);
  Taking *taking = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  int fd = (int)g_task_propagate_int (G_TASK (result), NULL);

  if (self->spare != NULL && taking->window && !self->closing)
    adopt_spare (self);
  g_clear_pointer (&self->spare, sg_spare_window_free);
  if (self->viewer == NULL)
    sg_sandbox_show (self);
  if (fd < 0)
    fd = start_session (self, taking->profile, &error);
  if (error != NULL)
    g_message ("no session: %s", error->message);
  sg_link_connect (self->link, fd); /* without one it is broken, and that is told */
}

SgSandbox *
sg_sandbox_start (SgPreferences *preferences, const char *profile, SgSpare *spare, GError **error)
{
  g_autoptr (SgSandbox) self = make (preferences, sg_link_new_later ());
  gboolean ready = sg_standby_count () > 0;
  int fd = ready ? -1 : start_session (self, profile, error);

  if (!ready && fd < 0)
    return NULL;
  self->size_of = sg_window_size_name (profile);
  if (!ready)
    sg_link_connect (self->link, fd);
  else
    {
      g_autoptr (GTask) task = g_task_new (self, NULL, ready_taken, NULL);
      Taking *taking = g_new0 (Taking, 1);

      /* A window that waits does not know of a size that was left. */
      self->spare = spare != NULL && self->size_of == NULL ? sg_spare_take (spare) : NULL;
      if (self->spare != NULL)
        {
          taking->wish.id = self->spare->id;
          taking->wish.window = self->spare->word;
        }
      taking->wish.profile = taking->profile = g_strdup (profile);
      g_task_set_task_data (task, taking, taking_free);
      g_task_run_in_thread (task, take_ready);
    }
  /* When whoever called has connected to our signals. */
  g_idle_add_full (G_PRIORITY_HIGH, first_show, g_object_ref (self), g_object_unref);
  return g_steal_pointer (&self);
}

/* --- one that somebody else started --- */

/* A local socket, but its session may hang. */
static void
reach (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, sg_link_reach (data, NULL));
}

static void
reached (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSandbox *self = SG_SANDBOX (source);

  /* Without a descriptor it is broken, and goes. */
  sg_link_connect (self->link, (int)g_task_propagate_int (G_TASK (result), NULL));
}

SgSandbox *
sg_sandbox_join (SgPreferences *preferences, const char *id)
{
  SgSandbox *self = make (preferences, sg_link_new_later ());
  g_autoptr (GTask) task = g_task_new (self, NULL, reached, NULL);

  self->joined = g_strdup (id);
  g_task_set_task_data (task, g_strdup (id), g_free);
  g_task_run_in_thread (task, reach);
  return self;
}

gboolean
sg_sandbox_is_joined (SgSandbox *sandbox)
{
  return sandbox->joined != NULL;
}

/* --- the object --- */

static void
sg_sandbox_dispose (GObject *object)
{
  SgSandbox *self = SG_SANDBOX (object);

  if (self->link != NULL)
    g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->link);
  g_clear_object (&self->session);
  g_clear_object (&self->viewer);
  g_clear_object (&self->question);
  g_clear_object (&self->preferences);
  g_clear_weak_pointer (&self->over_window);
  g_clear_pointer (&self->undo, gtk_widget_destroy);
  G_OBJECT_CLASS (sg_sandbox_parent_class)->dispose (object);
}

static void
sg_sandbox_finalize (GObject *object)
{
  SgSandbox *self = SG_SANDBOX (object);

  sg_fd_clear (&self->viewer_fd);
  sg_spare_window_free (self->spare);
  g_free (self->name);
  g_free (self->joined);
  g_free (self->size_of);
  sg_problem_free (self->problem);
  G_OBJECT_CLASS (sg_sandbox_parent_class)->finalize (object);
}

static void
sg_sandbox_class_init (SgSandboxClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_sandbox_dispose;
  G_OBJECT_CLASS (class)->finalize = sg_sandbox_finalize;
  signals[CHANGED] = g_signal_new ("changed", SG_TYPE_SANDBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[OVER] = g_signal_new ("over", SG_TYPE_SANDBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  signals[PROBLEM] = g_signal_new ("problem", SG_TYPE_SANDBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, SG_TYPE_PROBLEM);
}

static void
sg_sandbox_init (SgSandbox *self)
{
  self->viewer_fd = -1;
}
