/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is lent comes from a folder that could be shared for reading: then the table of what is
 * never shared, and the administrator's rules, hold for it without knowing of files.  It is opened
 * in that folder once more, in our mount namespace, and is the caller's inode, or nothing is lent. */
#include "launcher/share-internal.h"

#include "common/fd.h"
#include "launcher/share-guest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define PLACE "/run/sandglass/lent"

/* --- outside ------------------------------------------------------------------------------------
 */

static gboolean
is_covered (const SgShareVerdict *verdict, const struct stat *st)
{
  for (guint i = 0; i < verdict->covers->len; i++)
    {
      const SgShareCover *cover = g_ptr_array_index (verdict->covers, i);

      if (cover->device == st->st_dev && cover->inode == st->st_ino)
        return TRUE;
    }
  return FALSE;
}

/* Opens NAME in FOLDER, the file that GIVEN is. */
static int
open_file (int folder, const char *name, int given, const SgShareVerdict *verdict, GError **error)
{
  sg_fd int fd = sg_open_at (folder, name, O_PATH | O_NOFOLLOW, 0, error);
  struct stat ours, theirs;

  if (fd < 0)
    return -1;
  if (fstat (fd, &ours) == 0 && fstat (given, &theirs) == 0 && ours.st_dev == theirs.st_dev
      && ours.st_ino == theirs.st_ino && S_ISREG (ours.st_mode) && !is_covered (verdict, &ours))
    return sg_fd_steal (&fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "It is not a file that can be lent");
  return -1;
}

gboolean
sg_share_loan_judge (SgShareOp *op, GError **error)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", op->folder);
  g_autofree char *path = g_file_read_link (link, error);
  g_autofree char *dir = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  sg_fd int folder = dir != NULL ? sg_share_open (dir, error) : -1;
  SgSharePlaces places = op->shares->places;
  g_autoptr (SgShareVerdict) verdict = NULL;

  places.allow = NULL; /* asked in the main thread, whose data it is */
  if (folder >= 0)
    verdict = sg_share_judge (folder, FALSE, &places, error);
  if (verdict != NULL)
    op->opened = open_file (folder, name, op->folder, verdict, error);
  if (op->opened < 0)
    return FALSE;
  op->verdict = g_steal_pointer (&verdict);
  return TRUE;
}

gboolean
sg_share_loan_attach (SgShareOp *op, GError **error)
{
  return sg_share_mounts_lend (op->shares->mounts, op->opened, &op->mount, error);
}

gboolean
sg_share_loan_may_be (SgShareOp *op, GError **error)
{
  const SgShares *shares = op->shares;
  const SgSharePlaces *places = &shares->places;

  if (sg_share_is_gone (op))
    g_propagate_error (error, sg_share_gone_error ());
  else if (shares->loans->len >= SG_SHARES_LOANS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Too many files are being copied at once");
  else
    return places->allow == NULL || places->allow (op->verdict->path, FALSE, places->data, error);
  return FALSE;
}

/* --- inside -------------------------------------------------------------------------------------
 */

static void
on_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  GError *error = NULL;
  SgShare *loan;

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    {
      sg_share_undo_give (op, error);
      return;
    }
  if (sg_share_is_gone (op))
    {
      sg_share_settle (op, NULL, sg_share_gone_error ());
      return;
    }
  loan = g_new0 (SgShare, 1);
  loan->path = g_strdup (op->verdict->path);
  loan->place = g_strdup (op->place);
  loan->mount = op->mount;
  g_ptr_array_add (op->shares->loans, loan);
  sg_share_settle (op, g_strdup (op->place), NULL);
}

void
sg_share_loan_show (SgShareOp *op, const char *tag)
{
  g_free (op->place);
  op->place = g_strdup_printf (PLACE "/%u", op->mount.slot);
  sg_share_guest_lend_async (op->shares->machine.agent, tag, op->mount.slot, op->place, on_shown,
                             op);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static SgShare *
find (SgShares *shares, const char *place)
{
  for (guint i = 0; i < shares->loans->len; i++)
    {
      SgShare *loan = g_ptr_array_index (shares->loans, i);

      if (g_str_equal (loan->place, place))
        return loan;
    }
  return NULL;
}

/* Whatever inside says to it. */
static void
on_hidden (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareOp *op = data;
  g_autoptr (GError) error = NULL;
  SgShare *loan = find (op->shares, op->place);

  if (!sg_share_guest_finish (SG_AGENT (source), result, &error))
    g_debug ("%s stays inside: %s", op->place, error->message);
  if (sg_share_is_gone (op) || loan == NULL)
    sg_share_settle (op, NULL, sg_share_gone_error ());
  else
    sg_share_take_outside (op, loan);
}

void
sg_share_loan_begin_return (SgShareOp *op)
{
  if (find (op->shares, op->place) == NULL)
    sg_share_settle (op, NULL, NULL);
  else
    sg_share_guest_end_loan_async (op->shares->machine.agent, op->place, on_hidden, op);
}
