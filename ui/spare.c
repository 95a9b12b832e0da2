/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/spare.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/session-memory.h"
#include "launcher/standby.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SESSION_FD 3 /* of the viewer */
#define WAIT_FD 4
#define WORD_BYTES 16
#define DEATHS_MOST 3 /* in a row, before their machine was taken: then none is started any more */

struct _SgSpare
{
  GObject parent;
  SgPreferences *preferences; /* owned */
  SgSpareWindow *window;      /* owned; NULL: none waits */
  char **argv;                /* owned: how that was started */
  gboolean wanted, joining;
  guint deaths;
};

G_DEFINE_TYPE (SgSpare, sg_spare, G_TYPE_OBJECT)

void
sg_spare_window_free (SgSpareWindow *window)
{
  if (window == NULL)
    return;
  sg_fd_clear (&window->fd); /* it ends by itself when it hears nothing any more */
  g_clear_object (&window->viewer);
  g_free (window->id);
  g_free (window->word);
  g_free (window);
}

/* Twice, for its two processes. */
void
sg_spare_window_show (SgSpareWindow *window)
{
  for (int i = 0; i < 2; i++)
    sg_write_all (window->fd, window->id, strlen (window->id), NULL);
  sg_fd_clear (&window->fd);
}

/* --- starting one */

static char **
arguments (SgSpare *self, GError **error)
{
  g_autofree char *program = sg_paths_program ("sandglass-viewer", error);
  const char *appearance = sg_preferences_appearance (self->preferences);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *key
      = g_strdup_printf ("--leave-key=%s", sg_preferences_leave_key (self->preferences));
  g_autofree char *look = g_strdup_printf ("--appearance=%s", appearance);

  if (program == NULL)
    return NULL;
  g_strv_builder_add_many (argv, program, "--session-fd=3", "--wait-fd=4", key,
                           appearance != NULL ? look : NULL, NULL);
  return g_strv_builder_end (argv);
}

static void
viewer_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSpare) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (self->window == NULL || self->window->viewer != G_SUBPROCESS (source))
    return; /* somebody has it, or it was not wanted */
  if (!g_subprocess_get_if_exited (G_SUBPROCESS (source)) && self->deaths < DEATHS_MOST)
    self->deaths++;
  g_clear_pointer (&self->window, sg_spare_window_free);
}

static gboolean
start (SgSpare *self, SgSpareWindow *window, int wait_fd, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_auto (GStrv) argv = arguments (self, error);
  sg_fd int fd = wait_fd;
  int pipe[2];

  if (argv == NULL || !g_unix_open_pipe (pipe, FD_CLOEXEC, error))
    return FALSE;
  window->fd = pipe[1];
  g_subprocess_launcher_take_fd (launcher, pipe[0], SESSION_FD);
  g_subprocess_launcher_take_fd (launcher, sg_fd_steal (&fd), WAIT_FD);
  window->viewer
      = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
  if (window->viewer == NULL)
    return FALSE;
  g_strfreev (self->argv);
  self->argv = g_steal_pointer (&argv);
  g_subprocess_wait_async (window->viewer, NULL, viewer_ended, g_object_ref (self));
  return TRUE;
}

/* --- its machine: in a thread, because a session may hang */

typedef struct
{
  char *word, *id, *profile;
} Joining;

static void
joining_free (gpointer data)
{
  Joining *joining = data;

  g_free (joining->word);
  g_free (joining->id);
  g_free (joining->profile);
  g_free (joining);
}

static void
join (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Joining *joining = data;

  g_task_return_int (task, sg_standby_join (joining->word, joining->profile, &joining->id));
}

static void
joined (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSpare *self = SG_SPARE (source);
  Joining *joining = g_task_get_task_data (G_TASK (result));
  g_autoptr (SgSpareWindow) window = NULL;
  g_autoptr (GError) error = NULL;
  sg_fd int fd = (int)g_task_propagate_int (G_TASK (result), NULL);

  self->joining = FALSE;
  if (fd < 0 || !self->wanted || self->window != NULL)
    return;
  window = g_new0 (SgSpareWindow, 1);
  window->fd = -1;
  window->word = g_steal_pointer (&joining->word);
  window->id = g_steal_pointer (&joining->id);
  if (start (self, window, sg_fd_steal (&fd), &error))
    self->window = g_steal_pointer (&window);
  else
    g_message ("no window waits: %s", error->message);
}

/* Not GLib's generator, which is no secret keeper. */
static char *
draw_word (void)
{
  guint8 bytes[WORD_BYTES];
  GString *word = g_string_new (NULL);

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    abort ();
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (word, "%02x", bytes[i]);
  return g_string_free (word, FALSE);
}

void
sg_spare_keep (SgSpare *spare, gboolean wanted, const char *profile)
{
  g_autoptr (GTask) task = NULL;
  Joining *joining;

  spare->wanted = wanted && spare->deaths < DEATHS_MOST;
  if (!spare->wanted)
    g_clear_pointer (&spare->window, sg_spare_window_free);
  if (!spare->wanted || spare->window != NULL || spare->joining)
    return;
  joining = g_new0 (Joining, 1);
  joining->word = draw_word ();
  joining->profile = g_strdup (profile);
  task = g_task_new (spare, NULL, joined, NULL);
  g_task_set_task_data (task, joining, joining_free);
  spare->joining = TRUE;
  g_task_run_in_thread (task, join);
}

/* --- what waits */

guint64
sg_spare_memory (SgSpare *spare)
{
  const char *pid
      = spare->window != NULL ? g_subprocess_get_identifier (spare->window->viewer) : NULL;
  SgMemory memory = { 0 };

  /* The viewer proper is a child of its keeper, which is small. */
  if (pid != NULL)
    sg_memory_of_descendants ((pid_t)g_ascii_strtoll (pid, NULL, 10), &memory, NULL);
  return memory.proportional_bytes;
}

SgSpareWindow *
sg_spare_take (SgSpare *spare)
{
  g_auto (GStrv) argv = arguments (spare, NULL);
  g_autoptr (SgSpareWindow) window = g_steal_pointer (&spare->window);

  if (window == NULL || argv == NULL
      || !g_strv_equal ((const char *const *)argv, (const char *const *)spare->argv))
    return NULL;
  spare->deaths = 0;
  return g_steal_pointer (&window);
}

/* --- the object */

SgSpare *
sg_spare_new (SgPreferences *preferences)
{
  SgSpare *self = g_object_new (SG_TYPE_SPARE, NULL);

  self->preferences = g_object_ref (preferences);
  return self;
}

static void
sg_spare_finalize (GObject *object)
{
  SgSpare *self = SG_SPARE (object);

  sg_spare_window_free (self->window);
  g_strfreev (self->argv);
  g_clear_object (&self->preferences);
  G_OBJECT_CLASS (sg_spare_parent_class)->finalize (object);
}

static void
sg_spare_class_init (SgSpareClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_spare_finalize;
}

static void
sg_spare_init (SgSpare *self)
{
}
