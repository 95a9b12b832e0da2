/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/base-info.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "base"
#define LARGEST_INFO (1u << 20)

void
sg_base_info_free (SgBaseInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->digest);
  g_free (info->root);
  g_free (info->kernel);
  g_free (info->kernel_release);
  g_free (info->initrd_key);
  g_strfreev (info->stamps);
  g_free (info);
}

guint64
sg_base_info_disk_bytes (const SgBaseInfo *info)
{
  return info->meta_bytes + info->map_bytes + info->blob_bytes + info->initrd_bytes;
}

/* Tells a list that was cut short. */
static guint32
sum_of (char **stamps)
{
  g_autofree char *all = g_strjoinv ("\n", stamps);

  return sg_crc32c (SG_CRC32C_INIT, all, strlen (all));
}

static gboolean
save_stamps (const SgBaseInfo *info, const char *base, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (base, "stamps", NULL);
  gsize len;

  g_key_file_set_uint64 (file, GROUP, "crc32c", sum_of (info->stamps));
  g_key_file_set_string_list (file, GROUP, "stamps", (const char *const *)info->stamps,
                              g_strv_length (info->stamps));
  g_autofree char *text = g_key_file_to_data (file, &len, NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  return fd >= 0 && sg_write_all (fd, text, len, error);
}

gboolean
sg_base_info_save (const SgBaseInfo *info, const char *base, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (base, "info", NULL);
  gsize len;

  g_key_file_set_integer (file, GROUP, "format", SG_BASE_FORMAT);
  g_key_file_set_string (file, GROUP, "made-by", SG_VERSION);
  g_key_file_set_string (file, GROUP, "digest", info->digest);
  g_key_file_set_string (file, GROUP, "root", info->root);
  g_key_file_set_string (file, GROUP, "kernel", info->kernel);
  g_key_file_set_string (file, GROUP, "kernel-release", info->kernel_release);
  g_key_file_set_uint64 (file, GROUP, "user-uid", info->user_uid);
  g_key_file_set_uint64 (file, GROUP, "image-bytes", info->image_bytes);
  g_key_file_set_uint64 (file, GROUP, "meta-bytes", info->meta_bytes);
  g_key_file_set_uint64 (file, GROUP, "map-bytes", info->map_bytes);
  g_key_file_set_uint64 (file, GROUP, "blob-bytes", info->blob_bytes);
  g_key_file_set_uint64 (file, GROUP, "initrd-bytes", info->initrd_bytes);
  g_key_file_set_uint64 (file, GROUP, "initrd-crc32c", info->initrd_crc);
  g_key_file_set_uint64 (file, GROUP, "scratch-sum", info->scratch_sum);
  if (info->initrd_key != NULL)
    g_key_file_set_string (file, GROUP, "initrd-key", info->initrd_key);
  g_key_file_set_int64 (file, GROUP, "built-at", info->built_at);
  g_key_file_set_uint64 (file, GROUP, "files", info->n_files);
  g_key_file_set_uint64 (file, GROUP, "linked-files", info->n_linked);
  g_key_file_set_uint64 (file, GROUP, "linked-bytes", info->linked_bytes);
  g_key_file_set_uint64 (file, GROUP, "left-out", info->n_left_out);
  g_key_file_set_boolean (file, GROUP, "anonymous", info->anonymous);
  g_key_file_set_uint64 (file, GROUP, "scan-ms", info->scan_ms);
  g_key_file_set_uint64 (file, GROUP, "total-ms", info->total_ms);
  g_autofree char *text = g_key_file_to_data (file, &len, NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  return fd >= 0 && sg_write_all (fd, text, len, error) && save_stamps (info, base, error);
}

gboolean
sg_base_info_renew_stamps (const char *base, const char *from, GError **error)
{
  g_autofree char *old = g_build_filename (from, "stamps", NULL);
  g_autofree char *new = g_build_filename (base, "stamps", NULL);

  return rename (old, new) == 0 ? TRUE : sg_errno (error, "Cannot renew %s", new);
}

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The copy of this computer is damaged (%s); build it again with `sandglass base "
               "build`",
               what);
  return FALSE;
}

/* The key file NAME of a base; NULL when it cannot be read. */
static GKeyFile *
read_key_file (const char *base, const char *name)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (base, name, NULL);
  g_autofree char *text = g_malloc (LARGEST_INFO);
  sg_fd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize len = fd >= 0 ? sg_read_all (fd, text, LARGEST_INFO, NULL) : -1;

  if (len <= 0 || (gsize)len == LARGEST_INFO
      || !g_key_file_load_from_data (file, text, (gsize)len, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_steal_pointer (&file);
}

gboolean
sg_base_info_is_anonymous (const char *base)
{
  g_autoptr (GKeyFile) file = read_key_file (base, "info");

  return file != NULL && g_key_file_get_boolean (file, GROUP, "anonymous", NULL);
}

static guint64
number (GKeyFile *file, const char *key)
{
  return g_key_file_get_uint64 (file, GROUP, key, NULL);
}

static gboolean
size_is (const char *base, const char *name, guint64 expected)
{
  g_autofree char *path = g_build_filename (base, name, NULL);
  struct stat st;

  return stat (path, &st) == 0 && S_ISREG (st.st_mode) && (guint64)st.st_size == expected;
}

static gboolean
check_files (const SgBaseInfo *info, const char *base, GError **error)
{
  g_autofree char *scratch = g_build_filename (base, "scratch", NULL);

  if (!size_is (base, "meta", info->meta_bytes) || !size_is (base, "map", info->map_bytes)
      || !size_is (base, "blob", info->blob_bytes) || !size_is (base, "initrd", info->initrd_bytes))
    return damaged (error, "a file is missing or cut short");
  if (!g_file_test (scratch, G_FILE_TEST_IS_REGULAR))
    return damaged (error, "its empty disk is missing");
  return TRUE;
}

SgBaseInfo *
sg_base_info_load (const char *base, GError **error)
{
  g_autoptr (SgBaseInfo) info = g_new0 (SgBaseInfo, 1);
  g_autoptr (GKeyFile) file = read_key_file (base, "info");
  g_autoptr (GKeyFile) stamps = read_key_file (base, "stamps");
  g_autofree char *name = g_path_get_basename (base);

  if (file == NULL || stamps == NULL)
    {
      damaged (error, "its description cannot be read");
      return NULL;
    }
  if (g_key_file_get_integer (file, GROUP, "format", NULL) != SG_BASE_FORMAT)
    {
      damaged (error, "it was made by another version of Sandglass");
      return NULL;
    }
  info->digest = g_key_file_get_string (file, GROUP, "digest", NULL);
  info->root = g_key_file_get_string (file, GROUP, "root", NULL);
  info->kernel = g_key_file_get_string (file, GROUP, "kernel", NULL);
  info->kernel_release = g_key_file_get_string (file, GROUP, "kernel-release", NULL);
  info->user_uid = (guint)number (file, "user-uid");
  info->image_bytes = number (file, "image-bytes");
  info->meta_bytes = number (file, "meta-bytes");
  info->map_bytes = number (file, "map-bytes");
  info->blob_bytes = number (file, "blob-bytes");
  info->initrd_bytes = number (file, "initrd-bytes");
  info->initrd_crc = (guint32)number (file, "initrd-crc32c");
  info->initrd_key = g_key_file_get_string (file, GROUP, "initrd-key", NULL);
  info->scratch_sum = (guint32)number (file, "scratch-sum");
  info->built_at = g_key_file_get_int64 (file, GROUP, "built-at", NULL);
  info->n_files = number (file, "files");
  info->n_linked = number (file, "linked-files");
  info->linked_bytes = number (file, "linked-bytes");
  info->n_left_out = number (file, "left-out");
  info->scan_ms = (guint)number (file, "scan-ms");
  info->total_ms = (guint)number (file, "total-ms");
  info->anonymous = g_key_file_get_boolean (file, GROUP, "anonymous", NULL);
  info->stamps = g_key_file_get_string_list (stamps, GROUP, "stamps", NULL, NULL);
  if (g_strcmp0 (info->digest, name) != 0 || info->root == NULL || info->kernel == NULL
      || info->kernel_release == NULL || info->stamps == NULL
      || sum_of (info->stamps) != number (stamps, "crc32c"))
    {
      damaged (error, "its description is not whole");
      return NULL;
    }
  return check_files (info, base, error) ? g_steal_pointer (&info) : NULL;
}
