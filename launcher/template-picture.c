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

struct SgTemplatePicture
{
  char *aside, *name; /* owned; ASIDE: NULL once it is published */
  int fd;             /* write-only, as QEMU looks for one that is opened like that */
};

SgTemplatePicture *
sg_template_picture_new (const char *cache)
{
  g_autofree char *own = cache == NULL ? sg_paths_cache () : NULL;
  g_autoptr (SgTemplatePicture) picture = g_new0 (SgTemplatePicture, 1);

  if (cache == NULL)
    cache = own;
  picture->fd = -1;
  if (cache == NULL)
    return NULL;
  picture->name = g_build_filename (cache, "first-picture", NULL);
  picture->aside = g_strconcat (picture->name, "-XXXXXX", NULL);
  picture->fd = g_mkstemp_full (picture->aside, O_WRONLY | O_CLOEXEC, 0600);
  if (picture->fd < 0)
    {
      g_clear_pointer (&picture->aside, g_free);
      return NULL;
    }
  return g_steal_pointer (&picture);
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
  struct stat st;

  if (picture == NULL || picture->aside == NULL || fstat (picture->fd, &st) < 0 || st.st_size == 0
      || st.st_size > LARGEST || fchmod (picture->fd, 0400) < 0
      || g_rename (picture->aside, picture->name) < 0)
    return;
  g_clear_pointer (&picture->aside, g_free);
}

void
sg_template_picture_free (SgTemplatePicture *picture)
{
  if (picture == NULL)
    return;
  if (picture->aside != NULL)
    g_unlink (picture->aside);
  sg_fd_clear (&picture->fd);
  g_free (picture->aside);
  g_free (picture->name);
  g_free (picture);
}
