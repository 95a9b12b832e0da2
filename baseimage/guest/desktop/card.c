/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card.h"

#include "common/fd.h"

#include <fcntl.h>
#include <sys/ioctl.h>

/* drm/drm.h and drm/virtgpu_drm.h of Linux (not everywhere among the headers of the system):
 * VALUE is the address of an int. */
typedef struct
{
  guint64 param;
  guint64 value;
} GetParam;

#define DRM_COMMAND_BASE 0x40
#define VIRTGPU_GETPARAM (DRM_COMMAND_BASE + 0x03)
#define VIRTGPU_PARAM_3D_FEATURES 1

gboolean
sg_card_has_3d (const char *path)
{
  sg_fd int fd = open (path, O_RDWR | O_CLOEXEC);
  int features = 0;
  GetParam get = { VIRTGPU_PARAM_3D_FEATURES, (guint64)(gsize)&features };

  return fd >= 0 && ioctl (fd, _IOWR ('d', VIRTGPU_GETPARAM, GetParam), &get) == 0 && features != 0;
}
