/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Copy 3 files into this sandbox?", then how far that is, then what went wrong.  A folder by
 * itself is offered to be shared, which takes no time and shows what it is at any moment; or to be
 * copied.
 *
 * Its buttons to share and to copy sleep for a moment when the window comes: a click or a key that
 * was meant for something else does nothing.
 *
 * Signals:
 *   "copy"    the person said yes; the page of copying shows
 *   "share"   the person wants to share it, for reading
 *   "stop"    the person does not want it, or no more: at any time */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_PUT_WINDOW (sg_put_window_get_type ())
G_DECLARE_FINAL_TYPE (SgPutWindow, sg_put_window, SG, PUT_WINDOW, GtkWindow)

/* PATHS: what it is about, all of it shown.  SANDBOX: its name.  PARENT: as in ask.h. */
SgPutWindow *sg_put_window_new (char **paths, const char *sandbox, guint32 parent);

/* Of path N is known: what it is, or why it cannot be copied (ERROR; else NULL). */
void sg_put_window_describe (SgPutWindow *window, guint n, gboolean folder, guint64 files,
                             guint64 size, const char *error);

/* All of them are described: it can be asked.  ANY: something can be copied. */
void sg_put_window_ask (SgPutWindow *window, gboolean any);

/* Path N is copied now. */
void sg_put_window_progress (SgPutWindow *window, guint n, guint64 done, guint64 total);

/* It is over, and WORDS tell what went wrong. */
void sg_put_window_tell (SgPutWindow *window, const char *words);
