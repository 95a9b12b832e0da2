/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/guest/cpio.h"

#include <string.h>
#include <sys/stat.h>

#define HEADER_LEN 110

typedef struct
{
  guint mode, links, major, minor;
} Kind;

static void
align (GByteArray *archive)
{
  static const guint8 padding[4] = { 0 };

  g_byte_array_append (archive, padding, (4 - archive->len % 4) % 4);
}

static void
add (GByteArray *archive, const char *name, Kind kind, const void *data, gsize len)
{
  char header[HEADER_LEN + 1];
  /* Inode numbers only matter for hard links, and there are none: each entry has its own. */
  guint number = archive->len + 1;

  g_snprintf (header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
              number, kind.mode, 0, 0, kind.links, 0, (guint)len, 0, 0, kind.major, kind.minor,
              (guint)strlen (name) + 1, 0);
  g_byte_array_append (archive, (const guint8 *)header, HEADER_LEN);
  g_byte_array_append (archive, (const guint8 *)name, (guint)strlen (name) + 1);
  align (archive);
  if (len > 0)
    g_byte_array_append (archive, data, (guint)len);
  align (archive);
}

void
sg_cpio_dir (GByteArray *archive, const char *name)
{
  add (archive, name, (Kind){ S_IFDIR | 0755, 2, 0, 0 }, NULL, 0);
}

void
sg_cpio_file (GByteArray *archive, const char *name, mode_t perm, const void *data, gsize len)
{
  add (archive, name, (Kind){ S_IFREG | perm, 1, 0, 0 }, data, len);
}

void
sg_cpio_device (GByteArray *archive, const char *name, mode_t perm, guint major, guint minor)
{
  add (archive, name, (Kind){ S_IFCHR | perm, 1, major, minor }, NULL, 0);
}

void
sg_cpio_end (GByteArray *archive)
{
  add (archive, "TRAILER!!!", (Kind){ 0, 1, 0, 0 }, NULL, 0);
}
