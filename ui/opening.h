/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file, or a saved sandbox (.wsb), that is opened from the launcher's window: by `sandglass
 * open`, which looks at it, asks what it must, and shows its own window. */
#pragma once

#include "ui/launcher-window.h"

/* Opens PATH (absolute), to view or to EDIT it.  What goes wrong is told in WINDOW.  A saved sandbox that this person has
 * not opened before is shown first, with what it wants. */
void sg_opening_start (SgLauncherWindow *window, const char *path, gboolean edit);

/* Lets the person choose a file, and opens it. */
void sg_opening_choose (SgLauncherWindow *window);

/* Files that are dropped on WINDOW are opened. */
void sg_opening_take_drops (SgLauncherWindow *window);

/* Files that were copied elsewhere are opened. */
void sg_opening_paste (SgLauncherWindow *window);
