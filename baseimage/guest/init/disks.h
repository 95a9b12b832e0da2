/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

typedef struct
{
  char base[32], scratch[32]; /* "/dev/vda" */
} SgDisks;

/* Finds both disks by their virtio serials, waiting for the kernel to announce them.  Ends the
 * machine when one does not come within SG_DISKS_PATIENCE seconds. */
#define SG_DISKS_PATIENCE 60
void sg_disks_find (SgDisks *ret_disks);
