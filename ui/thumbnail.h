/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small picture of a sandbox's screen, out of a file that the session hands over (PPM).
 *
 * The file was written by QEMU, which a guest can take over: nothing in it is believed, its size is
 * bounded before anything is made, and it is read with pread() alone (a file that shrinks meanwhile
 * gives a short read, not a signal).  Only the points that are shown are read. */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <gio/gio.h>

/* No wider and no higher than these, in the screen's proportions.  Error: it is no such picture. */
GdkPixbuf *sg_thumbnail_read (int fd, int width, int height, GError **error);

/* The same in a thread; takes FD. */
void sg_thumbnail_read_async (int fd, int width, int height, GAsyncReadyCallback callback,
                              gpointer data);
GdkPixbuf *sg_thumbnail_read_finish (GAsyncResult *result, GError **error);
