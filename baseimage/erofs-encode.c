/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/erofs-encode.h"

#include "baseimage/erofs-format.h"

#include <string.h>
#include <sys/stat.h>

/* ---- directories ---- */

/* Goes over a directory's names in byte order, "." and ".." in their places among them (a name
 * like "+x" sorts before both). */
typedef struct
{
  const SgNode *dir;
  guint next_child;
  guint next_dot;
  const char *name;
  const SgInode *inode;
} Walk;

static gboolean
walk_next (Walk *walk)
{
  static const char *const dots[] = { ".", ".." };
  const SgNode *dir = walk->dir;
  const SgNode *child = walk->next_child < dir->n_children ? dir->children[walk->next_child] : NULL;

  if (walk->next_dot < 2 && (child == NULL || strcmp (dots[walk->next_dot], child->name) < 0))
    {
      const SgNode *up = dir->parent != NULL ? dir->parent : dir;
      walk->name = dots[walk->next_dot];
      walk->inode = walk->next_dot == 0 ? dir->inode : up->inode;
      walk->next_dot++;
      return TRUE;
    }
  if (child == NULL)
    return FALSE;
  walk->name = child->name;
  walk->inode = child->inode;
  walk->next_child++;
  return TRUE;
}

gboolean
sg_erofs_measure_dir (const SgNode *dir, guint32 *ret_blocks, guint16 *ret_tail, GError **error)
{
  Walk walk = { .dir = dir };
  const char *previous = "";
  guint32 blocks = 0, used = 0;

  while (walk_next (&walk))
    {
      gsize len = strlen (walk.name);
      if (len == 0 || len > EROFS_NAME_MAX || strchr (walk.name, '/') != NULL
          || strcmp (previous, walk.name) >= 0)
        {
          g_autofree char *shown = g_filename_display_name (walk.name);
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "The name \"%s\" is there twice, out of order or not a file name", shown);
          return FALSE;
        }
      previous = walk.name;
      if (used + sizeof (ErofsDirent) + len > EROFS_BLOCK)
        {
          blocks++;
          used = 0;
        }
      used += (guint32)(sizeof (ErofsDirent) + len);
    }
  *ret_blocks = blocks;
  *ret_tail = (guint16)used;
  return TRUE;
}

static guint8
file_type (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFREG:
      return EROFS_TYPE_FILE;
    case S_IFDIR:
      return EROFS_TYPE_DIR;
    case S_IFCHR:
      return EROFS_TYPE_CHAR;
    case S_IFBLK:
      return EROFS_TYPE_BLOCK;
    case S_IFIFO:
      return EROFS_TYPE_FIFO;
    case S_IFSOCK:
      return EROFS_TYPE_SOCKET;
    case S_IFLNK:
      return EROFS_TYPE_LINK;
    default:
      return 0;
    }
}

/* Writes the entries from *WALK on that fit into one block; *WALK is then behind them. */
static void
encode_block (Walk *walk, guint8 *out)
{
  Walk ahead = *walk;
  guint32 n = 0, used = 0;

  while (walk_next (&ahead))
    {
      gsize len = strlen (ahead.name);
      if (used + sizeof (ErofsDirent) + len > EROFS_BLOCK)
        break;
      used += (guint32)(sizeof (ErofsDirent) + len);
      n++;
    }
  guint32 name_at = n * (guint32)sizeof (ErofsDirent);
  for (guint32 i = 0; i < n; i++)
    {
      walk_next (walk);
      gsize len = strlen (walk->name);
      ErofsDirent entry = {
        .nid = GUINT64_TO_LE (walk->inode->writer_data[0]),
        .name_offset = GUINT16_TO_LE ((guint16)name_at),
        .type = file_type (walk->inode->mode),
      };
      memcpy (out + i * sizeof entry, &entry, sizeof entry);
      memcpy (out + name_at, walk->name, len);
      name_at += (guint32)len;
    }
}

void
sg_erofs_encode_dir (const SgNode *dir, guint32 n_blocks, guint8 *blocks, guint8 *tail)
{
  Walk walk = { .dir = dir };

  for (guint32 i = 0; i < n_blocks; i++)
    encode_block (&walk, blocks + (gsize)i * EROFS_BLOCK);
  encode_block (&walk, tail);
}

/* ---- extended attributes ---- */

static const struct
{
  const char *prefix;
  guint8 index;
  gboolean whole; /* the name is the prefix, nothing follows */
} xattr_prefixes[] = {
  { "user.", EROFS_XATTR_USER, FALSE },
  { "trusted.", EROFS_XATTR_TRUSTED, FALSE },
  { "security.", EROFS_XATTR_SECURITY, FALSE },
  { "system.posix_acl_access", EROFS_XATTR_ACL_ACCESS, TRUE },
  { "system.posix_acl_default", EROFS_XATTR_ACL_DEFAULT, TRUE },
};

/* What remains of NAME behind its prefix; NULL for a name that EROFS cannot hold. */
static const char *
split_xattr (const char *name, guint8 *ret_index)
{
  for (guint i = 0; i < G_N_ELEMENTS (xattr_prefixes); i++)
    {
      gsize len = strlen (xattr_prefixes[i].prefix);
      const char *rest = name + len;
      if (strncmp (name, xattr_prefixes[i].prefix, len) != 0
          || (*rest == '\0') != xattr_prefixes[i].whole)
        continue;
      *ret_index = xattr_prefixes[i].index;
      return rest;
    }
  return NULL;
}

static gsize
round_up_4 (gsize n)
{
  return (n + 3) & ~(gsize)3;
}

gboolean
sg_erofs_measure_xattrs (const SgInode *inode, guint32 *ret_len, GError **error)
{
  gsize len = inode->n_xattrs > 0 ? sizeof (ErofsXattrHeader) : 0;

  for (guint i = 0; i < inode->n_xattrs; i++)
    {
      const SgXattr *xattr = &inode->xattrs[i];
      guint8 index;
      const char *rest = split_xattr (xattr->name, &index);
      if (rest == NULL || strlen (rest) > 255 || xattr->len > G_MAXUINT16)
        {
          g_autofree char *shown = g_filename_display_name (xattr->name);
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "The extended attribute \"%s\" cannot be stored", shown);
          return FALSE;
        }
      len += round_up_4 (sizeof (ErofsXattr) + strlen (rest) + xattr->len);
    }
  if (len > sizeof (ErofsXattrHeader) + 4 * (G_MAXUINT16 - 1))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "A file has more extended attributes than can be stored");
      return FALSE;
    }
  *ret_len = (guint32)len;
  return TRUE;
}

void
sg_erofs_encode_xattrs (const SgInode *inode, guint8 *out)
{
  out += sizeof (ErofsXattrHeader); /* all zeros */
  for (guint i = 0; i < inode->n_xattrs; i++)
    {
      const SgXattr *xattr = &inode->xattrs[i];
      ErofsXattr entry = { 0 };
      const char *rest = split_xattr (xattr->name, &entry.prefix);
      gsize name_len = strlen (rest);
      entry.name_len = (guint8)name_len;
      entry.value_len = GUINT16_TO_LE ((guint16)xattr->len);
      memcpy (out, &entry, sizeof entry);
      memcpy (out + sizeof entry, rest, name_len);
      if (xattr->len > 0)
        memcpy (out + sizeof entry + name_len, xattr->value, xattr->len);
      out += round_up_4 (sizeof entry + name_len + xattr->len);
    }
}
