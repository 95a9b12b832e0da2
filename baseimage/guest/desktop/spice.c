/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links in /dev/virtio-ports are udev's, and come when it comes to them; the kernel's own list
 * is there at once. */
#include "spice.h"

#include <string.h>

char *
sg_spice_port (const char *sysfs, const char *name)
{
  GDir *dir = g_dir_open (sysfs, 0, NULL);
  const char *entry;
  char *device = NULL;

  while (dir && !device && (entry = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (sysfs, entry, "name", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && strcmp (g_strchomp (text), name) == 0)
        device = g_build_filename ("/dev", entry, NULL);
    }
  if (dir)
    g_dir_close (dir);
  return device;
}
