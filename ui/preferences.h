/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person prefers, in $XDG_CONFIG_HOME/sandglass/preferences.  A file that cannot be read, or
 * a word in it that is not known, means the default.
 *
 * Signal "changed". */
#pragma once

#include <glib-object.h>

#define SG_TYPE_PREFERENCES (sg_preferences_get_type ())
G_DECLARE_FINAL_TYPE (SgPreferences, sg_preferences, SG, PREFERENCES, GObject)

SgPreferences *sg_preferences_load (void);

/* "light", "dark"; NULL: as the desktop is. */
const char *sg_preferences_appearance (SgPreferences *preferences);
/* A name of ui/leave-key.h; never NULL. */
const char *sg_preferences_leave_key (SgPreferences *preferences);
/* How many ready sandboxes are kept (ready.h): 0, 1 or 2. */
guint sg_preferences_ready (SgPreferences *preferences);

/* Take effect at once, and are written; a failure to write is only logged. */
void sg_preferences_set_appearance (SgPreferences *preferences, const char *appearance);
void sg_preferences_set_leave_key (SgPreferences *preferences, const char *name);
void sg_preferences_set_ready (SgPreferences *preferences, guint number);
