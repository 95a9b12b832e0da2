/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts programs from the menu and for files on the desktop, by their Exec= line: nothing is
 * activated over D-Bus, so it works with the short list of services that are inside. */
#pragma once

#include <gdk/gdk.h>
#include <gio/gdesktopappinfo.h>

/* Remembers the environment programs are started with: the one we were started with ourselves.
 * Call it first in main(), before anything is set for the shell alone. */
void sg_launch_init (void);

/* Starts INFO, with FILE (or NULL).  FALSE with an error for a person when it does not start; a
 * program that starts and then fails is its own affair. */
gboolean sg_launch (GDesktopAppInfo *info, GFile *file, guint32 timestamp, GError **error);

/* Opens FILE with the program for its kind; a .desktop file that is executable is started. */
gboolean sg_launch_file (GFile *file, guint32 timestamp, GError **error);
