/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment of the person's programs inside. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct
{
  const char *name; /* "sandbox" */
  const char *home;
  const char *shell;
  uid_t uid;
  gid_t gid;
} SgUser;

/* K=V strings: who, where, which display and bus, and the language of ROOT/etc/default/locale or
 * ROOT/etc/locale.conf (ROOT "" for the running system).  Free with g_strfreev(). */
char **sg_session_env (const char *root, const SgUser *user, const char *display);

/* The user's runtime folder; g_free(). */
char *sg_session_runtime_dir (uid_t uid);
