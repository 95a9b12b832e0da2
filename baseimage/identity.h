/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at a host file so that it is the one that was scanned, and nothing else. */
#pragma once

#include "baseimage/tree.h"

/* What an open file is now.  FALSE with errno when it cannot be told.  ret_mode may be NULL. */
gboolean sg_identity_of_fd (int fd, SgIdentity *ret_identity, mode_t *ret_mode);

/* Everything but the device, which the caller has to map first. */
gboolean sg_identity_same_file (const SgIdentity *a, const SgIdentity *b);

/* Opens PATH (absolute) as seen from ROOTFD: links are followed within that root only, a FIFO does
 * not block, nothing becomes a controlling terminal.  FLAGS: O_RDONLY or O_PATH.  -1 and errno on
 * failure. */
int sg_open_below (int rootfd, const char *path, int flags);
