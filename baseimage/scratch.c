/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mke2fs is told everything, so that a distribution's mke2fs.conf changes nothing:
 *
 * - The file was just created and reads as zeros.  mke2fs finds that out by punching holes (its
 *   "discard") and marks the inode tables as zeroed; otherwise the guest's kernel would spend its
 *   first minute writing a gigabyte of zeros to a disk that is thrown away.
 * - A journal, though a small one: a restart inside the sandbox keeps what was done, and a disk
 * that is full for a while must not cost the file system.
 * - No blocks are kept back for root: who fills the disk is told so. */
#include "baseimage/scratch.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096
#define DATA_MAX (64 * 1024 * 1024) /* of an empty disk; more is none of ours, or not sparse */

#define FEATURES                                                                                   \
  "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,"                \
  "sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum"

/* mke2fs lies in /usr/sbin, which is not in everybody's PATH. */
static char *
find_mke2fs (GError **error)
{
  static const char *const places[] = { "/usr/sbin/mke2fs", "/sbin/mke2fs", "/usr/bin/mke2fs" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_file_test (places[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (places[i]);
  char *found = g_find_program_in_path ("mke2fs");
  if (found == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "mke2fs is missing; install the package e2fsprogs");
  return found;
}

GSubprocess *
sg_scratch_start (const char *dir, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "scratch", NULL);
  g_autofree char *mke2fs = find_mke2fs (error);
  sg_fd int fd = -1;

  if (mke2fs == NULL)
    return NULL;
  fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  if (fd < 0)
    return NULL;
  if (ftruncate (fd, SG_SCRATCH_BYTES) < 0)
    {
      sg_errno (error, "Cannot size %s", path);
      return NULL;
    }
  return g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error, mke2fs, "-q", "-F",
      "-t", "ext4", "-b", "4096", "-m", "0", "-i", "32768", "-I", "256", "-J", "size=64", "-O",
      FEATURES, "-L", SG_SCRATCH_LABEL, "-E",
      "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,discard", path, NULL);
}

gboolean
sg_scratch_finish (GSubprocess *mke2fs, GCancellable *cancellable, GError **error)
{
  g_autofree char *said = NULL;

  if (!g_subprocess_communicate_utf8 (mke2fs, NULL, cancellable, NULL, &said, error))
    {
      g_subprocess_force_exit (mke2fs);
      g_subprocess_wait (mke2fs, NULL, NULL);
      return FALSE;
    }
  if (g_subprocess_get_successful (mke2fs))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "mke2fs could not make an empty disk: %s",
               g_strstrip (said));
  return FALSE;
}

/* Adds what is not zero between FROM and TO, with where it is. */
static gboolean
sum_data (int fd, off_t from, off_t to, guint32 *sum, GError **error)
{
  static const guint8 zeros[BLOCK];
  guint8 block[BLOCK];

  for (off_t at = from; at < to; at += BLOCK)
    {
      guint64 where = GUINT64_TO_LE ((guint64)at);
      gssize n = sg_pread_all (fd, block, BLOCK, at, error);
      if (n < 0)
        return FALSE;
      if (memcmp (block, zeros, (gsize)n) == 0)
        continue;
      *sum = sg_crc32c (*sum, &where, sizeof where);
      *sum = sg_crc32c (*sum, block, (gsize)n);
    }
  return TRUE;
}

gboolean
sg_scratch_sum (const char *dir, guint32 *ret_sum, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "scratch", NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0, error);
  guint64 data = 0;
  struct stat st;
  off_t end;

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &st) < 0)
    return sg_errno (error, "Cannot look at %s", path);
  *ret_sum = SG_CRC32C_INIT;
  for (off_t at = 0; st.st_size == (off_t)SG_SCRATCH_BYTES; at = end)
    {
      at = lseek (fd, at, SEEK_DATA);
      end = at >= 0 ? lseek (fd, at, SEEK_HOLE) : -1;
      if (at < 0) /* no more */
        return TRUE;
      at -= at % BLOCK;
      data += (guint64)(end - at);
      if (end <= at || data > DATA_MAX)
        break;
      if (!sum_data (fd, at, end, ret_sum, error))
        return FALSE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is no empty disk", path);
  return FALSE;
}
