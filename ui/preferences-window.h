/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ui/preferences.h"
#include "ui/ready.h"

#include <gtk/gtk.h>

/* A window to change PREFERENCES in; changes take effect at once.  READY: for what ready sandboxes
 * cost.  PARENT may be NULL. */
GtkWidget *sg_preferences_window_new (GtkWindow *parent, SgPreferences *preferences,
                                      SgReady *ready);
