/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as people write them in profiles, and globs as administrators write them in policies.
 *
 * Nothing is looked up on the disk: what a path *says* is mapped here, what it leads to is found by
 * whoever opens it. */
#pragma once

#include "policies/profile.h"

#define SG_SANDBOX_HOME "/home/sandbox" /* of the user inside */
#define SG_SANDBOX_DESKTOP SG_SANDBOX_HOME "/Desktop"

/* A path of this computer: "C:\Users\NAME\x", "%USERPROFILE%\x", "~/x", "$HOME/x", "../x", "/x".
 * Absolute, without "." and "..".  NULL with *RET_WHY, a sentence.  Both: free with g_free(). */
char *sg_path_map_host (const char *written, const SgProfileHost *host, char **ret_why);

/* A path inside: "C:\Users\WDAGUtilityAccount\Desktop\x" is the Desktop's x.  Likewise. */
char *sg_path_map_sandbox (const char *written, char **ret_why);

/* Whether GLOB (an absolute path; "*", "?" and "[...]" never match "/") names PATH or a folder that
 * PATH lies in. */
gboolean sg_path_under_glob (const char *path, const char *glob);

/* Whether PATH is a folder that something lies in which GLOB could name. */
gboolean sg_path_above_glob (const char *path, const char *glob);
