/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The question whether a clip may leave the sandbox.  It stands above the amber frame, where
 * nothing from inside can paint.
 *
 * It never takes the keyboard, and its buttons sleep for a moment whenever the question changes: a
 * click that was meant for something else, or for the question before, allows nothing.
 *
 * Signal "answered" (SgClipAnswer): the question is gone then. */
#pragma once

#include <gtk/gtk.h>

typedef enum
{
  SG_CLIP_ANSWER_NO,
  SG_CLIP_ANSWER_ONCE,
  SG_CLIP_ANSWER_ALWAYS /* for this sandbox */
} SgClipAnswer;

#define SG_TYPE_CLIPBOARD_BAR (sg_clipboard_bar_get_type ())
G_DECLARE_FINAL_TYPE (SgClipboardBar, sg_clipboard_bar, SG, CLIPBOARD_BAR, GtkRevealer)

GtkWidget *sg_clipboard_bar_new (void);

/* Asks, in place of the question before.  DETAIL: what it is about, one line; PICTURE: or how it
 * looks; each may be NULL. */
void sg_clipboard_bar_ask (SgClipboardBar *bar, const char *question, const char *detail,
                           GdkPixbuf *picture);
void sg_clipboard_bar_withdraw (SgClipboardBar *bar);
