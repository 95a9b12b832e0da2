/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initramfs is a gzip'ed cpio: it takes a third of the room, and even a machine without KVM
 * unpacks it in a moment.
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
#include <sys/stat.h>
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

/* Level 1: level 6 saves a tenth and takes three times as long. */
static GBytes *
compress (GByteArray *archive, GCancellable *cancellable, GError **error)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  if (!g_output_stream_write_all (stream, archive->data, archive->len, NULL, cancellable, error)
      || !g_output_stream_close (stream, cancellable, error))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

/* What PATH is made of, as far as it can be told without reading it. */
static gboolean
add_stamp (GChecksum *sum, const char *path, GError **error)
{
  struct stat st;

  if (stat (path, &st) < 0)
    return sg_errno (error, "Cannot look at %s", path);
  g_autofree char *line = g_strdup_printf (
      "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
      path, (guint64)st.st_dev, (guint64)st.st_ino, (gint64)st.st_size,
      (gint64)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
  g_checksum_update (sum, (const guchar *)line, -1);
  return TRUE;
}

char *
sg_initrd_key (const char *root, const char *release, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *dir = find_modules (root, release, error);
  g_autoptr (GPtrArray) modules = dir != NULL ? sg_modules_resolve (dir, wishes, error) : NULL;
  g_autofree char *guest = modules != NULL ? sg_paths_guest (error) : NULL;
  g_autofree char *init = guest != NULL ? g_build_filename (guest, "sandglass-init", NULL) : NULL;

  if (init == NULL || !add_stamp (sum, init, error))
    return NULL;
  g_checksum_update (sum, (const guchar *)SG_VERSION, -1);
  for (guint i = 0; i < modules->len; i++)
    {
      const SgModule *module = g_ptr_array_index (modules, i);
      g_checksum_update (sum, (const guchar *)(module->required ? "+" : "-"), 1);
      if (!add_stamp (sum, module->path, error))
        return NULL;
    }
  return g_strdup (g_checksum_get_string (sum));
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
  g_autoptr (GBytes) packed = compress (archive, cancellable, error);
  if (packed == NULL)
    return FALSE;
  fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  if (fd < 0)
    return FALSE;
  if (!sg_write_all (fd, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed), error))
    {
      unlink (path);
      return FALSE;
    }
  return TRUE;
}
