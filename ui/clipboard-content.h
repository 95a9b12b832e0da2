/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clip's contents, made harmless: text that is text, a picture that is a picture.
 *
 * Between the sandbox and this computer only plain text and pixels pass.  Formatted text (HTML) is
 * never asked for on either side, so what comes of it is its plain text. */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>

/* The largest picture, in pixels: 64 million, and this long on a side. */
#define SG_CLIP_PIXELS_MAX (64 * 1024 * 1024)
#define SG_CLIP_SIDE_MAX 16384

/* Text out of a sandbox: what is not UTF-8 is replaced, NULs and control characters (but tabs and
 * line ends) are left out: a terminal that this is pasted into would obey them.  Free with
 * g_free(). */
char *sg_clip_clean_text (const void *data, gsize length);

/* The beginning of TEXT in one line, for a question: line ends and what cannot be seen are shown as
 * signs.  Free with g_free(). */
char *sg_clip_preview (const char *text);

/* A PNG's pixels.  NULL with an error where it is none, broken or too large.  Free with
 * g_object_unref(). */
GdkPixbuf *sg_clip_read_png (const void *data, gsize length, GError **error);

/* Pixels as a PNG without anything else.  Free with g_free(). */
char *sg_clip_write_png (GdkPixbuf *picture, gsize *length, GError **error);
