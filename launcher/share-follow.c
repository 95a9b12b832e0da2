/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of the file systems and the names of shared folders on this computer. */
#include "launcher/share-internal.h"

#include <fcntl.h>
#include <glib-unix.h>

#define LOOK_SEC 2

static gboolean
is_being_taken (SgShares *shares, const SgShare *share)
{
  for (GList *l = shares->waiting.head; l != NULL; l = l->next)
    if (((SgShareOp *)l->data)->take && !((SgShareOp *)l->data)->loan
        && g_str_equal (((SgShareOp *)l->data)->place, share->place))
      return TRUE;
  return FALSE;
}

/* The kernel tells that some mount changed, not which. */
static gboolean
on_mounts_changed (int fd, GIOCondition condition, gpointer data)
{
  SgShares *shares = data;
  g_autofree char *text = NULL;

  if (shares->all->len == 0 || !g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return G_SOURCE_CONTINUE;
  for (guint i = 0; i < shares->all->len; i++)
    {
      const SgShare *share = g_ptr_array_index (shares->all, i);
      SgShareOp *op;

      if (sg_share_mount_has_source (&share->mount, text) || is_being_taken (shares, share))
        continue;
      op = sg_share_op_new (shares, NULL, -1, share->place);
      op->take = TRUE;
      op->why = g_strdup_printf ("The disk with the folder '%s' was removed from this computer, so "
                                 "the folder is gone from the sandbox as well.",
                                 share->path);
      sg_share_push_later (shares, op);
    }
  return G_SOURCE_CONTINUE;
}

/* --- what is renamed or deleted -----------------------------------------------------------------
 */

/* The kernel does not tell that a mount's root is called otherwise. */
static gboolean
on_look (gpointer data)
{
  SgShares *shares = data;
  g_autofree char *text = NULL;

  if (shares->all->len == 0)
    {
      shares->look = 0;
      return G_SOURCE_REMOVE;
    }
  if (!g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return G_SOURCE_CONTINUE;
  for (guint i = 0; i < shares->all->len; i++)
    {
      SgShare *share = g_ptr_array_index (shares->all, i);
      g_autofree char *root = sg_share_mount_root (&share->mount, text);

      sg_share_watch_look (share->watch, root);
    }
  return G_SOURCE_CONTINUE;
}

static void
tell (const char *kind, const char *message, gpointer data)
{
  SgShares *shares = data;

  shares->funcs->notice (kind, message, shares->data);
}

void
sg_share_add (SgShares *shares, SgShare *share)
{
  g_autofree char *text = NULL;
  char *root = NULL;

  if (g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    root = sg_share_mount_root (&share->mount, text);
  share->watch = sg_share_watch_new (
      share->path, sg_share_mount_path (shares->mounts, &share->mount), root, tell, shares);
  g_ptr_array_add (shares->all, share);
  if (shares->look == 0)
    shares->look = g_timeout_add_seconds (LOOK_SEC, on_look, shares);
}

void
sg_share_follow (SgShares *shares)
{
  shares->mountinfo = open ("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (shares->mountinfo >= 0)
    shares->watch
        = g_unix_fd_add (shares->mountinfo, G_IO_ERR | G_IO_PRI, on_mounts_changed, shares);
}
