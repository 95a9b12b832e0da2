/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked for + what the administrator allows -> what a sandbox is granted, on this
 * computer.
 *
 * Made twice, by the same function: by `sandglass`, to show it and to ask; and by
 * sandglass-session, which believes nobody and enforces its own outcome.  The starter hands on only
 * what was *asked*.
 *
 * Order in the session: inside a user namespace root is "nobody", and every file of the policy
 * would look insecure.  So the policy is read first thing in main(), before the namespace is
 * entered; sg_policy_load() uses libc and GLib's containers only, which start no thread (a second
 * thread would make unshare() fail).  The profile, a stranger's file, is read after that. */
#pragma once

#include "policies/grants.h"

#include <gio/gio.h>

/* What was asked, as it goes from `sandglass` to sandglass-session.  All may be NULL. */
typedef struct
{
  char *file;            /* a `.wsb` file */
  char *sha256;          /* what that file must be: the bytes that were approved */
  char *config;          /* or its text */
  char *purpose;         /* "desktop", "command", "file", "link" */
  char **writable;       /* folders whose left-out ReadOnly was answered with "allow changes" */
  char **policy_dirs;    /* further directories of rules, which can only narrow; for tests */
  gboolean without_asks; /* Open Without These */
  char *network;         /* "off", "internet", ...: NULL: as the profile or the purpose says */
  char **allow;          /* hosts, for "allowlist" */
  char *program;         /* name of the one program that has the window; NULL: the desktop */
  gboolean look;         /* a window will show it: as this desktop looks (host-look.h) */
  int memory_mb, cpus;   /* asked on top of the profile; 0: not */
} SgAsk;

void sg_ask_clear (SgAsk *ask);

/* The options of sandglass-session that fill ASK, but for memory and processors; free with
 * g_free(). */
GOptionEntry *sg_ask_entries (SgAsk *ask);

/* The same as arguments: appends to ARGV (elements are g_free()d by its owner). */
void sg_ask_arguments (const SgAsk *ask, GPtrArray *argv);

/* The network that WORD names; "off" is none. */
gboolean sg_ask_network_parse (const char *word, SgNetwork *ret, GError **error);
/* Asks for it, and for HOSTS (may be NULL) on the list; WORD NULL: for the list alone. */
gboolean
sg_ask_network (SgProfile *profile, const char *word, const char *const *hosts, GError **error);

/* The rules of this computer's administrator and of each "--policy-dir=DIR" in ARGV, for the time
 * before options are parsed. */
SgPolicy *sg_policy_load (char *const *argv);
/* The same, when they are. */
SgPolicy *sg_policy_load_for (const SgAsk *ask);

/* Which files those are and when they were last touched: two equal ones are the same rules.  Works
 * inside a user namespace, too.  Free with g_free(). */
char *sg_policy_stamp (const SgAsk *ask);

typedef struct
{
  SgPolicy *policy;   /* owned */
  SgProfile *profile; /* owned; NULL: nothing was asked */
  SgDefaults defaults;
  char **writable;  /* owned: of `defaults` */
  SgGrants *grants; /* owned */
} SgGranted;

/* Takes POLICY.  Fails, in words, where the profile cannot be read or is not the one that was
 * approved.  What may not run is no failure here: look at grants->may_run, or use
 * sg_granted_may_run(). */
SgGranted *sg_granted_new (SgPolicy *policy, const SgAsk *ask, GError **error);
void sg_granted_free (SgGranted *granted);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgGranted, sg_granted_free)

/* FALSE with the refusal in words, and with what is wrong in the profile, line and column. */
gboolean sg_granted_may_run (const SgGranted *granted, GError **error);
