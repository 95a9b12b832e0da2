/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window of the question: "Discard this sandbox?", the files to choose from, and saving.
 *
 * Signals:
 *   "decided" (gboolean)    TRUE: discard; FALSE: keep using
 *   "save" (char *)         what is ticked is to be saved to this folder; the page of saving shows
 *   "stop"                  while it saves
 *   "list"                  the files are wanted, and not known yet: sg_question_window_choose()
 */
#pragma once

#include "ui/inside.h"

#include <gtk/gtk.h>

#define SG_TYPE_QUESTION_WINDOW (sg_question_window_get_type ())
G_DECLARE_FINAL_TYPE (SgQuestionWindow, sg_question_window, SG, QUESTION_WINDOW, GtkWindow)

/* SAVE_ONLY: nothing will be discarded.  PARENT: the X11 window on which it stands; 0: none. */
SgQuestionWindow *sg_question_window_new (gboolean save_only, guint32 parent);

/* Whether files may be saved; WHY (may be NULL) where not. */
void sg_question_window_allow (SgQuestionWindow *window, gboolean may_save, const char *why);

/* Shows the question.  INSIDE (must live as long as the window; NULL: not known) is what can be
 * saved. */
void sg_question_window_ask (SgQuestionWindow *window, const char *words, SgInside *inside);

/* After sg_question_window_ask() without files: they can be listed all the same, of a sandbox that
 * cannot be used any more. */
void sg_question_window_offer_files (SgQuestionWindow *window);

/* Shows the files; those that were ticked before still are.  WORDS: what went wrong; NULL: nothing
 * did. */
void sg_question_window_choose (SgQuestionWindow *window, SgInside *inside, const char *words);

/* SgInsideFile (of INSIDE); free with g_ptr_array_unref(). */
GPtrArray *sg_question_window_ticked (SgQuestionWindow *window);
