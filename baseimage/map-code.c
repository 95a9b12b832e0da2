/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/map-code.h"

#include "baseimage/map-format.h"

#include <string.h>

#define USUAL_GAP 1u
#define NSEC_BITS 30
#define NSEC_MASK ((1u << NSEC_BITS) - 1)

/* What follows the flags. */
enum
{
  HAS_GAP = 1 << 0,
  HAS_DIR = 1 << 1,
  HAS_DEVICE = 1 << 2,
  HAS_BTIME = 1 << 3, /* its seconds */
  HAS_BTIME_NSEC = 1 << 4,
  HAS_MTIME = 1 << 5,
  HAS_MTIME_NSEC = 1 << 6,
  NOT_USED = 1 << 7,
};

guint
sg_map_groups_of (guint n_runs)
{
  return n_runs / SG_MAP_GROUP + (n_runs % SG_MAP_GROUP != 0);
}

/* ---- numbers ---- */

static void
put_number (GByteArray *out, guint64 number)
{
  guint8 bytes[SG_MAP_VARINT_MAX];
  guint n = 0;

  for (; number >= 0x80; number >>= 7)
    bytes[n++] = (guint8)(number | 0x80);
  bytes[n++] = (guint8)number;
  g_byte_array_append (out, bytes, n);
}

static gboolean
take_number (const guint8 **at, const guint8 *end, guint64 *ret_number)
{
  guint64 number = 0;

  for (guint shift = 0; *at < end && shift < 64; shift += 7)
    {
      guint8 byte = *(*at)++;
      if (shift == 63 && byte > 1)
        return FALSE;
      number |= (guint64)(byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *ret_number = number;
          return TRUE;
        }
    }
  return FALSE;
}

/* TO - FROM, modulo 2^64, small ones of either sign as small numbers. */
static void
put_difference (GByteArray *out, guint64 from, guint64 to)
{
  guint64 by = to - from;

  put_number (out, (by << 1) ^ (0 - (by >> 63)));
}

static gboolean
take_difference (const guint8 **at, const guint8 *end, guint64 from, guint64 *ret_to)
{
  guint64 coded;

  if (!take_number (at, end, &coded))
    return FALSE;
  *ret_to = from + ((coded >> 1) ^ (0 - (coded & 1)));
  return TRUE;
}

/* A number that is small by nature. */
static gboolean
fits (guint64 number, guint *ret_number)
{
  *ret_number = (guint)number;
  return number <= G_MAXUINT32;
}

/* ---- times ---- */

static guint8
time_flags (guint64 from, guint64 to, guint8 sec, guint8 nsec)
{
  return (guint8)((from >> NSEC_BITS != to >> NSEC_BITS ? sec : 0)
                  | ((from & NSEC_MASK) != (to & NSEC_MASK) ? nsec : 0));
}

static void
put_time (GByteArray *out, guint64 from, guint64 to)
{
  if (from >> NSEC_BITS != to >> NSEC_BITS)
    put_difference (out, from >> NSEC_BITS, to >> NSEC_BITS);
  if ((from & NSEC_MASK) != (to & NSEC_MASK))
    put_difference (out, from & NSEC_MASK, to & NSEC_MASK);
}

static gboolean
take_time (const guint8 **at, const guint8 *end, gboolean has_sec, gboolean has_nsec,
           guint64 *inout_time)
{
  guint64 sec = *inout_time >> NSEC_BITS, nsec = *inout_time & NSEC_MASK;

  if ((has_sec && !take_difference (at, end, sec, &sec))
      || (has_nsec && !take_difference (at, end, nsec, &nsec)) || sec >> (64 - NSEC_BITS) != 0
      || nsec > NSEC_MASK)
    return FALSE;
  *inout_time = sec << NSEC_BITS | nsec;
  return TRUE;
}

/* ---- names ---- */

static void
put_name (GByteArray *out, const SgMapRecord *last, const SgMapRecord *run)
{
  guint8 same = 0, lengths[2];

  while (same < last->name_len && same < run->name_len && last->name[same] == run->name[same])
    same++;
  lengths[0] = same;
  lengths[1] = (guint8)(run->name_len - same);
  g_byte_array_append (out, lengths, sizeof lengths);
  g_byte_array_append (out, (const guint8 *)run->name + same, lengths[1]);
}

/* LEN bytes that can be (a part of) a file's name. */
static gboolean
take_letters (const guint8 **at, const guint8 *end, gsize len, const char **ret_letters)
{
  if ((gsize)(end - *at) < len || memchr (*at, '/', len) != NULL || memchr (*at, '\0', len) != NULL)
    return FALSE;
  *ret_letters = (const char *)*at;
  *at += len;
  return TRUE;
}

static gboolean
take_name (const guint8 **at, const guint8 *end, SgMapRecord *run)
{
  const char *letters;

  if (end - *at < 2)
    return FALSE;
  guint same = (*at)[0], more = (*at)[1];
  *at += 2;
  if (same > run->name_len || same + more == 0 || same + more > SG_MAP_NAME_MAX
      || !take_letters (at, end, more, &letters))
    return FALSE;
  memcpy (run->name + same, letters, more);
  run->name_len = (guint8)(same + more);
  return TRUE;
}

/* ---- runs ---- */

void
sg_map_put_record (GByteArray *out, SgMapRecord *last, const SgMapRecord *run)
{
  guint8 flags
      = (guint8)((run->gap != USUAL_GAP ? HAS_GAP : 0) | (run->dir != last->dir ? HAS_DIR : 0)
                 | (run->device != last->device ? HAS_DEVICE : 0)
                 | time_flags (last->btime, run->btime, HAS_BTIME, HAS_BTIME_NSEC)
                 | time_flags (last->mtime, run->mtime, HAS_MTIME, HAS_MTIME_NSEC));

  g_byte_array_append (out, &flags, 1);
  if (flags & HAS_GAP)
    put_number (out, run->gap);
  if (flags & HAS_DIR)
    put_difference (out, last->dir, run->dir);
  if (flags & HAS_DEVICE)
    put_number (out, run->device);
  put_time (out, last->btime, run->btime);
  put_time (out, last->mtime, run->mtime);
  put_difference (out, last->ino, run->ino);
  put_number (out, run->size);
  put_name (out, last, run);
  *last = *run;
}

gboolean
sg_map_take_record (const guint8 **at, const guint8 *end, SgMapRecord *run)
{
  guint64 dir = run->dir, device = run->device;

  if (*at >= end)
    return FALSE;
  const guint8 flags = *(*at)++;
  run->gap = USUAL_GAP;
  if ((flags & NOT_USED) || ((flags & HAS_GAP) && !take_number (at, end, &run->gap))
      || ((flags & HAS_DIR) && !take_difference (at, end, run->dir, &dir))
      || ((flags & HAS_DEVICE) && !take_number (at, end, &device)) || !fits (dir, &run->dir)
      || !fits (device, &run->device))
    return FALSE;
  return take_time (at, end, (flags & HAS_BTIME) != 0, (flags & HAS_BTIME_NSEC) != 0, &run->btime)
         && take_time (at, end, (flags & HAS_MTIME) != 0, (flags & HAS_MTIME_NSEC) != 0,
                       &run->mtime)
         && take_difference (at, end, run->ino, &run->ino) && take_number (at, end, &run->size)
         && take_name (at, end, run);
}

/* ---- folders ---- */

void
sg_map_put_dir (GByteArray *out, guint index, guint parent, const char *name)
{
  guint8 len = (guint8)MIN (strlen (name), SG_MAP_NAME_MAX);

  put_number (out, index - parent);
  g_byte_array_append (out, &len, 1);
  g_byte_array_append (out, (const guint8 *)name, len);
}

gboolean
sg_map_take_dir (const guint8 **at, const guint8 *end, guint index, SgMapDir *ret_dir)
{
  guint64 back;

  if (!take_number (at, end, &back) || back == 0 || back > index || *at >= end || **at == 0)
    return FALSE;
  ret_dir->parent = index - (guint)back;
  ret_dir->name_len = *(*at)++;
  return take_letters (at, end, ret_dir->name_len, &ret_dir->name);
}
