/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the desktop is for, and the folders that must be there before it. */
#pragma once

#include "session-env.h"

/* The user `sandbox`; its strings are the caller's. */
gboolean sg_desktop_find_user (SgUser *user, GError **error);

/* The desktop's own folders, the user's runtime folder, and Desktop, Documents and Downloads. */
gboolean sg_desktop_make_folders (const SgUser *user, GError **error);
