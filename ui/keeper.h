/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The viewer's end of its keeper (keeper-serve.h): has it save a picture or put a question, without
 * blocking.
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

/* One thing at a time: a second call before the first has finished fails with
 * G_IO_ERROR_PENDING. */
void sg_keeper_save_picture_async (SgKeeper *keeper, GdkPixbuf *picture,
                                   GAsyncReadyCallback callback, gpointer data);

/* Where it was saved, as a name to show; NULL with an error in words.  Free with g_free(). */
char *sg_keeper_save_picture_finish (SgKeeper *keeper, GAsyncResult *result, GError **error);

/* Tells how large the window is, to be remembered; nothing where the keeper is at work. */
void sg_keeper_tell_size (SgKeeper *keeper, guint width, guint height);

/* Has the person asked: WHAT is an SgAsk (ask.h), WINDOW the viewer's own (X11; 0: none). */
void sg_keeper_ask_async (SgKeeper *keeper, guint32 what, guint32 window,
                          GAsyncReadyCallback callback, gpointer data);

/* The question's exit code (ask.h); -1 with an error where it could not be put. */
int sg_keeper_ask_finish (SgKeeper *keeper, GAsyncResult *result, GError **error);

/* Has the person asked whether PATHS (each ended by a NUL, LENGTH bytes in all) may be copied into
 * the sandbox; that goes on without us. */
void sg_keeper_put_async (SgKeeper *keeper, const char *paths, gsize length, guint32 window,
                          GAsyncReadyCallback callback, gpointer data);

/* TRUE: the person is asked now. */
gboolean sg_keeper_put_finish (SgKeeper *keeper, GAsyncResult *result, GError **error);
