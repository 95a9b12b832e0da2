/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Light or dark. */
#pragma once

#include <glib.h>

/* The value for GTK_THEME: "Sandglass:dark" where GTK's settings.ini files (the user's, then those
 * of /etc) ask for a dark theme, else "Sandglass"; static. */
const char *sg_style_theme (void);

/* Another one, at once: as the person's own desktop is. */
void sg_style_set_dark (gboolean dark);
