/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB Mass Storage Class, Bulk-Only Transport 1.0, chapter 5; SCSI Primary and Block Commands. */
#include "stick-disk.h"

#include <string.h>
#include <unistd.h>

#define COMMAND_LENGTH 31
#define STATUS_LENGTH 13
#define ILLEGAL_REQUEST 0x05
#define WORD "keyboard"

static uint32_t
little (const uint8_t *bytes)
{
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t
big (const uint8_t *bytes, int n)
{
  uint32_t value = 0;

  while (n-- > 0)
    value = value << 8 | *bytes++;
  return value;
}

static void
put_big (uint8_t *bytes, uint32_t value)
{
  for (int i = 3; i >= 0; i--, value >>= 8)
    bytes[i] = (uint8_t)value;
}

static void
put_little (uint8_t *bytes, uint32_t value)
{
  for (int i = 0; i < 4; i++, value >>= 8)
    bytes[i] = (uint8_t)value;
}

void
stick_disk_reset (StickDisk *disk)
{
  disk->phase = STICK_COMMAND;
}

/* --- commands -----------------------------------------------------------------------------------
 */

static void
refuse (StickDisk *disk, uint8_t more)
{
  disk->status = 1;
  disk->length = 0;
  disk->sense = ILLEGAL_REQUEST;
  disk->sense_more = more;
}

static void
answer (StickDisk *disk, const void *bytes, uint32_t length)
{
  memcpy (disk->data, bytes, length);
  disk->length = length;
}

static void
inquiry (StickDisk *disk)
{
  uint8_t said[36] = { 0, 0x80 /* removable */, 4, 2, 31 };

  memcpy (said + 8, "SanDisk Ultra           1.00", 28);
  answer (disk, said, sizeof said);
}

static void
request_sense (StickDisk *disk)
{
  uint8_t said[18] = { 0x70, 0, disk->sense, 0, 0, 0, 0, 10 };

  said[12] = disk->sense_more;
  answer (disk, said, sizeof said);
  disk->sense = disk->sense_more = 0;
}

static void
read_capacity (StickDisk *disk)
{
  uint8_t said[8];

  put_big (said, disk->blocks - 1);
  put_big (said + 4, STICK_BLOCK);
  answer (disk, said, sizeof said);
}

static void
transfer (StickDisk *disk, const uint8_t *command, bool out)
{
  uint64_t first = big (command + 2, 4), n = big (command + 7, 2);
  const size_t bytes = n * STICK_BLOCK;

  if (first + n > disk->blocks || bytes > sizeof disk->data || bytes != disk->expected)
    {
      refuse (disk, 0x21);
      return;
    }
  disk->write_at = first;
  if (!out
      && pread (disk->fd, disk->data, bytes, disk->start + (off_t)(first * STICK_BLOCK))
             != (ssize_t)bytes)
    refuse (disk, 0x11);
  else
    disk->length = (uint32_t)bytes;
}

static void
carry_out (StickDisk *disk, const uint8_t *command, bool out)
{
  static const uint8_t mode6[4] = { 3 }, mode10[8] = { 0, 6 };

  disk->status = 0;
  disk->length = disk->at = 0;
  switch (out && command[0] != 0x2a ? -1 : command[0])
    {
    case 0x00: /* TEST UNIT READY */
    case 0x1b: /* START STOP UNIT */
    case 0x1e: /* PREVENT ALLOW MEDIUM REMOVAL */
    case 0x35: /* SYNCHRONIZE CACHE */
      break;
    case 0x03:
      request_sense (disk);
      break;
    case 0x12:
      if ((command[1] & 1) != 0) /* no pages of vital data */
        refuse (disk, 0x24);
      else
        inquiry (disk);
      break;
    case 0x1a:
      answer (disk, mode6, sizeof mode6);
      break;
    case 0x5a:
      answer (disk, mode10, sizeof mode10);
      break;
    case 0x25:
      read_capacity (disk);
      break;
    case 0x28:
    case 0x2a:
      transfer (disk, command, out);
      break;
    default:
      refuse (disk, 0x20);
    }
}

/* --- the wrapping -------------------------------------------------------------------------------
 */

static bool
take_command (StickDisk *disk, const uint8_t *bytes, size_t length)
{
  bool out;

  if (length != COMMAND_LENGTH || memcmp (bytes, "USBC", 4) != 0)
    return false;
  disk->tag = little (bytes + 4);
  disk->expected = little (bytes + 8);
  out = (bytes[12] & 0x80) == 0;
  carry_out (disk, bytes + 15, out && disk->expected > 0);
  if (disk->expected == 0)
    disk->phase = STICK_STATUS;
  else
    disk->phase = out ? STICK_DATA_OUT : STICK_DATA_IN;
  if (disk->length > disk->expected)
    disk->length = disk->expected;
  return true;
}

static void
write_blocks (StickDisk *disk)
{
  if (disk->status != 0)
    return;
  if (pwrite (disk->fd, disk->data, disk->length,
              disk->start + (off_t)(disk->write_at * STICK_BLOCK))
      != (ssize_t)disk->length)
    refuse (disk, 0x0c);
  disk->told |= disk->write_at == 0 && memcmp (disk->data, WORD, strlen (WORD)) == 0;
}

bool
stick_disk_out (StickDisk *disk, const uint8_t *bytes, size_t length)
{
  if (disk->phase == STICK_COMMAND)
    return take_command (disk, bytes, length);
  if (disk->phase != STICK_DATA_OUT || length > disk->expected - disk->at)
    return false;
  if (disk->status == 0)
    memcpy (disk->data + disk->at, bytes, length);
  disk->at += (uint32_t)length;
  if (disk->at < disk->expected)
    return true;
  write_blocks (disk);
  disk->phase = STICK_STATUS;
  return true;
}

ssize_t
stick_disk_in (StickDisk *disk, size_t wanted, const uint8_t **ret_bytes)
{
  static uint8_t said[STATUS_LENGTH];
  uint32_t n;

  if (disk->phase == STICK_DATA_IN)
    {
      n = disk->length - disk->at;
      n = wanted < n ? (uint32_t)wanted : n;
      *ret_bytes = disk->data + disk->at;
      disk->at += n;
      /* less than was wanted is the end */
      if (disk->at == disk->expected || n < wanted)
        disk->phase = STICK_STATUS;
      return n;
    }
  if (disk->phase != STICK_STATUS || wanted < STATUS_LENGTH)
    return -1;
  memcpy (said, "USBS", 4);
  put_little (said + 4, disk->tag);
  put_little (said + 8, disk->expected - disk->at);
  said[12] = disk->status;
  *ret_bytes = said;
  disk->phase = STICK_COMMAND;
  return STATUS_LENGTH;
}
