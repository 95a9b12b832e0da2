/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor must not ask itself, as the libraries that know it would be loaded into it, a
 * program of ours asks: its words, within a time. */
#pragma once

#include <gio/gio.h>

/* Starts NAME (`sandglass-look`), one of ours, and waits for its end, PATIENCE_MSEC at most: then it
 * is killed, as it is when CANCELLABLE is cancelled.  NAME: NULL for none, which says nothing. */
void sg_ask_program_async (const char *name, guint patience_msec, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);

/* What it wrote, UTF-8; "" when it could not be asked, or did not end in time.  Free with g_free(). */
char *sg_ask_program_finish (GAsyncResult *result);
