/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations are done one after the other, in the order asked.  What may block on a disk (opening,
 * judging, cloning a folder) is done in a thread; nothing else touches the mounts meanwhile,
 * because the next operation has not begun. */
#include "launcher/share.h"

#include "common/fd.h"
#include "launcher/share-guest.h"
#include "launcher/share-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOME_INSIDE "/home/sandbox"
#define DESKTOP_INSIDE HOME_INSIDE "/Desktop"
#define PLACE_MOST 4000
#define MOST_WAITING 64

typedef struct
{
  char *path, *place; /* owned */
  SgShareMount mount;
} Share;

typedef struct SgShares
{
  SgShareMounts *mounts; /* NULL: not on this computer */
  char *dir;
  GError *why_not;
  SgSharePlaces places; /* its strings owned */
  const SgSharesFuncs *funcs;
  gpointer data;
  gboolean has_machine, over;
  SgShareMachine machine;
  gboolean plugged[2]; /* by writable */
  GPtrArray *all;      /* Share, owned */
  GQueue waiting;      /* Op, owned; the first is being done when `busy` */
  gboolean busy;
  int mountinfo;
  guint watch;
} Shares;

typedef struct
{
  Shares *shares; /* a reference */
  GTask *task;    /* NULL: of our own */
  gboolean take;
  int folder;
  char *place; /* of take: what was asked */
  gboolean writable;
  char *why; /* of take: what the person is told, for one of our own */
  /* of give, once it is judged */
  SgShareVerdict *verdict;
  SgShareMount mount;
  GPtrArray *warnings;
} Op;

/* What is plugged in, by writable. */
static const struct
{
  const char *id, *fsdev, *tag;
  guint port;
} devices[] = {
  { "share-ro", SG_FSDEV_RO, "sandglass-ro", SG_N_SPARE - 2 },
  { "share-rw", SG_FSDEV_RW, "sandglass-rw", SG_N_SPARE - 1 },
};

static void next (Shares *shares);
static void let_loose (Shares *shares);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shares, let_loose)

/* --- life ---------------------------------------------------------------------------------------
 */

static void
share_free (gpointer data)
{
  Share *share = data;

  g_free (share->path);
  g_free (share->place);
  g_free (share);
}

static void
shares_clear (gpointer data)
{
  Shares *shares = data;
  const char *owned[] = { shares->places.home, shares->places.runtime, shares->places.cache,
                          shares->places.config, shares->places.path };

  g_clear_pointer (&shares->mounts, sg_share_mounts_free);
  g_clear_error (&shares->why_not);
  g_ptr_array_unref (shares->all);
  g_free (shares->dir);
  for (gsize i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free ((char *)owned[i]);
}

static Shares *
hold (Shares *shares)
{
  return g_rc_box_acquire (shares);
}

static void
let_loose (Shares *shares)
{
  g_rc_box_release_full (shares, shares_clear);
}

static void
op_free (Op *op)
{
  sg_fd_clear (&op->folder);
  g_free (op->place);
  g_free (op->why);
  g_clear_pointer (&op->verdict, sg_share_verdict_free);
  g_clear_pointer (&op->warnings, g_ptr_array_unref);
  g_clear_object (&op->task);
  let_loose (op->shares);
  g_free (op);
}

static char **
warnings_of (Op *op)
{
  if (op->warnings == NULL)
    return g_new0 (char *, 1);
  g_ptr_array_add (op->warnings, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&op->warnings), FALSE);
}

static void
add_warning (Op *op, char *words)
{
  if (op->warnings == NULL)
    op->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (op->warnings, words);
}

/* Answers OP (ERROR is taken, RESULT too) and begins the next. */
static void
settle (Op *op, char *result, GError *error)
{
  g_autoptr (Shares) shares = hold (op->shares);

  if (op->task != NULL && error != NULL)
    g_task_return_error (op->task, error);
  else if (op->task != NULL)
    {
      g_task_set_task_data (op->task, warnings_of (op), (GDestroyNotify)g_strfreev);
      g_task_return_pointer (op->task, result, g_free);
    }
  else
    {
      g_clear_error (&error);
      g_free (result);
    }
  op_free (op);
  shares->busy = FALSE;
  next (shares);
}

static gboolean
is_gone (Op *op)
{
  return op->shares->over || !op->shares->has_machine;
}

static GError *
gone_error (void)
{
  return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox is gone");
}

/* --- the place inside ---------------------------------------------------------------------------
 */

static gboolean
is_plain (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    if (g_str_equal (*part, "..") || g_str_equal (*part, "."))
      return FALSE;
  return TRUE;
}

char *
sg_share_place (const char *place, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *given = g_strdup (*place != '\0' ? place : name);
  g_autofree char *full = NULL;

  for (gsize n = strlen (given); n > 1 && given[n - 1] == '/'; n--)
    given[n - 1] = '\0';
  if (strlen (given) > PLACE_MOST || !is_plain (given) || g_str_equal (given, "/"))
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "'%s' is no place for a folder inside the sandbox; give a path such as " DESKTOP_INSIDE
          "/NAME",
          given);
      return NULL;
    }
  full = *given == '/' ? g_strdup (given) : g_strconcat (DESKTOP_INSIDE "/", given, NULL);
  return g_utf8_make_valid (full, -1);
}

static Share *
find (Shares *shares, const char *what)
{
  g_autofree char *place = sg_share_place (what, "/", NULL);

  for (guint i = 0; i < shares->all->len; i++)
    {
      Share *share = g_ptr_array_index (shares->all, i);
      if (g_str_equal (share->path, what) || g_strcmp0 (share->place, place) == 0)
        return share;
    }
  return NULL;
}

/* --- giving -------------------------------------------------------------------------------------
 */

static void
undo_give (Op *op, GError *error)
{
  sg_share_mounts_detach (op->shares->mounts, &op->mount, NULL);
  settle (op, NULL, error);
}

static void
on_mounted (GObject *source, GAsyncResult *result, gpointer data)
{
  Op *op = data;
  Shares *shares = op->shares;
  GError *error = NULL;
  Share *share;

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    {
      g_prefix_error (&error, "The folder could not be shown at '%s' inside: ", op->place);
      undo_give (op, error);
      return;
    }
  if (is_gone (op))
    {
      settle (op, NULL, gone_error ());
      return;
    }
  share = g_new0 (Share, 1);
  share->path = g_utf8_make_valid (op->verdict->path, -1);
  share->place = g_strdup (op->place);
  share->mount = op->mount;
  g_ptr_array_add (shares->all, share);
  for (char **words = op->verdict->warnings; *words != NULL; words++)
    add_warning (op, g_strdup (*words));
  shares->funcs->changed (shares->data);
  settle (op, g_strdup (op->place), NULL);
}

static void
mount_inside (Op *op)
{
  Shares *shares = op->shares;

  sg_share_guest_mount_async (shares->machine.agent, devices[op->writable].tag, op->writable,
                              op->mount.slot, op->place, NULL, on_mounted, op);
}

static void
on_plugged (GObject *source, GAsyncResult *result, gpointer data)
{
  Op *op = data;
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (answer == NULL)
    {
      g_prefix_error (&error, "The machine cannot be given the folder: ");
      undo_give (op, error);
      return;
    }
  op->shares->plugged[op->writable] = TRUE;
  if (is_gone (op))
    undo_give (op, gone_error ());
  else
    mount_inside (op);
}

static void
plug (Op *op)
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
attach_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Op *op = data;
  GError *error = NULL;
  sg_fd int fd = open_again (op->folder, &error);

  if (fd >= 0)
    op->verdict = sg_share_judge (fd, op->writable, &op->shares->places, &error);
  if (op->verdict != NULL
      && sg_share_mounts_attach (op->shares->mounts, fd, op->writable, op->verdict, &op->mount,
                                 &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer data)
{
  Op *op = data;
  GError *error = NULL;
  g_autofree char *place = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      settle (op, NULL, error);
      return;
    }
  place = sg_share_place (op->place, op->verdict->path, &error);
  if (place != NULL && find (op->shares, place) != NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 "A folder is shared at '%s' already; take it away first, or name another place",
                 place);
  if (error == NULL && is_gone (op))
    error = gone_error ();
  if (error != NULL)
    {
      undo_give (op, error);
      return;
    }
  g_free (op->place);
  op->place = g_steal_pointer (&place);
  if (op->shares->plugged[op->writable])
    mount_inside (op);
  else
    plug (op);
}

static void
begin_give (Op *op)
{
  g_autoptr (GTask) task = NULL;

  if (op->shares->mounts == NULL)
    {
      settle (op, NULL, g_error_copy (op->shares->why_not));
      return;
    }
  task = g_task_new (NULL, NULL, on_attached, op);
  g_task_set_task_data (task, op, NULL);
  g_task_run_in_thread (task, attach_thread);
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

/* Takes it from QEMU, whatever inside said. */
static void
take_outside (Op *op, Share *share)
{
  Shares *shares = op->shares;
  GError *error = NULL;
  pid_t qemu = qemu_of (shares->machine.process);
  guint64 inside = sg_share_mount_inside (&share->mount, qemu);
  guint held;

  if (!sg_share_mounts_detach (shares->mounts, &share->mount, &error))
    {
      settle (op, NULL, error);
      return;
    }
  held = sg_share_mounts_held (inside, qemu);
  if (held > 0)
    add_warning (op, g_strdup_printf ("programs inside have %u of its files open and keep these "
                                      "until they close them, or until the sandbox is thrown away",
                                      held));
  if (op->why != NULL)
    shares->funcs->notice ("share-gone", op->why, shares->data);
  g_ptr_array_remove (shares->all, share);
  shares->funcs->changed (shares->data);
  settle (op, g_strdup (""), NULL);
}

static void
on_unmounted (GObject *source, GAsyncResult *result, gpointer data)
{
  Op *op = data;
  g_autoptr (GError) error = NULL;
  Share *share;

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    add_warning (
        op, g_strdup_printf ("inside, an empty folder may stay in its place: %s", error->message));
  share = find (op->shares, op->place);
  if (is_gone (op) || share == NULL)
    settle (op, NULL, gone_error ());
  else
    take_outside (op, share);
}

static void
begin_take (Op *op)
{
  Share *share = find (op->shares, op->place);

  if (share == NULL)
    {
      settle (op, NULL,
              g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "'%s' is not shared with this sandbox",
                           op->place));
      return;
    }
  sg_share_guest_unmount_async (op->shares->machine.agent, share->mount.writable, share->mount.slot,
                                share->place, NULL, on_unmounted, op);
}

/* --- one after the other ------------------------------------------------------------------------
 */

static void
next (Shares *shares)
{
  Op *op;

  if (shares->busy || !shares->has_machine || shares->over)
    return;
  op = g_queue_pop_head (&shares->waiting);
  if (op == NULL)
    return;
  shares->busy = TRUE;
  if (op->take)
    begin_take (op);
  else
    begin_give (op);
}

/* Takes OP. */
static void
push (Shares *shares, Op *op)
{
  op->shares = hold (shares);
  g_queue_push_tail (&shares->waiting, op);
  next (shares);
}

static gboolean
next_in_idle (gpointer data)
{
  next (data);
  return G_SOURCE_REMOVE;
}

static gboolean
may_wait (Shares *shares, GTask *task)
{
  if (shares->waiting.length < MOST_WAITING)
    return TRUE;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY,
                           "Too many folders are being shared at once");
  g_object_unref (task);
  return FALSE;
}

void
sg_shares_give_async (SgShares *shares, int folder, const char *place, gboolean writable,
                      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  Op *op;

  if (!may_wait (shares, task))
    return;
  op = g_new0 (Op, 1);
  op->task = task;
  op->folder = fcntl (folder, F_DUPFD_CLOEXEC, 3);
  op->place = g_strdup (place);
  op->writable = writable;
  push (shares, op);
}

void
sg_shares_take_async (SgShares *shares, const char *what, GAsyncReadyCallback callback,
                      gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  Op *op;

  if (!may_wait (shares, task))
    return;
  op = g_new0 (Op, 1);
  op->task = task;
  op->take = TRUE;
  op->folder = -1;
  op->place = g_strdup (what);
  push (shares, op);
}

static char *
finish (GAsyncResult *result, char ***ret_warnings, GError **error)
{
  char *answer = g_task_propagate_pointer (G_TASK (result), error);

  if (answer != NULL && ret_warnings != NULL)
    *ret_warnings = g_strdupv (g_task_get_task_data (G_TASK (result)));
  return answer;
}

char *
sg_shares_give_finish (GAsyncResult *result, char ***ret_warnings, GError **error)
{
  return finish (result, ret_warnings, error);
}

gboolean
sg_shares_take_finish (GAsyncResult *result, char ***ret_warnings, GError **error)
{
  g_autofree char *answer = finish (result, ret_warnings, error);

  return answer != NULL;
}

/* --- what the host unmounts ---------------------------------------------------------------------
 */

static gboolean
is_being_taken (Shares *shares, const Share *share)
{
  for (GList *l = shares->waiting.head; l != NULL; l = l->next)
    if (((Op *)l->data)->take && g_str_equal (((Op *)l->data)->place, share->place))
      return TRUE;
  return FALSE;
}

/* The kernel tells that some mount changed, not which. */
static gboolean
on_mounts_changed (int fd, GIOCondition condition, gpointer data)
{
  Shares *shares = data;
  g_autofree char *text = NULL;

  if (shares->all->len == 0 || !g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return G_SOURCE_CONTINUE;
  for (guint i = 0; i < shares->all->len; i++)
    {
      const Share *share = g_ptr_array_index (shares->all, i);
      Op *op;

      if (sg_share_mount_has_source (&share->mount, text) || is_being_taken (shares, share))
        continue;
      op = g_new0 (Op, 1);
      op->take = TRUE;
      op->folder = -1;
      op->place = g_strdup (share->place);
      op->why = g_strdup_printf ("The disk with the folder '%s' was removed from this computer, so "
                                 "the folder is gone from the sandbox as well.",
                                 share->path);
      op->shares = hold (shares);
      g_queue_push_tail (&shares->waiting, op);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, next_in_idle, hold (shares), (GDestroyNotify)let_loose);
  return G_SOURCE_CONTINUE;
}

/* --- the object ---------------------------------------------------------------------------------
 */

SgShares *
sg_shares_new (const char *dir, const SgSharePlaces *places, const SgSharesFuncs *funcs,
               gpointer data)
{
  Shares *shares = g_rc_box_new0 (Shares);

  shares->dir = g_strdup (dir);
  shares->places = *places;
  shares->places.home = g_strdup (places->home);
  shares->places.runtime = g_strdup (places->runtime);
  shares->places.cache = g_strdup (places->cache);
  shares->places.config = g_strdup (places->config);
  shares->places.path = g_strdup (places->path);
  shares->funcs = funcs;
  shares->data = data;
  shares->all = g_ptr_array_new_with_free_func (share_free);
  shares->mounts = sg_share_mounts_new (dir, &shares->why_not);
  shares->mountinfo = open ("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (shares->mountinfo >= 0)
    shares->watch
        = g_unix_fd_add (shares->mountinfo, G_IO_ERR | G_IO_PRI, on_mounts_changed, shares);
  return shares;
}

void
sg_shares_no_machine (SgShares *shares)
{
  shares->has_machine = FALSE;
  memset (&shares->machine, 0, sizeof shares->machine);
}

void
sg_shares_free (SgShares *shares)
{
  Op *op;

  if (shares == NULL)
    return;
  shares->over = TRUE;
  sg_shares_no_machine (shares);
  g_clear_handle_id (&shares->watch, g_source_remove);
  sg_fd_clear (&shares->mountinfo);
  while ((op = g_queue_pop_head (&shares->waiting)) != NULL)
    settle (op, NULL, gone_error ());
  if (shares->mounts != NULL)
    sg_share_mounts_close (shares->mounts); /* freed when no thread uses it any more */
  let_loose (shares);
}

void
sg_shares_open_door (const SgShares *shares, SgPlan *plan, uid_t user)
{
  SgConfinement *c = plan->confine_qemu;

  if (shares->mounts == NULL)
    return;
  sg_confinement_add (c, SG_DOOR_FOLLOW, sg_share_mounts_out (shares->mounts), SG_INSIDE_SHARES,
                      "folders that you share show up here, while they are shared");
  if (user == geteuid ())
    return;
  c->other_user = TRUE;
  c->uid = c->gid = user;
}

void
sg_shares_machine (SgShares *shares, const SgShareMachine *machine)
{
  shares->machine = *machine;
  shares->has_machine = TRUE;
  next (shares);
}

GVariant *
sg_shares_list (const SgShares *shares)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssb)"));
  for (guint i = 0; i < shares->all->len; i++)
    {
      const Share *share = g_ptr_array_index (shares->all, i);

      g_variant_builder_add (&builder, "(ssb)", share->path, share->place, share->mount.writable);
    }
  return g_variant_builder_end (&builder);
}
