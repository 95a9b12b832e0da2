/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of NAME=value lines as shells read them: /etc/default/keyboard, /etc/locale.conf, ... */
#pragma once

#include <glib.h>

/* Reads PATH into name -> value (both owned); quotes are taken off, a line that makes no sense is
 * skipped.  A file that is missing, too large or not text gives an empty table. */
GHashTable *sg_vars_read (const char *path);
