/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Bytes of this computer's memory that programs can still have (proc(5): MemAvailable); 0 where the
 * kernel does not tell. */
guint64 sg_memory_available (void);

/* The same of a computer whose root is at ROOT: for tests that make one up. */
guint64 sg_memory_available_at (const char *root);
