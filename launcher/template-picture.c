/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/template-picture.h"

#include "common/fd.h"
#include "common/paths.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDSET 111
#define LARGEST (256 * 1024 * 1024) /* of a file that a QEMU may have filled */

/* Without a name until it is whole, so that a build that is killed leaves nothing. */
struct SgTemplatePicture
{
  char *name; /* owned */
  int fd;     /* write-only, as QEMU looks for one that is opened like that */
};

SgTemplatePicture *
sg_template_picture_new (const char *cache)
{
  g_autofree char *own = cache == NULL ? sg_paths_cache () : NULL;
  g_autoptr (SgTemplatePicture) picture = g_new0 (SgTemplatePicture, 1);

  if (cache == NULL)
    cache = own;
  picture->name = g_build_filename (cache, "first-picture", NULL);
  picture->fd = open (cache, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  return picture->fd >= 0 ? g_steal_pointer (&picture) : NULL;
}

void
sg_template_picture_take (SgTemplatePicture *picture, SgQmpSteps *steps)
{
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%d", FDSET);

  if (picture == NULL)
    return;
  sg_qmp_steps_call_fd (steps, "add-fd", sg_qmp_args ("{'fdset-id': <%u>}", (guint)FDSET),
                        picture->fd);
  sg_qmp_steps_try (steps, "screendump", sg_qmp_args ("{'filename': <%s>}", path));
  sg_qmp_steps_try (steps, "remove-fd", sg_qmp_args ("{'fdset-id': <%u>}", (guint)FDSET));
}

void
sg_template_picture_publish (SgTemplatePicture *picture)
{
  g_autofree char *aside = NULL, *self = NULL;
  struct stat st;

  if (picture == NULL || fstat (picture->fd, &st) < 0 || st.st_size == 0 || st.st_size > LARGEST
      || fchmod (picture->fd, 0400) < 0)
    return;
  aside = g_strconcat (picture->name, "-new", NULL);
  self = g_strdup_printf ("/proc/self/fd/%d", picture->fd);
  g_unlink (aside);
  if (linkat (AT_FDCWD, self, AT_FDCWD, aside, AT_SYMLINK_FOLLOW) == 0
      && g_rename (aside, picture->name) < 0)
    g_unlink (aside);
}

void
sg_template_picture_free (SgTemplatePicture *picture)
{
  if (picture == NULL)
    return;
  sg_fd_clear (&picture->fd);
  g_free (picture->name);
  g_free (picture);
}
