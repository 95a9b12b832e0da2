/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both directions of a file have in common: transfer.c (out), transfer-push.c (in). */
#pragma once

#include "launcher/transfer-run.h"

/* How long inside may be silent. */
#define SG_TRANSFER_IDLE_MSEC 30000

/* What the scripts inside end with. */
enum
{
  SG_TRANSFER_FOLDER = 80,
  SG_TRANSFER_WRITE = 81,
  SG_TRANSFER_SIZE = 82,
  SG_TRANSFER_NAME = 83,
  SG_TRANSFER_NO_FILE = 84,
  SG_TRANSFER_NOT_REGULAR = 85,
  SG_TRANSFER_READ = 86,
  SG_TRANSFER_NOT_LENT = 87 /* what was lent cannot be read */
};

/* In words, for a RESULT whose code is not 0. */
GError *sg_transfer_error (const SgTransferResult *result);
