/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one thing of a session with a name: its directory below sg_paths_runtime(), for the socket
 * `control`.
 *
 * It is locked (flock on the directory itself) for as long as the supervisor lives, so that the
 * next start can tell a directory that somebody left behind. */
#pragma once

#include <gio/gio.h>

typedef struct SgHome SgHome;

/* Clears what dead sessions left, then makes a directory with a fresh name of eight hex digits. */
SgHome *sg_home_new (GError **error);

/* Closes it; does not remove. */
void sg_home_free (SgHome *home);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgHome, sg_home_free)

const char *sg_home_id (const SgHome *home);
const char *sg_home_path (const SgHome *home);
int sg_home_parent_fd (const SgHome *home);

/* Removes the directory and, when no other session has one, its parent; then looks whether it is
 * gone.  FALSE with an error when it is not.  Again is harmless. */
gboolean sg_home_remove (SgHome *home, GError **error);
