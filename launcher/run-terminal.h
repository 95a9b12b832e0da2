/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The person's terminal: raw while a command inside has one, and always given back as it was. */
#pragma once

#include <gio/gio.h>

/* Makes the terminal `fd` pass every key on.  It is given back by sg_terminal_restore(), and by a
 * fatal signal of this process too.  One terminal per process. */
gboolean sg_terminal_raw (int fd, GError **error);

/* Gives it back; nothing happens when it is not raw. */
void sg_terminal_restore (void);

/* Raw again, after the process was stopped and continued; nothing when it was not raw. */
void sg_terminal_again (void);

/* The size of the terminal `fd`; FALSE when it is none or does not know. */
gboolean sg_terminal_size (int fd, guint16 *ret_rows, guint16 *ret_columns);

/* Whether this process may use the terminal `fd` now: a background job may not. */
gboolean sg_terminal_is_foreground (int fd);
