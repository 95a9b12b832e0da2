/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/run-shares.h"

#include "common/fd.h"
#include "launcher/share-rules.h"

#include <string.h>

static void
run_share_free (gpointer data)
{
  SgRunShare *share = data;

  sg_fd_clear (&share->folder);
  g_free (share->place);
  g_free (share);
}

/* A folder whose name has a colon is taken as it is, when it is there. */
static SgRunShare *
parse (const char *word, GError **error)
{
  SgRunShare *share = g_new0 (SgRunShare, 1);
  g_autofree char *dir = g_strdup (word);
  char *colon;

  share->folder = sg_share_open (word, NULL);
  if (share->folder < 0 && g_str_has_suffix (dir, ":rw"))
    {
      share->writable = TRUE;
      dir[strlen (dir) - 3] = '\0';
      share->folder = sg_share_open (dir, NULL);
    }
  if (share->folder < 0 && (colon = strrchr (dir, ':')) != NULL)
    {
      share->place = g_utf8_make_valid (colon + 1, -1);
      *colon = '\0';
    }
  if (share->folder < 0)
    share->folder = sg_share_open (dir, error);
  if (share->place == NULL)
    share->place = g_strdup ("");
  if (share->folder >= 0)
    return share;
  run_share_free (share);
  return NULL;
}

GPtrArray *
sg_run_shares_open (const char *const *words, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (run_share_free);

  for (; words != NULL && *words != NULL; words++)
    {
      SgRunShare *share = parse (*words, error);

      if (share == NULL)
        return NULL;
      g_ptr_array_add (all, share);
    }
  return g_steal_pointer (&all);
}
