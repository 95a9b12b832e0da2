/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A queue of jobs, worked through one after the other: a path that was asked for, or a file that
 * was found in a folder.  A path is tried as a file first; the answer "not a file" has the folder
 * listed, and its files are put at the head of the queue.  Folders are made here when their first
 * file is whole. */
#include "launcher/save-files.h"

#include "common/fd.h"
#include "launcher/save-file.h"
#include "launcher/save-name.h"
#include "launcher/transfer-run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LIST_MAX (2 * 1024 * 1024)
#define FOUND_MAX 20000
#define DEPTH_MAX 32
#define IDLE_MSEC 60000
#define TRIES_MAX 999

/* $1: the folder.  Where not all of it can be looked at, a "/" says so, which is no name. */
static const char list_script[]
    = "[ -d \"$1\" ] || exit 85\n"
      "cd -- \"$1\" || exit 86\n"
      "{ find . -ignore_readdir_race -xdev -type f -printf '%P\\0' 2>/dev/null || printf '/\\0'; }"
      " | head -c 2000000\n";

typedef struct
{
  char *path;  /* inside; owned */
  char *top;   /* the saved folder's own name, before it is made; NULL: a file by itself; owned */
  char *below; /* the path below it inside; NULL: it was asked for as such; owned */
} Job;

typedef struct
{
  GDBusConnection *connection; /* owned */
  char *id, *user;             /* owned */
  int dirfd;                   /* owned */
  GQueue jobs;                 /* owned Job */
  Job *job;                    /* the one that is worked on; owned */
  SgSaveFile *file;            /* owned */
  GHashTable *tops;            /* wanted name of a folder -> the name that it was given; owned */
  SgTransferProgress progress;
  gpointer progress_data;
  GPtrArray *saved; /* owned */
} Save;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job->top);
  g_free (job->below);
  g_free (job);
}

static void
saved_free (gpointer data)
{
  SgSaved *saved = data;

  g_free (saved->inside);
  g_free (saved->saved_as);
  g_clear_error (&saved->error);
  g_free (saved);
}

static void
save_free (gpointer data)
{
  Save *save = data;

  g_clear_object (&save->connection);
  g_free (save->id);
  g_free (save->user);
  sg_fd_clear (&save->dirfd);
  g_queue_clear_full (&save->jobs, job_free);
  g_clear_pointer (&save->job, job_free);
  g_clear_pointer (&save->file, sg_save_file_free);
  g_hash_table_unref (save->tops);
  g_clear_pointer (&save->saved, g_ptr_array_unref);
  g_free (save);
}

char *
sg_save_default_folder (void)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autofree char *usual = g_build_filename (g_get_home_dir (), "Downloads", NULL);

  if (downloads != NULL && g_file_test (downloads, G_FILE_TEST_IS_DIR))
    return g_strdup (downloads);
  return g_strdup (g_file_test (usual, G_FILE_TEST_IS_DIR) ? usual : g_get_home_dir ());
}

/* --- one file's ending --------------------------------------------------------------------------
 */

gboolean
sg_save_mark (int fd, const char *id, const char *inside)
{
  g_autofree char *escaped
      = inside != NULL ? g_uri_escape_string (inside, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE)
                       : g_strdup ("");
  g_autofree char *url = g_strdup_printf ("sandglass://%s%s", id, escaped);
  gboolean ok = fsetxattr (fd, "user.sandglass.origin", id, strlen (id), 0) == 0;

  return fsetxattr (fd, "user.xdg.origin.url", url, strlen (url), 0) == 0 && ok;
}

/* Without umask(), which changes it for every thread while one looks. */
static mode_t
current_umask (void)
{
  g_autofree char *status = NULL;
  const char *line;
  guint mask;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
      && (line = strstr (status, "\nUmask:")) != NULL && sscanf (line + 7, "%o", &mask) == 1)
    return (mode_t)mask & 0777;
  return 077;
}

static gboolean
is_program (int fd, const char *name, mode_t claimed)
{
  guint8 start[4] = { 0 };

  if (pread (fd, start, sizeof start, 0) < 2)
    return FALSE;
  return memcmp (start, "\177ELF", 4) == 0 || memcmp (start, "MZ", 2) == 0
         || memcmp (start, "#!", 2) == 0 || (claimed & 0111) != 0 || sg_save_is_program_name (name);
}

static void
dress (Save *save, const SgTransferPulled *pulled)
{
  int fd = sg_save_file_fd (save->file);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = pulled->mtime } };

  fchmod (fd, 0600 | (0066 & ~current_umask ()));
  sg_save_mark (fd, save->id, save->job->path);
  futimens (fd, times);
}

/* --- folders here -------------------------------------------------------------------------------
 */

static int
open_folder (int parent, const char *name, GError **error)
{
  int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    sg_errno (error, "The folder cannot be made");
  return fd;
}

/* A folder that is saved gets a name that nothing has, once. */
static const char *
make_top (Save *save, const char *wanted, GError **error)
{
  const char *given = g_hash_table_lookup (save->tops, wanted);

  for (guint n = 1; given == NULL && n <= TRIES_MAX; n++)
    {
      g_autofree char *name = sg_save_name_numbered (wanted, n);

      if (mkdirat (save->dirfd, name, 0777) == 0)
        {
          given = name;
          g_hash_table_insert (save->tops, g_strdup (wanted), g_steal_pointer (&name));
        }
      else if (errno != EEXIST)
        break;
    }
  if (given == NULL)
    sg_errno (error, "The folder cannot be made");
  return given;
}

/* The folder for the job's file; its path below ours is put before the file's name in PATH. */
static int
make_folders (Save *save, GString *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (save->job->below, "/", -1);
  const char *top = make_top (save, save->job->top, error);
  sg_fd int folder = top != NULL ? open_folder (save->dirfd, top, error) : -1;

  g_string_append_printf (path, "%s/", top);
  for (char **part = parts; folder >= 0 && part[0] != NULL && part[1] != NULL; part++)
    {
      g_autofree char *name = sg_save_name (*part, strlen (*part));
      sg_fd int inner = -1;

      if (mkdirat (folder, name, 0777) < 0 && errno != EEXIST)
        {
          sg_errno (error, "The folder cannot be made");
          return -1;
        }
      inner = open_folder (folder, name, error);
      sg_fd_clear (&folder);
      folder = sg_fd_steal (&inner);
      g_string_append_printf (path, "%s/", name);
    }
  return sg_fd_steal (&folder);
}

/* The pulled file becomes part of the folder: the nameless file was made in the outermost one, and
 * a link reaches everywhere on the same disk. */
static char *
give_name (Save *save, GError **error)
{
  const char *last = strrchr (save->job->path, '/');
  const char *base = last != NULL ? last + 1 : save->job->path;
  g_autofree char *wanted = sg_save_name (base, strlen (base));
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *name = NULL;

  if (save->job->below == NULL)
    return sg_save_file_link (save->file, wanted, error);
  sg_fd int folder = make_folders (save, path, error);
  if (folder >= 0)
    name = sg_save_file_link_into (save->file, folder, wanted, error);
  return name != NULL ? g_strconcat (path->str, name, NULL) : NULL;
}

/* --- the queue ----------------------------------------------------------------------------------
 */

static void next (GTask *task);

static SgSaved *
note (Save *save)
{
  SgSaved *saved = g_new0 (SgSaved, 1);

  saved->inside = g_strdup (save->job->path);
  g_ptr_array_add (save->saved, saved);
  return saved;
}

/* Takes ERROR.  TRUE when the rest makes no sense any more; the task has been answered then. */
static gboolean
failed (GTask *task, GError *error)
{
  Save *save = g_task_get_task_data (task);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    {
      g_task_return_error (task, error);
      return TRUE;
    }
  note (save)->error = error;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    g_queue_clear_full (&save->jobs, job_free);
  return FALSE;
}

static gboolean
is_below (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", DEPTH_MAX + 1);

  if (*path == '\0' || g_strv_length (parts) > DEPTH_MAX)
    return FALSE;
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || g_str_equal (*part, ".") || g_str_equal (*part, ".."))
      return FALSE;
  return TRUE;
}

/* FALSE, and an error: something of it is missing. */
static gboolean
queue_found (Save *save, const char *bytes, gsize len, GError **error)
{
  const char *end = bytes + len, *nul;
  g_autofree char *base = g_path_get_basename (save->job->path);
  g_autofree char *top = sg_save_name (base, strlen (base));
  gboolean unreadable = FALSE;
  guint found = 0;

  while (bytes < end && (nul = memchr (bytes, '\0', (gsize)(end - bytes))) != NULL)
    {
      if (is_below (bytes) && ++found <= FOUND_MAX)
        {
          Job *job = g_new0 (Job, 1);

          job->path = g_build_filename (save->job->path, bytes, NULL);
          job->top = g_strdup (top);
          job->below = g_strdup (bytes);
          g_queue_push_nth (&save->jobs, job, (int)found - 1);
        }
      unreadable |= g_str_equal (bytes, "/");
      bytes = nul + 1;
    }
  if (bytes < end || found > FOUND_MAX)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "The folder holds too many files to save them all; only a part was");
  else if (unreadable)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "A folder in it cannot be read inside; what that holds was not saved");
  return bytes == end && found <= FOUND_MAX && !unreadable;
}

static void
listed (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gsize len = 0;
  const char *bytes;

  if (result != NULL && result->code == 86)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "The sandbox cannot read this folder");
  else if (result != NULL && result->code != 0)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 "It is neither a file nor a folder (but a device, a pipe or a socket), so it "
                 "cannot be saved");
  else if (result != NULL)
    {
      bytes = g_bytes_get_data (result->out, &len);
      queue_found (save, bytes, len, &error);
    }
  if (error == NULL || !failed (task, error))
    next (task);
}

static void
list_folder (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  const char *argv[] = { "sh", "-c", list_script, "sh", save->job->path, NULL };
  SgTransferCommand command
      = { .argv = argv, .user = save->user, .in = -1, .idle_msec = IDLE_MSEC, .most = LIST_MAX };

  sg_transfer_run_async (save->connection, &command, g_task_get_cancellable (task), listed,
                         g_object_ref (task));
}

static void
pulled (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;
  SgTransferPulled about;
  char *name = NULL;

  if (sg_transfer_pull_finish (async, &about, &error))
    {
      dress (save, &about);
      name = give_name (save, &error);
    }
  if (name != NULL)
    {
      SgSaved *saved = note (save);

      saved->saved_as = name;
      saved->size = about.size;
      saved->program = is_program (sg_save_file_fd (save->file), name, about.mode);
    }
  else if (save->job->below == NULL
           && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE))
    {
      g_clear_error (&error);
      list_folder (task);
      return;
    }
  else if (failed (task, error))
    return;
  next (task);
}

static void
next (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  for (;;)
    {
      g_clear_pointer (&save->job, job_free);
      g_clear_pointer (&save->file, sg_save_file_free);
      save->job = g_queue_pop_head (&save->jobs);
      if (save->job == NULL)
        {
          g_task_return_pointer (task, g_steal_pointer (&save->saved),
                                 (GDestroyNotify)g_ptr_array_unref);
          return;
        }
      save->file = sg_save_file_new (save->dirfd, &error);
      if (save->file != NULL)
        break;
      if (failed (task, g_steal_pointer (&error)))
        return;
    }
  sg_transfer_pull_async (save->connection, save->job->path, save->user,
                          sg_save_file_fd (save->file), 0, save->progress, save->progress_data,
                          g_task_get_cancellable (task), pulled, g_object_ref (task));
}

void
sg_save_files_async (GDBusConnection *connection, const char *id, int dirfd,
                     const char *const *paths, const char *user, SgTransferProgress progress,
                     gpointer progress_data, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Save *save = g_new0 (Save, 1);

  g_task_set_source_tag (task, sg_save_files_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, save, save_free);
  save->connection = g_object_ref (connection);
  save->id = g_strdup (id);
  save->user = g_strdup (user);
  save->dirfd = fcntl (dirfd, F_DUPFD_CLOEXEC, 3);
  save->tops = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  save->progress = progress;
  save->progress_data = progress_data;
  save->saved = g_ptr_array_new_with_free_func (saved_free);
  g_queue_init (&save->jobs);
  for (; *paths != NULL; paths++)
    {
      Job *job = g_new0 (Job, 1);

      job->path = g_strdup (*paths);
      /* "Documents/" is meant as "Documents". */
      while (strlen (job->path) > 1 && g_str_has_suffix (job->path, "/"))
        job->path[strlen (job->path) - 1] = '\0';
      g_queue_push_tail (&save->jobs, job);
    }
  next (task);
}

GPtrArray *
sg_save_files_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
