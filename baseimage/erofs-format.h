/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the EROFS on-disk format that we write, in our own words.
 * Source: Linux, fs/erofs/erofs_fs.h, and Documentation/filesystems/erofs.rst.  All numbers are
 * little-endian.
 *
 * A volume is 4 KiB blocks.  The superblock lies at byte 1024 of block 0.  An inode is found by its
 * nid: it starts at byte (meta_blkaddr * 4096 + nid * 32).  Behind the inode follow its extended
 * attributes, and behind those, in the "inline" layout, the last partial block of its data. */
#pragma once

#include <glib.h>

#define EROFS_BLOCK_BITS 12
#define EROFS_BLOCK 4096u
#define EROFS_SLOT 32u /* a nid counts these */
#define EROFS_SUPER_OFFSET 1024u
#define EROFS_SUPER_MAGIC 0xE0F5E1E2u
#define EROFS_NAME_MAX 255

/* feature_compat: the superblock carries a checksum; inodes carry mtime rather than ctime. */
#define EROFS_COMPAT_SB_CHECKSUM 0x1u
#define EROFS_COMPAT_MTIME 0x2u

/* i_format: bit 0 says that the inode is extended (64 bytes), bits 1-3 are the data layout. */
#define EROFS_FORMAT_EXTENDED 0x1u
#define EROFS_LAYOUT_PLAIN (0u << 1)  /* all data in whole blocks at raw_blkaddr */
#define EROFS_LAYOUT_INLINE (2u << 1) /* the last partial block lies behind the inode */

typedef struct
{
  guint32 magic;
  guint32 checksum; /* CRC-32C from here to the block's end, this field counted as 0 */
  guint32 feature_compat;
  guint8 block_bits;
  guint8 ext_slots;
  guint16 root_nid; /* 16 bits: so the root's inode comes first */
  guint64 inodes;
  guint64 build_time;
  guint32 build_time_nsec;
  guint32 blocks;
  guint32 meta_blkaddr;
  guint32 xattr_blkaddr;
  guint8 uuid[16];
  guint8 volume_name[16];
  guint32 feature_incompat;
  guint8 unused[44]; /* compression, further devices, packed inode: none of it here */
} ErofsSuper;
G_STATIC_ASSERT (sizeof (ErofsSuper) == 128);

typedef struct
{
  guint16 format;
  guint16 xattr_count; /* 0: none; n: 12 + 4 (n - 1) bytes of attributes */
  guint16 mode;
  guint16 reserved;
  guint64 size;
  guint32 blkaddr_or_rdev; /* first data block, or a device's number */
  guint32 ino;             /* for 32-bit stat() only */
  guint32 uid;
  guint32 gid;
  guint64 mtime;
  guint32 mtime_nsec;
  guint32 nlink;
  guint8 reserved2[16];
} ErofsInode;
G_STATIC_ASSERT (sizeof (ErofsInode) == 64);

/* Before the attributes; the name filter of newer kernels stays unused (its feature bit is off). */
typedef struct
{
  guint32 name_filter;
  guint8 shared_count;
  guint8 reserved[7];
} ErofsXattrHeader;
G_STATIC_ASSERT (sizeof (ErofsXattrHeader) == 12);

/* One attribute: this, the name without its prefix, the value; then up to a multiple of 4. */
typedef struct
{
  guint8 name_len;
  guint8 prefix;
  guint16 value_len;
} ErofsXattr;
G_STATIC_ASSERT (sizeof (ErofsXattr) == 4);

enum
{
  EROFS_XATTR_USER = 1,
  EROFS_XATTR_ACL_ACCESS = 2,
  EROFS_XATTR_ACL_DEFAULT = 3,
  EROFS_XATTR_TRUSTED = 4,
  EROFS_XATTR_SECURITY = 6
};

/* A directory is blocks of its own: these records, then the names, both in the names' byte order
 * over all blocks ("." and ".." in their places).  The first record's name_offset / 12 is the
 * number of records in the block; a name ends where the next begins, the last one at a NUL or the
 * end. */
typedef struct __attribute__ ((packed))
{
  guint64 nid;
  guint16 name_offset;
  guint8 type;
  guint8 reserved;
} ErofsDirent;
G_STATIC_ASSERT (sizeof (ErofsDirent) == 12);

enum
{
  EROFS_TYPE_FILE = 1,
  EROFS_TYPE_DIR = 2,
  EROFS_TYPE_CHAR = 3,
  EROFS_TYPE_BLOCK = 4,
  EROFS_TYPE_FIFO = 5,
  EROFS_TYPE_SOCKET = 6,
  EROFS_TYPE_LINK = 7
};
