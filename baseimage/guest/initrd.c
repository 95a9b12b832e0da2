/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initramfs is an uncompressed cpio: QEMU reads it from the page cache, and unpacking costs a
 * machine without KVM more than copying.
 *
 *     /init            sandglass-init
 *     /modules/order   one file name of /modules a line, in loading order; "-" before a name: the
 *                      sandbox starts without it too
 *     /modules/NAME.ko unpacked */
#include "baseimage/guest-payload.h"
#include "baseimage/guest/cpio.h"
#include "baseimage/guest/modules.h"
#include "baseimage/guest/unpack.h"
#include "common/fd.h"
#include "common/paths.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Only what it takes to reach the root file system and the agent; udev loads the rest from there.
 */
static const SgModuleWish wishes[] = {
  { "virtio_pci", TRUE, "all devices of the sandbox" },
  { "virtio_console", TRUE, "the console and the agent's connection" },
  { "virtio_blk", TRUE, "its disks" },
  { "crc32c_generic", FALSE, "checksums of the file systems" },
  { "erofs", TRUE, "the copy of this computer" },
  { "ext4", TRUE, "what is changed inside" },
  { "overlay", TRUE, "both as one" },
  { "virtio_rng", FALSE, "random numbers from the host" },
  { NULL },
};

static char *
find_modules (const char *root, const char *release, GError **error)
{
  static const char *const places[] = { "usr/lib/modules", "lib/modules" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *dir = g_build_filename (root, places[i], release, NULL);
      if (g_file_test (dir, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&dir);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "The modules of the kernel %s are not installed", release);
  return NULL;
}

static gboolean
add_module (GByteArray *archive, GString *order, const SgModule *module, GCancellable *cancellable,
            GError **error)
{
  g_autofree char *name = g_strdup_printf ("modules/%s.ko", module->name);
  g_autoptr (GBytes) bytes = sg_unpack (module->path, cancellable, error);
  const void *data;
  gsize len;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &len);
  sg_cpio_file (archive, name, 0600, data, len);
  g_string_append_printf (order, "%s%s.ko\n", module->required ? "" : "-", module->name);
  return TRUE;
}

static gboolean
add_modules (GByteArray *archive, const char *dir, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) modules = sg_modules_resolve (dir, wishes, error);
  g_autoptr (GString) order = g_string_new (NULL);

  if (modules == NULL)
    return FALSE;
  sg_cpio_dir (archive, "modules");
  for (guint i = 0; i < modules->len; i++)
    if (!add_module (archive, order, g_ptr_array_index (modules, i), cancellable, error))
      return FALSE;
  sg_cpio_file (archive, "modules/order", 0600, order->str, order->len);
  return TRUE;
}

static gboolean
add_init (GByteArray *archive, GError **error)
{
  g_autofree char *guest = sg_paths_guest (error);
  g_autofree char *path = guest != NULL ? g_build_filename (guest, "sandglass-init", NULL) : NULL;
  g_autofree char *data = NULL;
  gsize len;

  if (path == NULL || !g_file_get_contents (path, &data, &len, error))
    return FALSE;
  sg_cpio_file (archive, "init", 0755, data, len);
  return TRUE;
}

gboolean
sg_initrd_write (const char *root, const char *release, const char *path, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *modules = find_modules (root, release, error);
  sg_fd int fd = -1;

  if (modules == NULL)
    return FALSE;
  /* The kernel opens the console before init can make it. */
  sg_cpio_dir (archive, "dev");
  sg_cpio_device (archive, "dev/console", 0600, 5, 1);
  if (!add_init (archive, error) || !add_modules (archive, modules, cancellable, error))
    return FALSE;
  sg_cpio_end (archive);
  fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  if (fd < 0)
    return FALSE;
  if (!sg_write_all (fd, archive->data, archive->len, error))
    {
      unlink (path);
      return FALSE;
    }
  return TRUE;
}
