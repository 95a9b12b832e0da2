/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The accounts inside: those of the system keep name and number, for files in /usr belong to them;
 * the people of this computer are left out; `sandbox` is the one person there. */
#pragma once

#include "baseimage/tree.h"

#define SG_USER_NAME "sandbox"
#define SG_USUAL_UID 1000 /* of the first person of a computer */

/* What the account files of the host say; any may be NULL. */
typedef struct
{
  const char *passwd, *group;
} SgHostAccounts;

/* The numbers of `sandbox` for the person UID, GID who builds: the same, so that shared folders
 * look like the person's own; 1000 where that is an account of the system. */
void sg_accounts_choose (uid_t uid, gid_t gid, uid_t *ret_uid, gid_t *ret_gid);

/* Writes /etc/passwd, group, shadow, gshadow, subuid and subgid.  SHELL: of `sandbox`. */
void
sg_accounts_add (SgTree *tree, const SgHostAccounts *host, uid_t uid, gid_t gid, const char *shell);

/* The people left out: one name a line, for --identifying.  Free with g_free(). */
char *sg_accounts_people (const char *passwd);
