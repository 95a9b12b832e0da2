/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has a template made for a base, by a session that boots for it. */
#pragma once

#include <gio/gio.h>

/* STAGE in words for a person. */
typedef void (*SgTemplateProgress) (const char *stage, gpointer data);

/* Starts `sandglass-session --prepare` and waits for its end; at once where the template is there.
 * Where another process makes one just now, it waits for that and looks again.  DIGEST names the
 * base; NULL: the current one.  For a thread of its own: it may take minutes.  Cancelling
 * (G_IO_ERROR_CANCELLED) ends the session and leaves nothing. */
gboolean sg_template_build (const char *digest, SgTemplateProgress progress, gpointer data,
                            GCancellable *cancellable, GError **error);
