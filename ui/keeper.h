/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The viewer's end of its keeper (keeper-serve.h): asks it to save a picture, without blocking.
 *
 * Pixels cross, not a file: the keeper makes the PNG itself, so that whatever takes the viewer over
 * cannot choose a byte of a file that the person opens later. */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <gio/gio.h>

#define SG_TYPE_KEEPER (sg_keeper_get_type ())
G_DECLARE_FINAL_TYPE (SgKeeper, sg_keeper, SG, KEEPER, GObject)

/* Takes FD, a stream socket to a keeper. */
SgKeeper *sg_keeper_new (int fd);

/* One picture at a time: a second call before the first has finished fails with
 * G_IO_ERROR_PENDING. */
void sg_keeper_save_picture_async (SgKeeper *keeper, GdkPixbuf *picture,
                                   GAsyncReadyCallback callback, gpointer data);

/* Where it was saved, as a name to show; NULL with an error in words.  Free with g_free(). */
char *sg_keeper_save_picture_finish (SgKeeper *keeper, GAsyncResult *result, GError **error);
