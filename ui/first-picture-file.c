/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PPM is read here and not by gdk-pixbuf's loaders: its header is one line that QEMU writes. */
#include "ui/first-picture.h"

#include "common/fd.h"
#include "common/paths.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIDE_MAX 8192
#define HEADER_MAX 64

int
sg_first_picture_open (void)
{
  g_autofree char *cache = sg_paths_cache ();
  g_autofree char *path = g_build_filename (cache, "first-picture", NULL);

  return open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* "P6\nWIDTH HEIGHT\n255\n": how long that is; 0: it is something else. */
static gsize
parse_header (const char *text, int *ret_width, int *ret_height)
{
  int length = 0;

  if (sscanf (text, "P6 %5d %5d 255%n", ret_width, ret_height, &length) != 2 || length == 0
      || text[length] != '\n')
    return 0;
  return *ret_width > 0 && *ret_height > 0 && *ret_width <= SIDE_MAX && *ret_height <= SIDE_MAX
             ? (gsize)length + 1
             : 0;
}

GdkPixbuf *
sg_first_picture_read (int fd)
{
  sg_fd int own = fd;
  char header[HEADER_MAX + 1] = { 0 };
  g_autofree guchar *pixels = NULL;
  gsize skip, size;
  int width, height;
  struct stat st;

  if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)
      || pread (fd, header, HEADER_MAX, 0) < (gssize)strlen ("P6"))
    return NULL;
  skip = parse_header (header, &width, &height);
  size = skip != 0 ? (gsize)width * (gsize)height * 3 : 0;
  if (skip == 0 || (guint64)st.st_size != skip + size || lseek (fd, (off_t)skip, SEEK_SET) < 0)
    return NULL;
  pixels = g_try_malloc (size);
  if (pixels == NULL || sg_read_all (fd, pixels, size, NULL) != (gssize)size)
    return NULL;
  return gdk_pixbuf_new_from_data (g_steal_pointer (&pixels), GDK_COLORSPACE_RGB, FALSE, 8, width,
                                   height, width * 3, (GdkPixbufDestroyNotify)(void *)g_free, NULL);
}
