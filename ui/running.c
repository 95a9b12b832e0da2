/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's directory is there before its socket is, and a machine that waits (launcher/standby.h)
 * has one without: each such directory is watched, too. */
#include "ui/running.h"

#include "common/paths.h"

#include <sys/stat.h>

#define SOCKET "control"
#define MOST 200       /* directories that are looked at */
#define SOON_MSEC 50   /* several changes are one look */
#define AT_ONCE 3      /* are joined in one look: each is a row to be made, and a process that answers */
#define LATER_MSEC 500 /* one of ours does not know its id yet */
#define SILENT_USEC (20 * G_USEC_PER_SEC) /* who was over is not joined again so soon */

struct _SgRunning
{
  GObject parent;
  SgPreferences *preferences; /* owned */
  GListStore *list;           /* owned: SgSandbox */
  char *directory;            /* owned; NULL: there is none */
  GFileMonitor *monitor;      /* owned; NULL: nobody wants to know */
  GHashTable *waiting;        /* id (owned) -> GFileMonitor (owned): without a socket */
  GHashTable *silent;         /* id (owned) -> Silent (owned): there is a socket, and nobody answers */
  guint source;
};

/* What a session that was killed leaves: each look would find it again, and there is always a look when
 * one more came or went. */
typedef struct
{
  guint64 inode; /* of the socket: another one is another session */
  gint64 until;  /* monotonic */
} Silent;

G_DEFINE_TYPE (SgRunning, sg_running, G_TYPE_OBJECT)

static guint problem_signal;

static void look_in (SgRunning *self, guint msec);

/* --- who does not answer --- */

static guint64
socket_inode (SgRunning *self, const char *id)
{
  g_autofree char *socket = g_build_filename (self->directory, id, SOCKET, NULL);
  struct stat st;

  return lstat (socket, &st) == 0 ? (guint64)st.st_ino : 0;
}

static void
be_silent (SgRunning *self, const char *id)
{
  guint64 inode = self->directory != NULL ? socket_inode (self, id) : 0;
  Silent *silent;

  if (inode == 0)
    return; /* it has gone with all that it had */
  silent = g_new0 (Silent, 1);
  *silent = (Silent){ inode, g_get_monotonic_time () + SILENT_USEC };
  g_hash_table_replace (self->silent, g_strdup (id), silent);
}

static gboolean
is_silent (SgRunning *self, const char *id)
{
  const Silent *silent = g_hash_table_lookup (self->silent, id);

  if (silent == NULL)
    return FALSE;
  if (silent->inode == socket_inode (self, id))
    return TRUE;
  g_hash_table_remove (self->silent, id);
  return FALSE;
}

static gboolean
is_past (gpointer id, gpointer silent, gpointer now)
{
  return ((const Silent *)silent)->until <= *(const gint64 *)now;
}

/* --- the list --- */

static void
on_problem (SgSandbox *sandbox, SgProblem *problem, gpointer data)
{
  g_signal_emit (data, problem_signal, 0, sandbox, problem);
}

static void
on_over (SgSandbox *sandbox, gpointer data)
{
  SgRunning *self = data;
  guint place;

  if (sg_sandbox_is_joined (sandbox))
    be_silent (self, sg_sandbox_id (sandbox));
  if (g_list_store_find (self->list, sandbox, &place))
    g_list_store_remove (self->list, place);
}

void
sg_running_add (SgRunning *running, SgSandbox *sandbox)
{
  g_signal_connect_object (sandbox, "problem", G_CALLBACK (on_problem), running, 0);
  g_signal_connect_object (sandbox, "over", G_CALLBACK (on_over), running, G_CONNECT_AFTER);
  g_list_store_append (running->list, sandbox);
}

GListModel *
sg_running_list (SgRunning *running)
{
  return G_LIST_MODEL (running->list);
}

/* Whether one of that id is in it; ID "": one whose id is not known yet. */
static gboolean
has (SgRunning *self, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SgSandbox) sandbox = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      if (g_str_equal (sg_sandbox_id (sandbox), id))
        return TRUE;
    }
  return FALSE;
}

/* --- others --- */

/* A monitor that was cancelled says nothing more, whoever still holds it. */
static void
end_monitor (gpointer monitor)
{
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

static void
on_directory (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
              gpointer data)
{
  look_in (data, SOON_MSEC);
}

static GFileMonitor *
watch (SgRunning *self, const char *directory)
{
  g_autoptr (GFile) file = g_file_new_for_path (directory);
  GFileMonitor *monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);

  if (monitor != NULL)
    g_signal_connect (monitor, "changed", G_CALLBACK (on_directory), self);
  return monitor;
}

/* Whether it was joined. */
static gboolean
look_at (SgRunning *self, const char *id)
{
  g_autofree char *directory = g_build_filename (self->directory, id, NULL);
  g_autofree char *socket = g_build_filename (directory, SOCKET, NULL);
  GFileMonitor *monitor;

  if (has (self, id) || is_silent (self, id))
    return FALSE;
  if (!g_file_test (socket, G_FILE_TEST_EXISTS))
    {
      if (!g_hash_table_contains (self->waiting, id) && (monitor = watch (self, directory)) != NULL)
        g_hash_table_insert (self->waiting, g_strdup (id), monitor);
    }
  else if (has (self, ""))
    look_in (self, LATER_MSEC); /* it may be the same */
  else
    {
      g_autoptr (SgSandbox) sandbox = sg_sandbox_join (self->preferences, id);

      g_hash_table_remove (self->waiting, id);
      sg_running_add (self, sandbox);
      return TRUE;
    }
  return FALSE;
}

static gboolean
look (gpointer data)
{
  SgRunning *self = data;
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  const char *name;
  guint n = 0, joined = 0;
  gint64 now = g_get_monotonic_time ();

  self->source = 0;
  g_hash_table_foreach_remove (self->silent, is_past, &now);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && n < MOST && joined < AT_ONCE)
    if (sg_link_is_id (name))
      {
        joined += look_at (self, name);
        n++;
      }
  if (joined == AT_ONCE)
    look_in (self, SOON_MSEC);
  return G_SOURCE_REMOVE;
}

static void
look_in (SgRunning *self, guint msec)
{
  if (self->source == 0)
    self->source = g_timeout_add (msec, look, self);
}

static void
forget_others (SgRunning *self)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->list)); i-- > 0;)
    {
      g_autoptr (SgSandbox) sandbox = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      if (sg_sandbox_is_joined (sandbox))
        g_list_store_remove (self->list, i);
    }
}

void
sg_running_watch (SgRunning *running, gboolean others)
{
  if (running->directory == NULL || others == (running->monitor != NULL))
    return;
  if (others)
    {
      running->monitor = watch (running, running->directory);
      look_in (running, SOON_MSEC);
      return;
    }
  g_clear_handle_id (&running->source, g_source_remove);
  g_hash_table_remove_all (running->waiting);
  g_hash_table_remove_all (running->silent);
  g_clear_pointer (&running->monitor, end_monitor);
  forget_others (running);
}

/* --- the object --- */

SgRunning *
sg_running_new (SgPreferences *preferences)
{
  SgRunning *self = g_object_new (SG_TYPE_RUNNING, NULL);

  self->preferences = g_object_ref (preferences);
  return self;
}

static void
sg_running_dispose (GObject *object)
{
  SgRunning *self = SG_RUNNING (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_pointer (&self->silent, g_hash_table_unref);
  g_clear_pointer (&self->monitor, end_monitor);
  g_clear_object (&self->list);
  g_clear_object (&self->preferences);
  g_clear_pointer (&self->directory, g_free);
  G_OBJECT_CLASS (sg_running_parent_class)->dispose (object);
}

static void
sg_running_class_init (SgRunningClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_running_dispose;
  problem_signal = g_signal_new ("problem", SG_TYPE_RUNNING, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 2, SG_TYPE_SANDBOX, SG_TYPE_PROBLEM);
}

static void
sg_running_init (SgRunning *self)
{
  self->directory = sg_paths_runtime (NULL);
  self->list = g_list_store_new (SG_TYPE_SANDBOX);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, end_monitor);
  self->silent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}
