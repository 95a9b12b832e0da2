/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where Sandglass keeps things, and where its own programs are.
 *
 * A program that runs from the build tree finds its siblings beside itself; an installed one finds
 * them in LIBEXECDIR.  No environment variable changes that: it would decide what code runs. */
#pragma once

#include <glib.h>

/* $XDG_CACHE_HOME/sandglass: bases, templates, the accelerator's probe.  Not created.  Free with
 * g_free(). */
char *sg_paths_cache (void);

/* $XDG_CONFIG_HOME/sandglass: profiles, preferences.  Not created.  Free with g_free(). */
char *sg_paths_config (void);

/* The directory for session sockets, created with mode 0700 and checked to be ours:
 * $XDG_RUNTIME_DIR/sandglass, else /run/user/UID/sandglass, else a directory of a fixed name for
 * this uid in /tmp whose owner and mode are checked (a stranger may have made it first: then an
 * error).  Free with g_free(). */
char *sg_paths_runtime (GError **error);

/* Full path of one of our helper programs ("sandglass-session", "nbdkit-sandglass-plugin.so").
 * Fails where it is neither beside the running program nor in LIBEXECDIR.  Free with g_free(). */
char *sg_paths_program (const char *name, GError **error);

/* Directory that holds the guest's payload (agent, shell, units), as `build/guest` lays it out. */
char *sg_paths_guest (GError **error);
