/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may block on a disk (opening, judging, cloning a folder) is done in a thread. */
#include "launcher/share-internal.h"

#include "common/fd.h"
#include "launcher/share-guest.h"
#include "launcher/share-revoke.h"

#include <sys/stat.h>

/* What is plugged in, by writable. */
static const struct
{
  const char *id, *fsdev, *tag;
  guint port;
} devices[] = {
  { "share-ro", SG_FSDEV_RO, "sandglass-ro", SG_N_SPARE - 2 },
  { "share-rw", SG_FSDEV_RW, "sandglass-rw", SG_N_SPARE - 1 },
};

gboolean
sg_share_is_gone (SgShareOp *op)
{
  return op->shares->over || !op->shares->has_machine;
}

GError *
sg_share_gone_error (void)
{
  return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox is gone");
}

/* --- giving -------------------------------------------------------------------------------------
 */

void
sg_share_undo_give (SgShareOp *op, GError *error)
{
  sg_share_mounts_detach (op->shares->mounts, &op->mount, NULL);
  sg_share_settle (op, NULL, error);
}

/* The folder is there; without a view it is slow to look through, and that is all. */
static void
on_viewed (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  SgShare *share = sg_share_find (op->shares, op->place);

  if (share != NULL)
    sg_share_laid (op, share, result);
  if (share == NULL || op->shares->over)
    sg_share_settle (op, NULL, sg_share_gone_error ());
  else
    sg_share_settle (op, g_strdup (op->place), NULL);
}

static void
hear (SgShareWord word, gpointer data)
{
  sg_share_watch_hear (data, word);
}

void
sg_share_laid (SgShareOp *op, SgShare *share, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  SgShareView *view = sg_share_view_finish (result, &error);

  if (view == NULL)
    g_debug ("%s has no index: %s", share->place, error->message);
  if (sg_share_is_gone (op))
    {
      sg_share_view_free (view);
      return;
    }
  share->view = view;
  if (view != NULL)
    sg_share_view_hear (view, hear, share->watch);
}

void
sg_share_lay (SgShareOp *op, const SgShare *share, GAsyncReadyCallback callback, gpointer data)
{
  SgShares *shares = op->shares;
  g_autofree char *shown = sg_share_mount_path (shares->mounts, &share->mount);
  g_autofree char *below = sg_share_guest_below (share->mount.writable, share->mount.slot);

  sg_share_view_async (shares->machine.agent, shares->bwrap, &shares->like, shown, below,
                       share->place, share->mount.writable, callback, data);
}

static void
on_mounted (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  SgShares *shares = op->shares;
  GError *error = NULL;
  SgShare *share;

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    {
      g_prefix_error (&error, "The folder could not be shown at '%s' inside: ", op->place);
      sg_share_undo_give (op, error);
      return;
    }
  if (sg_share_is_gone (op))
    {
      sg_share_settle (op, NULL, sg_share_gone_error ());
      return;
    }
  share = g_new0 (SgShare, 1);
  share->path = g_utf8_make_valid (op->verdict->path, -1);
  share->place = g_strdup (op->place);
  share->mount = op->mount;
  sg_share_add (shares, share);
  for (char **words = op->verdict->warnings; *words != NULL; words++)
    sg_share_warn (op, g_strdup (*words));
  shares->funcs->changed (shares->data);
  sg_share_lay (op, share, on_viewed, op);
}

void
sg_share_show (SgShareOp *op, const SgShare *share, GAsyncReadyCallback callback, gpointer data)
{
  sg_share_guest_mount_async (op->shares->machine.agent, devices[share->mount.writable].tag,
                              share->mount.writable, share->mount.slot, share->place, NULL,
                              callback, data);
}

static void
mount_inside (SgShareOp *op)
{
  SgShares *shares = op->shares;

  if (op->loan)
    sg_share_loan_show (op, devices[op->writable].tag);
  else
    sg_share_guest_mount_async (shares->machine.agent, devices[op->writable].tag, op->writable,
                                op->mount.slot, op->place, NULL, on_mounted, op);
}

static void
on_plugged (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (answer == NULL)
    {
      g_prefix_error (&error, "The machine cannot be given the folder: ");
      sg_share_undo_give (op, error);
      return;
    }
  op->shares->plugged[op->writable] = TRUE;
  if (sg_share_is_gone (op))
    sg_share_undo_give (op, sg_share_gone_error ());
  else
    mount_inside (op);
}

static void
plug (SgShareOp *op)
{
  g_autofree char *bus = g_strdup_printf (SG_BUS_SPARE, devices[op->writable].port);

  sg_qmp_call_async (op->shares->machine.qmp, "device_add",
                     sg_qmp_args ("{'driver': <'virtio-9p-pci'>, 'id': <%s>, 'fsdev': <%s>, "
                                  "'mount_tag': <%s>, 'bus': <%s>}",
                                  devices[op->writable].id, devices[op->writable].fsdev,
                                  devices[op->writable].tag, bus),
                     -1, op->shares->machine.cancellable, on_plugged, op);
}

/* The client's descriptor is of the client's mount namespace; the same folder is opened in ours by
 * its path, and it is the same one, or nothing is shared. */
static int
open_again (int folder, GError **error)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autofree char *path = g_file_read_link (link, error);
  struct stat given, opened;
  sg_fd int fd = path != NULL ? sg_share_open (path, error) : -1;

  if (fd < 0)
    return -1;
  if (fstat (folder, &given) == 0 && fstat (fd, &opened) == 0 && given.st_dev == opened.st_dev
      && given.st_ino == opened.st_ino)
    return sg_fd_steal (&fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "'%s' was moved or replaced just now, so it was not shared; try again", path);
  return -1;
}

static void
judge_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgShareOp *op = data;
  SgSharePlaces places = op->shares->places;
  GError *error = NULL;

  places.allow = NULL; /* asked in the main thread, whose data it is */
  if (op->loan)
    sg_share_loan_judge (op, &error);
  else
    op->opened = open_again (op->folder, &error);
  if (!op->loan && op->opened >= 0)
    op->verdict = sg_share_judge (op->opened, op->writable, &places, &error);
  if (op->verdict != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
attach_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgShareOp *op = data;
  GError *error = NULL;

  if (op->loan ? sg_share_loan_attach (op, &error)
               : sg_share_mounts_attach (op->shares->mounts, op->opened, op->writable, op->verdict,
                                         &op->mount, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  sg_fd_clear (&op->opened); /* it would keep a disk in use */
}

static void
in_thread (SgShareOp *op, GTaskThreadFunc work, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, op);

  g_task_set_task_data (task, op, NULL);
  g_task_run_in_thread (task, work);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    sg_share_settle (op, NULL, error);
  else if (sg_share_is_gone (op))
    sg_share_undo_give (op, sg_share_gone_error ());
  else if (op->shares->plugged[op->writable])
    mount_inside (op);
  else
    plug (op);
}

/* Whether a folder that may be shared is; its place becomes OP's. */
static gboolean
may_be (SgShareOp *op, GError **error)
{
  SgSharePlaces *places = &op->shares->places;
  g_autofree char *place = NULL;

  if (sg_share_is_gone (op))
    {
      g_propagate_error (error, sg_share_gone_error ());
      return FALSE;
    }
  if (places->allow != NULL
      && !places->allow (op->verdict->path, op->writable, places->data, error))
    return FALSE;
  place = sg_share_place (op->place, op->verdict->path, error);
  if (place == NULL)
    return FALSE;
  if (sg_share_find (op->shares, place) != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   "A folder is shared at '%s' already; take it away first, or name another place",
                   place);
      return FALSE;
    }
  g_free (op->place);
  op->place = g_steal_pointer (&place);
  return TRUE;
}

static void
on_judged (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)
      && (op->loan ? sg_share_loan_may_be (op, &error) : may_be (op, &error)))
    in_thread (op, attach_thread, on_attached);
  else
    sg_share_settle (op, NULL, error);
}

void
sg_share_begin_give (SgShareOp *op)
{
  if (op->shares->mounts == NULL)
    sg_share_settle (op, NULL, g_error_copy (op->shares->why_not));
  else
    in_thread (op, judge_thread, on_judged);
}

/* --- taking -------------------------------------------------------------------------------------
 */

/* QEMU is the child of bubblewrap that has the door. */
static pid_t
qemu_of (pid_t process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", (int)process, (int)process);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? (pid_t)g_ascii_strtoll (text, NULL, 10)
                                                       : 0;
}

typedef struct
{
  SgShareOp *op;
  GArray *inside; /* owned */
  pid_t qemu;
} Revoking;

static void
revoking_free (gpointer data)
{
  Revoking *revoking = data;

  g_array_unref (revoking->inside);
  g_free (revoking);
}

static void
revoke_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Revoking *revoking = data;

  g_task_return_int (task, (gssize)sg_share_revoke (revoking->inside, revoking->qemu));
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  gssize held = g_task_propagate_int (G_TASK (result), NULL);

  if (held > 0)
    sg_share_warn (op, g_strdup_printf ("the sandbox has %d of its files open and keeps these "
                                        "until it is thrown away",
                                        (int)held));
  if (op->why != NULL && !sg_share_is_gone (op))
    op->shares->funcs->notice ("share-gone", op->why, op->shares->data);
  sg_share_settle (op, g_strdup (""), NULL);
}

/* Takes it from QEMU, whatever inside said: its name at once, then what is open. */
void
sg_share_take_outside (SgShareOp *op, SgShare *share)
{
  SgShares *shares = op->shares;
  pid_t qemu = qemu_of (shares->machine.process);
  g_autoptr (GArray) inside = sg_share_mount_inside (&share->mount, qemu);
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  Revoking *revoking;

  g_clear_pointer (&share->view, sg_share_view_free);
  if (!sg_share_mounts_detach (shares->mounts, &share->mount, &error))
    {
      sg_share_settle (op, NULL, error);
      return;
    }
  if (!g_ptr_array_remove (shares->loans, share) && g_ptr_array_remove (shares->all, share))
    shares->funcs->changed (shares->data);
  revoking = g_new0 (Revoking, 1);
  *revoking = (Revoking){ op, g_steal_pointer (&inside), qemu };
  task = g_task_new (NULL, NULL, on_revoked, op);
  g_task_set_task_data (task, revoking, revoking_free);
  g_task_run_in_thread (task, revoke_thread);
}

static void
on_unmounted (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  g_autoptr (GError) error = NULL;
  SgShare *share;

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    sg_share_warn (
        op, g_strdup_printf ("inside, an empty folder may stay in its place: %s", error->message));
  share = sg_share_find (op->shares, op->place);
  if (sg_share_is_gone (op) || share == NULL)
    sg_share_settle (op, NULL, sg_share_gone_error ());
  else
    sg_share_take_outside (op, share);
}

void
sg_share_begin_take (SgShareOp *op)
{
  SgShare *share;

  if (op->loan)
    {
      sg_share_loan_begin_return (op);
      return;
    }
  share = sg_share_find (op->shares, op->place);
  if (share == NULL)
    {
      sg_share_settle (op, NULL,
                       g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                    "'%s' is not shared with this sandbox", op->place));
      return;
    }
  sg_share_guest_unmount_async (op->shares->machine.agent, share->mount.writable, share->mount.slot,
                                share->place, NULL, on_unmounted, op);
}
