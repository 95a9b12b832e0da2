/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/guest/unpack.h"

#include "common/fd.h"

#include <string.h>

static GBytes *
read_all (GInputStream *stream, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree guint8 *piece = g_malloc (64 * 1024);
  gssize n;

  while ((n = g_input_stream_read (stream, piece, 64 * 1024, cancellable, error)) > 0)
    {
      if (all->len + (gsize)n > SG_UNPACK_MAX)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "%s is far too large for a kernel module", path);
          return NULL;
        }
      g_byte_array_append (all, piece, (guint)n);
    }
  if (n < 0)
    {
      g_prefix_error (error, "Cannot unpack %s: ", path);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

static GBytes *
by_program (const char *program, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, error,
                          program, "-dc", "--", path, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (process == NULL)
    {
      g_prefix_error (error, "Cannot unpack kernel modules (install the package %s): ",
                      strcmp (program, "xz") == 0 ? "xz-utils or xz" : program);
      return NULL;
    }
  bytes = read_all (g_subprocess_get_stdout_pipe (process), path, cancellable, error);
  if (bytes == NULL)
    g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  if (bytes != NULL && !g_subprocess_get_successful (process))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is damaged", path);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

GBytes *
sg_unpack (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) plain = NULL;
  g_autoptr (GInputStream) stream = NULL;

  if (g_str_has_suffix (path, ".xz"))
    return by_program ("xz", path, cancellable, error);
  if (g_str_has_suffix (path, ".zst"))
    return by_program ("zstd", path, cancellable, error);
  plain = g_file_read (file, cancellable, error);
  if (plain == NULL)
    return NULL;
  if (g_str_has_suffix (path, ".gz"))
    {
      g_autoptr (GZlibDecompressor) gunzip
          = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
      stream = g_converter_input_stream_new (G_INPUT_STREAM (plain), G_CONVERTER (gunzip));
    }
  else
    stream = G_INPUT_STREAM (g_steal_pointer (&plain));
  return read_all (stream, path, cancellable, error);
}
