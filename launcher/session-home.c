/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two starts may meet: one clears what the other has made and not locked yet, or removes the empty
 * parent under it.  So a directory counts only once it is locked *and* still the one with that
 * name; otherwise everything is done again. */
#include "launcher/session-home.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/session-leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 60
#define PAUSE_US 500 /* at most, after the first try; grows with each, so that two do not keep step */

struct SgHome
{
  char *id, *path, *parent;
  int parent_fd;
  int lock; /* the directory, locked */
};

void
sg_home_free (SgHome *home)
{
  if (home == NULL)
    return;
  sg_fd_clear (&home->parent_fd);
  sg_fd_clear (&home->lock);
  g_free (home->id);
  g_free (home->path);
  g_free (home->parent);
  g_free (home);
}

const char *
sg_home_id (const SgHome *home)
{
  return home->id;
}

const char *
sg_home_path (const SgHome *home)
{
  return home->path;
}

int
sg_home_parent_fd (const SgHome *home)
{
  return home->parent_fd;
}

/* TRUE: made and locked.  FALSE without an error: try again. */
static gboolean
try_once (SgHome *home, GError **error)
{
  guint32 number;

  home->parent = sg_paths_runtime (error);
  if (home->parent == NULL)
    return FALSE;
  home->parent_fd = open (home->parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (home->parent_fd < 0)
    return errno == ENOENT ? FALSE : sg_errno (error, "Cannot open %s", home->parent);
  sg_leftovers_clear (home->parent_fd);
  if (getrandom (&number, sizeof number, 0) != sizeof number)
    return sg_errno (error, "Cannot draw a name for the session");
  home->id = g_strdup_printf ("%08x", number);
  home->path = g_build_filename (home->parent, home->id, NULL);
  if (mkdirat (home->parent_fd, home->id, 0700) < 0)
    return errno == EEXIST || errno == ENOENT
               ? FALSE
               : sg_errno (error, "Cannot make the directory %s", home->path);
  home->lock = sg_leftovers_lock (home->parent_fd, home->id);
  return home->lock >= 0;
}

SgHome *
sg_home_new (GError **error)
{
  for (int i = 0; i < TRIES; i++)
    {
      g_autoptr (SgHome) home = g_new0 (SgHome, 1);
      GError *local = NULL;

      home->parent_fd = home->lock = -1;
      if (try_once (home, &local))
        return g_steal_pointer (&home);
      if (local != NULL)
        {
          g_propagate_error (error, local);
          return NULL;
        }
      g_usleep ((gulong)g_random_int_range (0, PAUSE_US * (i + 1)));
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
               "The session's directory could not be made: something removes it again and again");
  return NULL;
}

gboolean
sg_home_remove (SgHome *home, GError **error)
{
  gboolean gone = sg_leftovers_remove (home->parent_fd, home->id);

  /* Stays where other sessions have theirs in it. */
  rmdir (home->parent);
  if (gone)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the directory %s could not be removed",
               home->path);
  return FALSE;
}
