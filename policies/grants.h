/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox is given, and why: the outcome of what is usual, what the profile asks for and
 * what the administrator allows.
 *
 *   g_autoptr (SgPolicy) policy = sg_policy_load_system ();
 *   g_autoptr (SgProfile) profile = sg_profile_read (path, &host, error);   // or NULL: no profile
 *   SgDefaults defaults = { .purpose = SG_FOR_DESKTOP, .memory_mb = 16000, .cpus = 8 };
 *   g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
 *
 *   if (!grants->may_run) { say grants->refusal; return; }
 *   if (sg_grants_number (grants, SG_SETTING_NETWORK) == SG_NETWORK_INTERNET) ...
 *
 * sg_grants_new() is pure: no file, no clock, no environment; the same three give the same grants.
 * Rules it keeps: a policy only narrows; what a profile asks and is not given is in the reason;
 * what nobody asked for is the default, narrowed by the policy too.
 *
 * Everything that a session starts, opens or plugs in follows from an SgGrants and nothing else. */
#pragma once

#include "policies/policy.h"
#include "policies/profile.h"
#include "policies/settings.h"

typedef enum
{
  SG_BY_DEFAULT,  /* nobody said anything */
  SG_BY_PROFILE,  /* as the profile asks */
  SG_BY_POLICY,   /* the administrator narrowed it */
  SG_BY_COMPUTER, /* this computer has no more, or it cannot be less */
  SG_BY_PERSON,   /* answered by the person (a ReadOnly that was left out; Open Without These) */
  SG_BY_PRODUCT   /* never otherwise: the viewer is always confined */
} SgDecider;

typedef struct
{
  SgDecider who;
  char *file;  /* owned: of the policy, or the profile; NULL */
  guint line;  /* in it; 0: none */
  char *rule;  /* owned: "AllowNetworking=false", "MemoryInMB=4096"; NULL */
  char *asked; /* owned: what the profile asked for, where it was not given; NULL */
  char *note;  /* owned: a sentence more, for people; NULL */
} SgReason;

typedef struct
{
  SgSetting setting;
  gint64 value; /* see SgSetting */
  char *text;   /* owned; of texts; NULL: not set */
  SgReason reason;
} SgGrant;

typedef struct
{
  char *host_path; /* owned, absolute.  Not opened yet: whoever mounts it opens it once and looks */
  char *
      sandbox_path; /* owned, absolute; NULL: Desktop/<last part of host_path> of the user inside */
  gboolean granted;
  gboolean writable;  /* never where not granted */
  gboolean ask_write; /* ReadOnly was left out: the person may still make it writable, see writable
                       * of SgDefaults */
  SgReason reason;
} SgGrantedFolder;

typedef struct
{
  char *command; /* owned: one line for a shell */
  gboolean granted;
  gboolean root; /* runs as the administrator inside, else as the user */
  SgReason reason;
} SgGrantedCommand;

typedef struct
{
  gboolean may_run;
  char *refusal;           /* owned: why not, and the next step, in words; NULL where it may */
  SgReason refusal_reason; /* who refuses */

  SgGrant settings[SG_SETTING_MAX];
  GPtrArray *folders;  /* of SgGrantedFolder, in the profile's order, also those not granted */
  GPtrArray *commands; /* of SgGrantedCommand, in order: one after the other */
  char **hosts;        /* owned, never NULL: for SG_NETWORK_ALLOWLIST */
  SgReason hosts_reason;
  /* Owned, never NULL: networks that the profile opens besides the internet, and domains whose
   * names may lead there.  What the administrator adds is not in it (sg_policy_words()). */
  char **company_networks, **company_domains;
  SgReason company_reason;
  gboolean company_asked; /* by the profile, whether given or not */
} SgGrants;

/* What holds when nobody says anything, and what a person has answered. */
typedef struct
{
  SgPurpose purpose;
  guint memory_mb; /* of the whole computer; 0: unknown, then nothing is limited by it */
  guint cpus;      /* of the whole computer; 0: unknown */
  guint disk_mb;   /* of the guest's disk when nobody says anything; 0: 64 GB */
  const char *no_vgpu;     /* why this computer cannot do 3D inside; NULL: it can */
  const char *no_locale;   /* what is said of a language that this computer has not; NULL: it has */
  const char *no_printers; /* why its printers cannot be used; NULL: they can */
  const char *const *writable; /* host folders that the person allows changes in, though the profile
                                * left ReadOnly out (approved.h); or NULL */
  gboolean without_asks; /* Open Without These: what the profile asks for beyond the defaults is
                          * left away, folders and commands too */
} SgDefaults;

/* The grants.  PROFILE and POLICY may be NULL: none.  Never fails: what cannot run has may_run
 * FALSE; with a closed policy, everything that a policy can close is closed, too. */
SgGrants *
sg_grants_new (const SgDefaults *defaults, const SgProfile *profile, const SgPolicy *policy);
void sg_grants_free (SgGrants *grants);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgGrants, sg_grants_free)

/* Value of a setting; text of one (NULL: not set; valid as long as the grants). */
gint64 sg_grants_number (const SgGrants *grants, SgSetting setting);
const char *sg_grants_text (const SgGrants *grants, SgSetting setting);

/* Whether this value would be allowed too, say for a switch in the window while the sandbox runs:
 * the policy alone is asked.  RET_REASON (may be NULL) is filled where not; clear it with
 * sg_reason_clear(). */
gboolean sg_policy_would_allow (const SgPolicy *policy, SgSetting setting, gint64 value,
                                SgReason *ret_reason);

/* Whether this host folder may be given, see sg_policy_would_allow().  Grants are made from what is
 * written; a link may lead elsewhere.  So whoever opens a folder asks this again with the real path
 * of what was opened. */
gboolean sg_policy_would_allow_folder (const SgPolicy *policy, const char *host_path,
                                       gboolean writable, SgReason *ret_reason);

/* Frees what is inside and zeroes it. */
void sg_reason_clear (SgReason *reason);

/* --- words (grants-words.c) */

/* Exact, for the command line: "policy: /etc/sandglass/policy.d/20-lab.conf:4, Networking=deny;
 * asked: internet".  Free with g_free(). */
char *sg_reason_text (const SgReason *reason);

/* For people: "Set by your administrator (20-lab.conf, line 4)."  Free with g_free(). */
char *sg_reason_sentence (const SgReason *reason);

/* One line for each setting, folder, command and host: "networking: none  (policy: ...)".
 * Control characters are shown as '?'.  Free with g_free(). */
char *sg_grants_text_report (const SgGrants *grants);

/* What the sandbox can do, a sentence each, for the page before an unknown profile opens: "It can
 * reach the internet, not your local network."  What it is *not* given is there too where people
 * would wonder.  Free with g_strfreev(). */
char **sg_grants_sentences (const SgGrants *grants);

/* Only what goes beyond the defaults: what "Open Without These" leaves away.  Empty: nothing.  Free
 * with g_strfreev(). */
char **
sg_grants_wishes (const SgDefaults *defaults, const SgProfile *profile, const SgPolicy *policy);

/* --- JSON (grants-json.c): stable keys.  Free with g_free(). */
char *sg_grants_json (const SgGrants *grants, const SgProfile *profile, const SgPolicy *policy);
