/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session's processes take of this computer's memory. */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

typedef struct
{
  guint64 private_bytes;      /* nobody else's */
  guint64 shared_bytes;       /* with other sandboxes, or with the cache of files */
  guint64 proportional_bytes; /* the fair part of both: sums over sessions add up */
} SgMemory;

/* Adds up all descendants of PID (proc(5): smaps_rollup, children).  Takes some milliseconds per
 * gigabyte in use.  FALSE with an error where the kernel does not tell. */
gboolean sg_memory_of_descendants (pid_t pid, SgMemory *ret_memory, GError **error);
