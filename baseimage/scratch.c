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

#include "common/fd.h"

#include <fcntl.h>
#include <unistd.h>

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
