/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of /etc that go in without what must not leave this computer.  Pure: bytes in, bytes out.
 */
#pragma once

#include <glib.h>

/* What of RAW, the contents of PATH, goes in; NULL when PATH is none that is known. */
GBytes *sg_clean (const char *path, GBytes *raw);
