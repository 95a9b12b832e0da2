/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's memory is the file `ram` itself (share=on), so saving writes only the devices'
 * state; "x-ignore-shared" tells QEMU that the memory needs no copy.  The state comes through a
 * socket pair, read by a thread: QEMU may neither start programs nor open files.
 *
 * A draft holds CACHE/templates/lock, so everything called "new-" that another process left is
 * garbage, and is removed. */
#include "launcher/template.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"
#include "launcher/template-files.h"
#include "launcher/template-picture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DISK_FDSET 110
#define ROOM_BESIDES                                                                               \
  (512ull << 20) /* for the state and the disk, and not to fill the last byte                      \
                  */

#define FULL (4ull << 20) /* less is none: file systems keep some for themselves */

struct SgTemplateDraft
{
  char *root, *key;
  char *dir; /* NULL once it is published or removed */
  char *ram_path;
  int lock;
  int files[SG_TEMPLATE_N_FILES];
  guint32 state_sum;
  guint qemu_version; /* of the QEMU that wrote the state */
  SgTemplatePicture *picture; /* NULL: there is none */
};

/* --- beginning ----------------------------------------------------------------------------------
 */

static gboolean
take_lock (SgTemplateDraft *draft, GError **error)
{
  g_autofree char *path = g_build_filename (draft->root, SG_TEMPLATE_LOCK, NULL);

  if (g_mkdir_with_parents (draft->root, 0700) < 0)
    return sg_errno (error, "Cannot make %s", draft->root);
  draft->lock = sg_open_at (AT_FDCWD, path, O_RDWR | O_CREAT, 0600, error);
  if (draft->lock < 0)
    return FALSE;
  if (flock (draft->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno != EWOULDBLOCK)
    return sg_errno (error, "Cannot lock %s", path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Another process prepares a sandbox just now");
  return FALSE;
}

static void
remove_leftovers (const char *root)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, SG_TEMPLATE_NEW) || g_str_has_prefix (name, SG_TEMPLATE_OLD))
      sg_template_dir_remove (root, name);
}

static gboolean
check_room (const char *root, guint64 ram_bytes, GError **error)
{
  g_autofree char *need = NULL;
  struct statvfs fs;

  if (statvfs (root, &fs) < 0)
    return sg_errno (error, "Cannot look at %s", root);
  if ((guint64)fs.f_bavail * fs.f_frsize >= ram_bytes + ROOM_BESIDES)
    return TRUE;
  need = g_format_size (ram_bytes + ROOM_BESIDES);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               "There is not enough room to prepare a sandbox (%s are needed in %s). Sandboxes "
               "still open, but take longer.",
               need, root);
  return FALSE;
}

gboolean
sg_template_draft_is_full (const SgTemplateDraft *draft)
{
  struct statvfs fs;

  return statvfs (draft->root, &fs) == 0 && (guint64)fs.f_bavail * fs.f_frsize < FULL;
}

static gboolean
make_files (SgTemplateDraft *draft, guint64 ram_bytes, GError **error)
{
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    {
      g_autofree char *path = g_build_filename (draft->dir, sg_template_file_names[i], NULL);

      draft->files[i] = sg_open_at (AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600, error);
      if (draft->files[i] < 0)
        return FALSE;
    }
  if (ftruncate (draft->files[SG_TEMPLATE_RAM], (off_t)ram_bytes) < 0)
    return sg_errno (error, "Cannot size the sandbox's memory");
  draft->ram_path = g_build_filename (draft->dir, sg_template_file_names[SG_TEMPLATE_RAM], NULL);
  return TRUE;
}

SgTemplateDraft *
sg_template_draft_new (const char *cache, const char *key, guint64 ram_bytes, GError **error)
{
  g_autoptr (SgTemplateDraft) draft = g_new0 (SgTemplateDraft, 1);
  g_autofree char *dir = NULL;

  draft->lock = -1;
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    draft->files[i] = -1;
  draft->root = sg_template_root (cache);
  draft->key = g_strdup (key);
  if (!take_lock (draft, error))
    return NULL;
  remove_leftovers (draft->root);
  if (!check_room (draft->root, ram_bytes, error))
    return NULL;
  dir = g_build_filename (draft->root, SG_TEMPLATE_NEW "XXXXXX", NULL);
  if (g_mkdtemp_full (dir, 0700) == NULL)
    {
      sg_errno (error, "Cannot make a directory in %s", draft->root);
      return NULL;
    }
  draft->dir = g_steal_pointer (&dir);
  draft->picture = sg_template_picture_new (cache);
  return make_files (draft, ram_bytes, error) ? g_steal_pointer (&draft) : NULL;
}

void
sg_template_draft_free (SgTemplateDraft *draft)
{
  if (draft == NULL)
    return;
  if (draft->dir != NULL)
    {
      g_autofree char *name = g_path_get_basename (draft->dir);
      sg_template_dir_remove (draft->root, name);
    }
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    sg_fd_clear (&draft->files[i]);
  sg_fd_clear (&draft->lock);
  sg_template_picture_free (draft->picture);
  g_free (draft->root);
  g_free (draft->key);
  g_free (draft->dir);
  g_free (draft->ram_path);
  g_free (draft);
}

const char *
sg_template_draft_ram (const SgTemplateDraft *draft)
{
  return draft->ram_path;
}

SgQmpSteps *
sg_template_draft_disk (SgTemplateDraft *draft, int base_fd, guint64 size)
{
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%u", DISK_FDSET);
  SgOverlayLayer base = { base_fd, "raw" };
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_call_fd (steps, "add-fd", sg_qmp_args ("{'fdset-id': <%u>}", DISK_FDSET),
                        draft->files[SG_TEMPLATE_DISK]);
  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'file'>, 'node-name': <'sg-cap'>, "
                                  "'filename': <%s>, 'locking': <'off'>, "
                                  "'cache': <{'no-flush': <true>}>}",
                                  path));
  sg_qmp_steps_append (steps, sg_overlay_attach_over ("sg-cap", &base, 1, size));
  return steps;
}

/* --- saving -------------------------------------------------------------------------------------
 */

typedef struct
{
  SgTemplateDraft *draft;
  int socket; /* our end; the thread reads it */
  guint under_way;
  GError *error; /* the first */
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  sg_fd_clear (&save->socket);
  g_clear_error (&save->error);
  g_free (save);
}

static void
part_done (GTask *task, GError *error)
{
  Save *save = g_task_get_task_data (task);

  if (save->error == NULL)
    save->error = error;
  else
    g_clear_error (&error);
  if (--save->under_way > 0)
    return;
  if (save->error != NULL)
    g_task_return_error (task, g_steal_pointer (&save->error));
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
write_state (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Save *save = data;
  SgTemplateDraft *draft = save->draft;
  g_autofree char *buffer = g_malloc (1 << 20);
  GError *error = NULL;
  gssize n = 0;

  draft->state_sum = SG_CRC32C_INIT;
  do
    {
      n = sg_read_all (save->socket, buffer, 1 << 20, &error);
      if (n <= 0 || !sg_write_all (draft->files[SG_TEMPLATE_STATE], buffer, (gsize)n, &error))
        break;
      draft->state_sum = sg_crc32c (draft->state_sum, buffer, (gsize)n);
    }
  while (n == 1 << 20);
  if (error != NULL)
    {
      shutdown (save->socket, SHUT_RDWR); /* QEMU must not wait for a reader that is gone */
      g_task_return_error (task, error);
    }
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  part_done (data, error);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  Save *save = g_task_get_task_data (data);
  GError *error = NULL;

  if (!sg_qmp_steps_run_finish (SG_QMP (source), result, &error))
    shutdown (save->socket, SHUT_RDWR); /* nor must the thread wait for QEMU */
  part_done (data, error);
}

static SgQmpSteps *
save_steps (SgTemplateDraft *draft, int socket)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_call (steps, "stop", NULL);
  sg_template_picture_take (draft->picture, steps);
  sg_qmp_steps_call (steps, "migrate-set-capabilities",
                     sg_qmp_args ("{'capabilities': <["
                                  "{'capability': <'x-ignore-shared'>, 'state': <true>}, "
                                  "{'capability': <'events'>, 'state': <true>}]>}"));
  sg_qmp_steps_call (steps, "migrate-set-parameters",
                     sg_qmp_args ("{'max-bandwidth': <%t>}", (guint64)1 << 40));
  sg_qmp_steps_call_fd (steps, "getfd", sg_qmp_args ("{'fdname': <'state'>}"), socket);
  sg_qmp_steps_call (steps, "migrate", sg_qmp_args ("{'uri': <'fd:state'>}"));
  sg_qmp_steps_await (steps, "MIGRATION", "status", "completed", "failed");
  return steps;
}

void
sg_template_draft_save_async (SgTemplateDraft *draft, SgQmp *qmp, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Save *save = g_new0 (Save, 1);
  g_autoptr (GTask) thread = NULL;
  GError *error = NULL;
  sg_fd int theirs = -1;

  g_task_set_task_data (task, save, save_free);
  save->draft = draft;
  save->socket = -1;
  if (!sg_socketpair (&save->socket, &theirs, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  save->under_way = 2;
  draft->qemu_version = sg_qmp_version (qmp);
  thread = g_task_new (NULL, NULL, on_written, task);
  g_task_set_task_data (thread, save, NULL);
  g_task_run_in_thread (thread, write_state);
  sg_qmp_steps_run_async (save_steps (draft, theirs), qmp, NULL, NULL, cancellable, on_saved, task);
}

gboolean
sg_template_draft_save_finish (SgTemplateDraft *draft, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- publishing ---------------------------------------------------------------------------------
 */

static gboolean
describe_file (SgTemplateDraft *draft, guint i, GKeyFile *info, GError **error)
{
  const char *name = sg_template_file_names[i];
  SgTemplateFile file;

  if (i == SG_TEMPLATE_STATE)
    file.checksum = draft->state_sum;
  else if (!sg_template_file_sum (draft->files[i], &file.checksum, NULL, error))
    return FALSE;
  /* Nobody means to write to it any more; and last, as it changes the ctime. */
  if (fsync (draft->files[i]) < 0 || fchmod (draft->files[i], 0400) < 0)
    return sg_errno (error, "Cannot write the prepared sandbox");
  if (!sg_template_file_look (draft->files[i], &file, error))
    return FALSE;
  g_key_file_set_int64 (info, name, "size", file.size);
  g_key_file_set_int64 (info, name, "mtime", file.mtime);
  g_key_file_set_int64 (info, name, "ctime", file.ctime);
  g_key_file_set_uint64 (info, name, "checksum", file.checksum);
  return TRUE;
}

static gboolean
write_info (SgTemplateDraft *draft, GError **error)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autofree char *path = g_build_filename (draft->dir, SG_TEMPLATE_INFO, NULL);
  g_autofree char *text = NULL;
  gsize length;
  sg_fd int fd = -1;

  g_key_file_set_integer (info, "template", "format", SG_TEMPLATE_FORMAT);
  g_key_file_set_string (info, "template", "key", draft->key);
  g_key_file_set_integer (info, "template", "qemu", (int)draft->qemu_version);
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    if (!describe_file (draft, i, info, error))
      return FALSE;
  text = g_key_file_to_data (info, &length, NULL);
  fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  if (fd < 0 || !sg_write_all (fd, text, length, error))
    return FALSE;
  return fsync (fd) == 0 || sg_errno (error, "Cannot write %s", path);
}

static gboolean
sync_dir (const char *path, GError **error)
{
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, error);

  return fd >= 0 && (fsync (fd) == 0 || sg_errno (error, "Cannot write %s", path));
}

gboolean
sg_template_draft_publish (SgTemplateDraft *draft, GError **error)
{
  g_autofree char *final = g_build_filename (draft->root, draft->key, NULL);
  g_autofree char *cache = NULL;

  if (!write_info (draft, error) || !sync_dir (draft->dir, error))
    return FALSE;
  if (rename (draft->dir, final) < 0)
    /* Another one stands there: it is as good, and the draft goes with its owner. */
    return errno == EEXIST || errno == ENOTEMPTY || sg_errno (error, "Cannot name %s", final);
  g_clear_pointer (&draft->dir, g_free);
  sg_template_picture_publish (draft->picture);
  cache = g_path_get_dirname (draft->root);
  sg_template_prune (cache, draft->key);
  return sync_dir (draft->root, error);
}
