/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/share-view.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define INSIDE_INDEX "/sandbox/sandglass-share-index"
#define INSIDE_FOLDER "/sandbox/folder"
#define INDEX_FILES 64u
#define INDEX_FD_FILTER 3
/* Loading a module takes seconds under emulation. */
#define SHOWN_SEC 30
/* Of its words: a line, and all. */
#define LINE_MOST 40
#define WORDS_MOST (64 * 1024)

static const char script[] = "modprobe -q fuse; exec /usr/lib/sandglass/sandglass-share \"$@\"";

struct SgShareView
{
  SgChild *index; /* NULL: ended */
  SgAgent *agent; /* a reference */
  guint32 handle; /* of the command inside; 0: ended */
  int said;       /* its words */
  guint words;    /* they are heard; 0: not any more */
  char line[LINE_MOST + 1];
  gsize line_len, heard;
  void (*hear) (SgShareWord word, gpointer data);
  gpointer hear_data;
  gboolean is_freed;
  gulong exited, broken;
  /* until it is shown */
  GTask *task;
  guint deadline;
};

static void settle (SgShareView *view, GError *error);

/* --- life ---------------------------------------------------------------------------------------
 */

static void
stop_watching (SgShareView *view)
{
  g_clear_handle_id (&view->words, g_source_remove);
  g_clear_handle_id (&view->deadline, g_source_remove);
  sg_fd_clear (&view->said);
}

static void
on_index_ended (SgChild *child, int status, gpointer data)
{
  SgShareView *view = data;

  sg_child_free (child);
  view->index = NULL;
  if (view->is_freed)
    g_free (view);
}

void
sg_share_view_free (SgShareView *view)
{
  if (view == NULL)
    return;
  stop_watching (view);
  if (view->agent != NULL)
    {
      g_clear_signal_handler (&view->exited, view->agent);
      g_clear_signal_handler (&view->broken, view->agent);
      if (view->handle != 0)
        sg_agent_drop (view->agent, view->handle);
    }
  g_clear_object (&view->agent);
  view->is_freed = TRUE;
  if (view->index != NULL)
    sg_child_kill (view->index); /* and the rest once it has ended */
  else
    g_free (view);
}

/* Takes ERROR. */
static void
settle (SgShareView *view, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&view->task);

  g_clear_handle_id (&view->deadline, g_source_remove);
  if (task == NULL)
    {
      g_clear_error (&error);
      return;
    }
  if (error == NULL)
    {
      g_task_return_pointer (task, view, (GDestroyNotify)sg_share_view_free);
      return;
    }
  sg_share_view_free (view);
  g_task_return_error (task, error);
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           SgShareView *view)
{
  if (handle != view->handle)
    return;
  view->handle = 0;
  sg_child_kill (view->index);
  if (view->task != NULL)
    settle (view,
            g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "it ended with %d %s", code, message));
}

static void
on_broken (SgAgent *agent, const char *why, SgShareView *view)
{
  view->handle = 0;
  sg_child_kill (view->index);
  settle (view, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, why));
}

/* --- start --------------------------------------------------------------------------------------
 */

SgConfinement *
sg_share_view_confine (const char *program, const char *shown, const SgConfinement *like)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = INDEX_FILES;
  c->proc = TRUE; /* a directory is watched through /proc/self/fd */
  c->seccomp_fd = INDEX_FD_FILTER;
  c->other_user = like->other_user;
  c->uid = like->uid;
  c->gid = like->gid;
  sg_confine_libraries (c);
  sg_confinement_add (c, SG_DOOR_READ, program, INSIDE_INDEX, "the index's program");
  sg_confinement_add (c, SG_DOOR_READ, shown, INSIDE_FOLDER, "the folder that is shared");
  return c;
}

/* STREAMS: what it reads, what it writes. */
static gboolean
start_index (SgShareView *view, const char *bwrap, const char *shown, const SgConfinement *like,
             const int streams[2], GError **error)
{
  static const char *const command[] = { INSIDE_INDEX, INSIDE_FOLDER, NULL };
  g_autofree char *program = sg_paths_program ("sandglass-share-index", error);
  g_autoptr (SgConfinement) c
      = program != NULL ? sg_share_view_confine (program, shown, like) : NULL;
  g_auto (GStrv) argv = c != NULL ? sg_confinement_arguments (c, bwrap, command) : NULL;
  sg_fd int filter = argv != NULL ? sg_confine_filter (error) : -1;
  SgSpawn spawn = { .name = "The index of a shared folder",
                    .argv = (const char *const *)argv,
                    .in = streams[0],
                    .out = streams[1],
                    .err = -1,
                    .fds = &filter,
                    .n_fds = 1,
                    .files = INDEX_FILES };

  if (filter < 0)
    return FALSE;
  view->index = sg_spawn (&spawn, on_index_ended, view, error);
  return view->index != NULL;
}

/* VIEW may be gone afterwards. */
static void
take_line (SgShareView *view, const char *line)
{
  static const char *const words[] = { "full", "quota", "slow" };

  for (gsize i = 0; i < G_N_ELEMENTS (words) && view->hear != NULL; i++)
    if (g_str_equal (line, words[i]))
      view->hear ((SgShareWord)i, view->hear_data);
  if (g_str_equal (line, "shown"))
    settle (view, NULL);
}

/* One line at a time: what comes of it may be the end of VIEW. */
static gboolean
on_words (int fd, GIOCondition condition, gpointer data)
{
  SgShareView *view = data;
  char byte;
  ssize_t n;

  while ((n = read (fd, &byte, 1)) == 1 && ++view->heard < WORDS_MOST)
    {
      if (byte == '\n')
        {
          view->line[view->line_len] = '\0';
          view->line_len = 0;
          take_line (view, view->line);
          return G_SOURCE_CONTINUE;
        }
      view->line[view->line_len] = byte;
      view->line_len = MIN (view->line_len + 1, LINE_MOST);
    }
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  view->words = 0; /* "exited" follows */
  return G_SOURCE_REMOVE;
}

static gboolean
too_late (gpointer data)
{
  SgShareView *view = data;

  view->deadline = 0;
  settle (view, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "it did not start in time"));
  return G_SOURCE_REMOVE;
}

static gboolean
start_inside (SgShareView *view, const char *const *argv, int in, int out, GError **error)
{
  SgAgentCommand command = { .argv = argv, .cwd = "/", .user = "root" };
  sg_fd int theirs = -1;
  int pipes[2];

  if (pipe2 (pipes, O_CLOEXEC | O_NONBLOCK) < 0)
    return sg_errno (error, "Cannot create a pipe");
  view->said = pipes[0];
  theirs = pipes[1];
  fcntl (theirs, F_SETFL, 0); /* the relay's threads block */
  view->handle = sg_agent_exec (view->agent, &command, in, out, theirs, error);
  if (view->handle == 0)
    return FALSE;
  view->exited = g_signal_connect (view->agent, "exited", G_CALLBACK (on_exited), view);
  view->broken = g_signal_connect (view->agent, "broken", G_CALLBACK (on_broken), view);
  view->words = g_unix_fd_add (view->said, G_IO_IN | G_IO_HUP | G_IO_ERR, on_words, view);
  view->deadline = g_timeout_add_seconds (SHOWN_SEC, too_late, view);
  return TRUE;
}

void
sg_share_view_async (SgAgent *agent, const char *bwrap, const SgConfinement *like,
                     const char *shown, const char *below, const char *place, gboolean writable,
                     GAsyncReadyCallback callback, gpointer data)
{
  const char *argv[] = { "sh", "-c", script, "share", below, place, writable ? "rw" : "ro", NULL };
  SgShareView *view = g_new0 (SgShareView, 1);
  GError *error = NULL;
  int up[2] = { -1, -1 }, down[2] = { -1, -1 };

  view->said = -1;
  view->agent = g_object_ref (agent);
  view->task = g_task_new (NULL, NULL, callback, data);
  if (pipe2 (up, O_CLOEXEC) < 0 || pipe2 (down, O_CLOEXEC) < 0)
    sg_errno (&error, "Cannot create a pipe");
  else if (start_index (view, bwrap, shown, like, (int[]){ up[0], down[1] }, &error))
    start_inside (view, argv, down[0], up[1], &error);
  for (int i = 0; i < 2; i++)
    {
      sg_fd_clear (&up[i]);
      sg_fd_clear (&down[i]);
    }
  if (error != NULL)
    settle (view, error);
}

void
sg_share_view_hear (SgShareView *view, void (*hear) (SgShareWord word, gpointer data),
                    gpointer data)
{
  view->hear = hear;
  view->hear_data = data;
}

SgShareView *
sg_share_view_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
