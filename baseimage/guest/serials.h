/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks are told apart by their virtio serial, not by their order. */
#pragma once

#define SG_SERIAL_BASE "sg-base"       /* EROFS, read-only */
#define SG_SERIAL_SCRATCH "sg-scratch" /* ext4, the overlay's upper layer */
