/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations are done one after the other, in the order asked: nothing else touches the mounts
 * while a thread of one does. */
#include "launcher/share-internal.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/revoke-preload.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DESKTOP_INSIDE "/home/sandbox/Desktop"
#define PLACE_MOST 4000
#define MOST_WAITING 64

static void next (SgShares *shares);
static void let_loose (SgShares *shares);
typedef SgShares Held;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, let_loose)

/* --- life ---------------------------------------------------------------------------------------
 */

static void
share_free (gpointer data)
{
  SgShare *share = data;

  sg_share_view_free (share->view);
  sg_share_watch_free (share->watch);
  g_free (share->path);
  g_free (share->place);
  g_free (share);
}

static void
shares_clear (gpointer data)
{
  SgShares *shares = data;
  const char *owned[] = { shares->places.home, shares->places.runtime, shares->places.cache,
                          shares->places.config, shares->places.path };

  g_clear_pointer (&shares->mounts, sg_share_mounts_free);
  g_clear_error (&shares->why_not);
  g_ptr_array_unref (shares->all);
  g_ptr_array_unref (shares->loans);
  g_free (shares->dir);
  g_free (shares->bwrap);
  for (gsize i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free ((char *)owned[i]);
}

static SgShares *
hold (SgShares *shares)
{
  return g_rc_box_acquire (shares);
}

static void
let_loose (SgShares *shares)
{
  g_rc_box_release_full (shares, shares_clear);
}

static void
op_free (SgShareOp *op)
{
  sg_fd_clear (&op->folder);
  sg_fd_clear (&op->opened);
  g_free (op->place);
  g_free (op->why);
  g_clear_pointer (&op->verdict, sg_share_verdict_free);
  g_clear_pointer (&op->warnings, g_ptr_array_unref);
  g_clear_object (&op->task);
  let_loose (op->shares);
  g_free (op);
}

static char **
warnings_of (SgShareOp *op)
{
  if (op->warnings == NULL)
    return g_new0 (char *, 1);
  g_ptr_array_add (op->warnings, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&op->warnings), FALSE);
}

void
sg_share_warn (SgShareOp *op, char *words)
{
  if (op->warnings == NULL)
    op->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (op->warnings, words);
}

void
sg_share_settle (SgShareOp *op, char *result, GError *error)
{
  g_autoptr (Held) shares = hold (op->shares);

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

SgShare *
sg_share_find (SgShares *shares, const char *what)
{
  g_autofree char *place = sg_share_place (what, "/", NULL);

  for (guint i = 0; i < shares->all->len; i++)
    {
      SgShare *share = g_ptr_array_index (shares->all, i);
      if (g_str_equal (share->path, what) || g_strcmp0 (share->place, place) == 0)
        return share;
    }
  return NULL;
}

/* --- one after the other ------------------------------------------------------------------------
 */

static void
next (SgShares *shares)
{
  SgShareOp *op;

  if (shares->busy || !shares->has_machine || shares->over)
    return;
  op = g_queue_pop_head (&shares->waiting);
  if (op == NULL)
    return;
  shares->busy = TRUE;
  if (op->take)
    sg_share_begin_take (op);
  else
    sg_share_begin_give (op);
}

/* Takes OP. */
static void
push (SgShares *shares, SgShareOp *op)
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

void
sg_share_push_later (SgShares *shares, SgShareOp *op)
{
  op->shares = hold (shares);
  g_queue_push_tail (&shares->waiting, op);
  g_idle_add_full (G_PRIORITY_DEFAULT, next_in_idle, hold (shares), (GDestroyNotify)let_loose);
}

static gboolean
may_wait (SgShares *shares, GTask *task)
{
  if (shares->waiting.length < MOST_WAITING)
    return TRUE;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY,
                           "Too many folders are being shared at once");
  g_object_unref (task);
  return FALSE;
}

SgShareOp *
sg_share_op_new (SgShares *shares, GTask *task, int fd, const char *place)
{
  SgShareOp *op;

  if (task != NULL && !may_wait (shares, task))
    return NULL;
  op = g_new0 (SgShareOp, 1);
  op->task = task;
  op->opened = -1;
  op->folder = fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;
  op->place = g_strdup (place);
  return op;
}

void
sg_shares_give_async (SgShares *shares, int folder, const char *place, gboolean writable,
                      GAsyncReadyCallback callback, gpointer data)
{
  SgShareOp *op = sg_share_op_new (shares, g_task_new (NULL, NULL, callback, data), folder, place);

  if (op == NULL)
    return;
  op->writable = writable;
  push (shares, op);
}

void
sg_shares_take_async (SgShares *shares, const char *what, GAsyncReadyCallback callback,
                      gpointer data)
{
  SgShareOp *op = sg_share_op_new (shares, g_task_new (NULL, NULL, callback, data), -1, what);

  if (op == NULL)
    return;
  op->take = TRUE;
  push (shares, op);
}

void
sg_shares_lend_async (SgShares *shares, int file, GAsyncReadyCallback callback, gpointer data)
{
  SgShareOp *op = sg_share_op_new (shares, g_task_new (NULL, NULL, callback, data), file, NULL);

  if (op == NULL)
    return;
  op->loan = TRUE;
  push (shares, op);
}

void
sg_shares_end_loan (SgShares *shares, const char *place)
{
  SgShareOp *op = sg_share_op_new (shares, NULL, -1, place);

  op->take = op->loan = TRUE;
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

char *
sg_shares_lend_finish (GAsyncResult *result, GError **error)
{
  return finish (result, NULL, error);
}

gboolean
sg_shares_take_finish (GAsyncResult *result, char ***ret_warnings, GError **error)
{
  g_autofree char *answer = finish (result, ret_warnings, error);

  return answer != NULL;
}

/* --- the object ---------------------------------------------------------------------------------
 */

SgShares *
sg_shares_new (const char *dir, const SgSharePlaces *places, const SgSharesFuncs *funcs,
               gpointer data)
{
  SgShares *shares = g_rc_box_new0 (SgShares);

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
  shares->loans = g_ptr_array_new_with_free_func (share_free);
  shares->mounts = sg_share_mounts_new (dir, &shares->why_not);
  sg_share_follow (shares);
  return shares;
}

void
sg_shares_no_machine (SgShares *shares)
{
  for (guint i = 0; i < shares->all->len; i++)
    g_clear_pointer (&((SgShare *)g_ptr_array_index (shares->all, i))->view, sg_share_view_free);
  shares->has_machine = FALSE;
  memset (&shares->machine, 0, sizeof shares->machine);
}

void
sg_shares_free (SgShares *shares)
{
  SgShareOp *op;

  if (shares == NULL)
    return;
  shares->over = TRUE;
  sg_shares_no_machine (shares);
  g_clear_handle_id (&shares->watch, g_source_remove);
  g_clear_handle_id (&shares->look, g_source_remove);
  sg_fd_clear (&shares->mountinfo);
  while ((op = g_queue_pop_head (&shares->waiting)) != NULL)
    sg_share_settle (op, NULL,
                     g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox is gone"));
  if (shares->mounts != NULL)
    sg_share_mounts_close (shares->mounts); /* freed when no thread uses it any more */
  let_loose (shares);
}

/* Without the library a guest keeps what it has open, and is said to. */
static void
open_revoking (SgConfinement *c)
{
  g_autofree char *library = sg_paths_program (SG_REVOKE_PRELOAD, NULL);

  if (library == NULL)
    return;
  sg_confinement_add (c, SG_DOOR_READ, library, SG_INSIDE_REVOKE_PRELOAD,
                      "closes the files of a folder that you take away");
  c->preload = c->preload != NULL ? SG_INSIDE_BOTH_PRELOADS : SG_INSIDE_REVOKE_PRELOAD;
}

void
sg_shares_open_door (SgShares *shares, SgPlan *plan, uid_t user)
{
  SgConfinement *c = plan->confine_qemu;

  if (shares->mounts == NULL)
    return;
  sg_confinement_add (c, SG_DOOR_FOLLOW, sg_share_mounts_out (shares->mounts), SG_INSIDE_SHARES,
                      "folders that you share show up here, while they are shared");
  open_revoking (c);
  if (user != geteuid ())
    {
      c->other_user = TRUE;
      c->uid = c->gid = user;
    }
  g_free (shares->bwrap);
  shares->bwrap = g_strdup (plan->bwrap);
  shares->like = (SgConfinement){ .other_user = c->other_user, .uid = c->uid, .gid = c->gid };
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
      const SgShare *share = g_ptr_array_index (shares->all, i);

      g_variant_builder_add (&builder, "(ssb)", share->path, share->place, share->mount.writable);
    }
  return g_variant_builder_end (&builder);
}
