/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk in a made-up USB stick: the commands of SCSI that Linux sends one, in the wrapping of
 * USB's bulk-only transport.  A command comes in, its data goes one way or the other, its status
 * goes out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STICK_BLOCK 512u
/* More than a driver asks for at once. */
#define STICK_TRANSFER_MOST (1024u * 1024)

enum StickPhase
{
  STICK_COMMAND,
  STICK_DATA_IN,
  STICK_DATA_OUT,
  STICK_STATUS,
};

typedef struct
{
  int fd;
  off_t start; /* of the blocks in the file */
  uint32_t blocks;

  enum StickPhase phase;
  uint32_t tag, expected; /* bytes that the other side sends or waits for */
  uint32_t length, at;    /* of `data`: what there is, what has gone */
  uint64_t write_at;      /* the first block that is written */
  uint8_t status, sense, sense_more;
  bool told; /* its first block was written, and begins with "keyboard" */
  uint8_t data[STICK_TRANSFER_MOST];
} StickDisk;

void stick_disk_reset (StickDisk *disk);
/* What comes in on the bulk endpoint; false: it makes no sense here. */
bool stick_disk_out (StickDisk *disk, const uint8_t *bytes, size_t length);
/* At most WANTED bytes for the other direction, into *ret_bytes, DISK's until the next call.
 * Less than zero: there is nothing to say. */
ssize_t stick_disk_in (StickDisk *disk, size_t wanted, const uint8_t **ret_bytes);
