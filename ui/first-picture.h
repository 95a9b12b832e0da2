/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a sandbox's window until it has drawn: the desktop as the template had it
 * (launcher/template-picture.h), dimmed.  Nobody has worked in that one, so nothing of a session
 * can be seen.  Nothing where there is no such picture. */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_FIRST_PICTURE (sg_first_picture_get_type ())
G_DECLARE_FINAL_TYPE (SgFirstPicture, sg_first_picture, SG, FIRST_PICTURE, GtkDrawingArea)

/* The file, opened: before the viewer gives up reading it.  -1: there is none. */
int sg_first_picture_open (void);

/* The picture in FD (taken; -1: NULL), a PPM as QEMU writes it: NULL where it is anything else.
 * Free with g_object_unref(). */
GdkPixbuf *sg_first_picture_read (int fd);

/* Shows PICTURE (NULL: nothing). */
void sg_first_picture_set (SgFirstPicture *first, GdkPixbuf *picture);
