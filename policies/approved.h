/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which profiles this user has looked at and opened: $XDG_CONFIG_HOME/sandglass/approved, a key
 * file with a group for each profile, named by the SHA-256 of its bytes.
 *
 * The same bytes can mean other folders (relative paths, variables), so an approval also holds the
 * folders that they meant, and is good for those only. */
#pragma once

#include "policies/profile.h"

/* Where it is kept.  Free with g_free(). */
char *sg_approved_file (void);

/* Whether PROFILE was approved, folders and all.  RET_WRITABLE (may be NULL): the host folders
 * whose left-out ReadOnly was answered with "allow changes", for SgDefaults; free with
 * g_strfreev(), NULL where not approved.  A file that is missing or cannot be read approves
 * nothing. */
gboolean sg_approved_has (const char *file, const SgProfile *profile, char ***ret_writable);

/* Remembers that it was.  WRITABLE may be NULL.  Written aside and renamed, mode 0600; two writers
 * wait for one another.  The oldest of more than 1,000 are forgotten. */
gboolean sg_approved_add (const char *file, const SgProfile *profile, const char *const *writable,
                          GError **error);

/* Forgets it again; TRUE also when it was not there. */
gboolean sg_approved_remove (const char *file, const SgProfile *profile, GError **error);
