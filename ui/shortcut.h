/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An entry in the desktop's menu of programs (and on the Desktop, where there is such a folder)
 * that opens a saved sandbox. */
#pragma once

#include <glib.h>

/* For the `.wsb` file PATH; NAME is what it is called.  Replaces one that was made before. */
gboolean sg_shortcut_make (const char *path, const char *name, GError **error);

/* Takes both away again; that there are none is fine. */
void sg_shortcut_remove (const char *path);

/* As the key Exec= wants an argument: quoted, with what is special in it escaped.  Free with
 * g_free(). */
char *sg_shortcut_quote (const char *argument);
