/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removing what a session leaves by name: its directory with a socket in it.  Shared with the
 * guardian, so nothing but libc. */
#pragma once

#include <stdbool.h>

/* Eight lower-case hex digits. */
bool sg_leftovers_is_id (const char *name);

/* Locks the directory ID below PARENT_FD: returns a descriptor that holds the lock, -1 when another
 * holds it, or when the directory is not there or not the same any more. */
int sg_leftovers_lock (int parent_fd, const char *id);

/* Removes ID and the sockets and files directly in it.  true when it is not there any more. */
bool sg_leftovers_remove (int parent_fd, const char *id);

/* Removes every directory of a session whose supervisor is gone. */
void sg_leftovers_clear (int parent_fd);
