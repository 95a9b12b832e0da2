/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop: a plain background that says what this is, and the files in ~/Desktop. */
#pragma once

#include <gtk/gtk.h>

typedef struct SgBackground SgBackground;

/* Fills the screen below all windows.  FOLDER is listed, watched (inotify: no polling) and may be
 * missing.  sg_background_free() takes it away. */
SgBackground *sg_background_new (const char *folder);
void sg_background_free (SgBackground *background);

GtkWidget *sg_background_window (SgBackground *background);

/* Without words and files, from now on. */
void sg_background_plain (SgBackground *background);
