/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU shows stays through a restart inside; the mounts there do not.  It is done as one
 * operation of the queue (share.c), so that nothing else is given or taken meanwhile. */
#include "launcher/share-internal.h"

#include "launcher/share-guest.h"

#define BUSY_MSEC 50

typedef struct
{
  SgShareOp *op;
  guint next; /* of the shares */
} Again;

static void show_next (Again *again);

static void
laid (GObject *source, GAsyncResult *result, gpointer data)
{
  Again *again = data;

  sg_share_laid (again->op, g_ptr_array_index (again->op->shares->all, again->next - 1), result);
  show_next (again);
}

static void
shown (GObject *source, GAsyncResult *result, gpointer data)
{
  Again *again = data;
  SgShares *shares = again->op->shares;
  const SgShare *share = g_ptr_array_index (shares->all, again->next - 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  gboolean there = sg_share_guest_finish (SG_AGENT (source), result, &error);

  if (shares->over || !shares->has_machine)
    {
      show_next (again);
      return;
    }
  if (there)
    {
      sg_share_lay (again->op, share, laid, again);
      return;
    }
  words = g_strdup_printf ("The folder '%s' could not be shown inside again after the restart "
                           "(%s). Take it away and share it again.",
                           share->path, error->message);
  shares->funcs->notice ("folder", words, shares->data);
  show_next (again);
}

static void
show_next (Again *again)
{
  SgShareOp *op = again->op;
  SgShares *shares = op->shares;

  if (shares->over || !shares->has_machine)
    sg_share_settle (op, NULL,
                     g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox is gone"));
  else if (again->next == shares->all->len)
    sg_share_settle (op, g_strdup (""), NULL);
  else
    {
      const SgShare *share = g_ptr_array_index (shares->all, again->next++);

      sg_share_show (op, share, shown, again);
      return;
    }
  g_free (again);
}

static gboolean
begin (gpointer data)
{
  Again *again = data;

  if (again->op->shares->busy) /* with what the restart cut short */
    return G_SOURCE_CONTINUE;
  again->op->shares->busy = TRUE;
  show_next (again);
  return G_SOURCE_REMOVE;
}

void
sg_shares_show_again_async (SgShares *shares, GAsyncReadyCallback callback, gpointer data)
{
  Again *again = g_new0 (Again, 1);

  again->op = g_new0 (SgShareOp, 1);
  again->op->shares = g_rc_box_acquire (shares);
  again->op->task = g_task_new (NULL, NULL, callback, data);
  again->op->folder = again->op->opened = -1;
  if (begin (again))
    g_timeout_add (BUSY_MSEC, begin, again);
}

gboolean
sg_shares_show_again_finish (GAsyncResult *result)
{
  g_autofree char *done = g_task_propagate_pointer (G_TASK (result), NULL);

  return done != NULL;
}
