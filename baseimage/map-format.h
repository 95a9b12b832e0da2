/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link map's file format, version 2.  All numbers are little-endian.
 *
 *   header | sums | devices | probes | dirs | runs | strings
 *
 * The virtual disk is: the file `meta` from byte 0; the file `blob` right behind it; then the runs,
 * each one host file from its first byte, padded with zeros to whole blocks.  What no run covers
 * reads as zeros.  There is at least one such block between two runs, so that no request of a
 * guest is ever merged over two host files: one that was replaced must not take its neighbour with
 * it.
 *
 * sums     CRC-32C of each SG_MAP_CHUNK bytes of meta, then of blob
 * devices  the host's file systems, told apart without st_dev, which changes between boots
 * probes   directories that were found on such a device: where to look for it when a base is opened
 * dirs     the folders that hold files or such folders, each behind the one that it lies in. Folder
 *          0 is the root and is not written; of each other: how many folders back its own folder is
 *          (varint), the name's length (one byte), the name
 * runs     sorted by block, coded as differences from the one before (map-code.h).  Every
 *          SG_MAP_GROUP runs the coding begins anew, so that one is found without reading all
 * strings  the probes' paths without a trailing slash; each ends with a NUL */
#pragma once

#include <glib.h>

#define SG_MAP_MAGIC "sgmap\r\n\032"
#define SG_MAP_VERSION 2u
#define SG_MAP_BLOCK 4096u
#define SG_MAP_CHUNK 65536u
#define SG_MAP_GROUP 64u /* runs */

typedef struct
{
  guint8 magic[8];
  guint32 version;
  guint32 block_size;
  guint64 meta_bytes; /* whole blocks, as are the next two */
  guint64 blob_bytes;
  guint64 image_bytes;
  guint32 n_sums;
  guint32 n_devices;
  guint32 n_probes;
  guint32 n_dirs; /* with the root */
  guint32 n_runs;
  guint32 dirs_bytes;
  guint32 runs_bytes;
  guint32 strings_bytes;
  guint32 body_crc;   /* CRC-32C of all that follows the header */
  guint32 header_crc; /* of this header up to here */
} SgMapHeader;
G_STATIC_ASSERT (sizeof (SgMapHeader) == 80);

typedef struct
{
  guint64 fs_type;   /* statfs f_type */
  guint64 fsid;      /* statfs f_fsid where it is known to outlive a reboot, else 0 */
  guint8 fsuuid[16]; /* FS_IOC_GETFSUUID, where the kernel has it, else zeros */
  guint32 first_probe;
  guint32 n_probes;
} SgMapDevice;
G_STATIC_ASSERT (sizeof (SgMapDevice) == 40);

typedef struct
{
  guint32 path; /* into strings */
  guint32 unused;
  guint64 btime;
  guint64 ino;
} SgMapProbe;
G_STATIC_ASSERT (sizeof (SgMapProbe) == 24);

/* A time in one word: seconds modulo 2^34 above 30 bits of nanoseconds.  Two times of one file are
 * never 544 years apart. */
#define SG_MAP_TIME(sec, nsec) (((guint64)(sec) << 30) | ((guint64)(nsec)&0x3fffffffu))
