/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The application: one instance where the desktop has a session bus, its windows, and the sandboxes
 * that it opened.  It stays until the last of them is gone, also when its window is closed: a
 * session ends with the process that started it. */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_APP (sg_app_get_type ())
G_DECLARE_FINAL_TYPE (SgApp, sg_app, SG, APP, GtkApplication)

SgApp *sg_app_new (void);
