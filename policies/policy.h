/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the administrator allows: key files NAME.conf of one directory, in name order
 * (docs/policy.md).
 *
 *   [policy]
 *   AllowNetworking=false
 *   MaxMemoryMB=4096
 *
 * Every file only narrows: what one has closed, no other opens.  A file counts only if root owns it
 * and nobody else can write it, itself and everything above it; the checks are made on what was
 * opened.  A policy is *closed* when a file of it is insecure, unreadable, or holds a word that is
 * not understood: it is not known then what it forbids, so nothing is given and nothing runs until
 * the administrator has mended it.  The message says which file and how.
 *
 * Read it before a user namespace is entered: root is "nobody" in there. */
#pragma once

#include "policies/policy-keys.h"

#include <sys/types.h>

#define SG_POLICY_DIR "/etc/sandglass/policy.d"

typedef struct
{
  SgPolicyKey key;
  char *file; /* owned: absolute path */
  guint line;
  char *rule; /* owned: "AllowNetworking=false", as written */
  gint64
      number; /* ALLOW, REQUIRE: 0 or 1; MOST: the limit; WORDS: bits in the key's order of words */
  char **list; /* owned: HOSTS, ALLOWED, DENIED, PROFILES; PATH and TEXT: one; or NULL */
} SgPolicyRule;

typedef struct
{
  char *file;    /* owned; NULL: of the directory */
  guint line;    /* 0: of the whole file */
  char *message; /* owned: what is wrong, what it means, what mends it */
} SgPolicyProblem;

typedef struct
{
  GPtrArray *rules;    /* of SgPolicyRule, in the order read */
  GPtrArray *problems; /* of SgPolicyProblem; any: the policy is closed */
  GPtrArray *files;    /* of char *: what was looked at, in order */
} SgPolicy;

/* No rule. */
SgPolicy *sg_policy_new (void);
void sg_policy_free (SgPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPolicy, sg_policy_free)

/* SG_POLICY_DIR, root's.  A computer without that directory has no policy. */
SgPolicy *sg_policy_load_system (void);

/* Adds the files of another directory, which can only narrow further.  OWNER: who may own it
 * besides root.  MUST_EXIST: that it is missing is a problem. */
void sg_policy_add_dir (SgPolicy *policy, const char *dir, uid_t owner, gboolean must_exist);

/* Adds one file's text, unchecked: for tests and the fuzzer. */
void sg_policy_add_text (SgPolicy *policy, const char *file, const char *text, gsize len);

gboolean sg_policy_closed (const SgPolicy *policy);

/* "FILE:LINE: message" of each problem, a line each; NULL: none.  Free with g_free(). */
char *sg_policy_problems_text (const SgPolicy *policy);

/* The words of all rules about a key, one behind the other.  Free with g_strfreev(). */
char **sg_policy_words (const SgPolicy *policy, SgPolicyKey key);

/* The lowest of a key's numbers (kiosk minutes, seconds); -1: nobody says.  The first rule about a
 * key, or NULL. */
gint64 sg_policy_lowest (const SgPolicy *policy, SgPolicyKey key);
const SgPolicyRule *sg_policy_first (const SgPolicy *policy, SgPolicyKey key);
