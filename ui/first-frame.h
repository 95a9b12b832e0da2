/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can wait until a person sees the window. */
#pragma once

#include <gtk/gtk.h>

/* Calls FUNC with WINDOW, once, when its first frame has been drawn; a second after it was made
 * where nothing is drawn (nobody looks at it).  Not if WINDOW is destroyed before. */
void sg_after_first_frame (GtkWidget *window, void (*func) (GtkWidget *window));
