/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The X server: what it needs before it starts, and its command line. */
#pragma once

#include <gio/gio.h>

#define SG_DISPLAY ":0"

/* Writes SG_SERVER_CONF: our xorg.conf with the keyboard of this system added, and with OpenGL
 * where the card (which is there) has it. */
gboolean sg_server_configure (GError **error);

/* A new cookie that only root can read, in SG_SERVER_AUTHORITY. */
gboolean sg_server_lock (GError **error);

/* Once the server takes connections: lets USER_NAME and root in, whom the kernel names to it. */
gboolean sg_server_admit (const char *user_name, GError **error);

/* Waits until there is a graphics card (its driver may still be loading), at most SECONDS. */
gboolean sg_server_await_card (guint seconds, GError **error);

/* The server's program: never a set-id wrapper of it where that can be told.  NULL with an error
 * for a person when none is installed; static. */
const char *sg_server_program (GError **error);

/* Its command line; READY_FD is where it writes when it takes connections.  g_strfreev(). */
char **sg_server_argv (const char *program, int ready_fd);
