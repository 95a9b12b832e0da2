/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One setting of what a sandbox is granted, out of the session's property Grants (the JSON of
 * policies/grants.h, read as data: the window links nothing of it). */
#pragma once

#include <glib.h>

typedef struct
{
  char *value;         /* owned; NULL: not told */
  char *administrator; /* owned: "Set by your administrator (20-lab.conf, line 4)."; NULL: it was
                          not */
} SgAllowed;

/* GRANTS: the property; "" while it is not known.  SETTING: "networking", "save-files".  Never
 * NULL; free with sg_allowed_free(). */
SgAllowed *sg_allowed_find (const char *grants, const char *setting);
void sg_allowed_free (SgAllowed *allowed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgAllowed, sg_allowed_free)
