/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ui/preferences.h"

#include <gtk/gtk.h>

/* A window to change PREFERENCES in; changes take effect at once.  PARENT may be NULL. */
GtkWidget *sg_preferences_window_new (GtkWindow *parent, SgPreferences *preferences);
