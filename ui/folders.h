/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of this computer that a sandbox has: a window of a process of its own (question-main.h),
 * which no guest reaches, so that only a person gives one: by the file chooser, or dropped here. */
#pragma once

#include <glib.h>

/* LINK_FD: a connection to the sandbox ID; taken.  PARENT and APPEARANCE as in ask.h.  Returns when
 * it is closed, or the sandbox is gone: SG_ASK_KEEP. */
int sg_folders_run (const char *id, int link_fd, guint32 parent, const char *appearance);
