/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The person's own desktop's size of text, dark style and pointer, for all programs in here. */
#pragma once

#include <glib.h>

typedef struct SgShellLook SgShellLook;

/* Watches ../look.h's file; CHANGED (DATA) is called when it was taken over, later.
 * Free with sg_shell_look_free(). */
SgShellLook *sg_shell_look_new (void (*changed) (gpointer data), gpointer data);
/* Whether one program has the whole window. */
gboolean sg_shell_look_program (const SgShellLook *look);
void sg_shell_look_free (SgShellLook *look);
