/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Check This Computer": what sandboxes need, whether it is there, and what mends it. */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_CHECK_WINDOW (sg_check_window_get_type ())
G_DECLARE_FINAL_TYPE (SgCheckWindow, sg_check_window, SG, CHECK_WINDOW, GtkWindow)

/* PARENT may be NULL. */
GtkWidget *sg_check_window_new (GtkWindow *parent);
