/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-viewer --question=WHICH: the windows in which a person decides something, each a process
 * of its own that no guest reaches (ask.h has who starts them).
 *
 *   close, save   may it be thrown away, what is saved of it (question.h)
 *   put           may files be copied in (put.h)
 *   folders, usb  which folders, which USB devices it has (folders.h, usb-window.h)
 *   edit, tell    what becomes of an edited file (edit-question.h; started by `sandglass open`) */
#pragma once

#include <glib.h>

/* Whether ARGV asks for one. */
gboolean sg_question_is_wanted (int argc, char **argv);

/* Returns its exit code. */
int sg_question_main (int argc, char **argv);
