/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes into a base, as one table with a reason per rule.  The scanner asks it for each entry;
 * `sandglass base explain` prints it.  Nothing here looks at a file: a test hands in made-up facts.
 *
 * Who builds does not matter: a rule decides by what everybody may read, never by what this process
 * happens to be allowed to. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef enum
{
  SG_RULE_LINKED,  /* in; the contents are read from the host's file */
  SG_RULE_COPIED,  /* in; the contents are copied when the base is made (small, or rewritten often)
                    */
  SG_RULE_CLEANED, /* in; copied without what must not leave this computer */
  SG_RULE_OURS,    /* in; written by Sandglass instead of the host's */
  SG_RULE_EMPTY,   /* in as an empty directory */
  SG_RULE_OUT      /* not in */
} SgVerdict;

typedef struct
{
  const char *id;    /* short, stable, lower-case: for --json and `left-out` */
  SgVerdict verdict; /* */
  const char *where; /* patterns as fnmatch(3) without crossing '/', "/x/" for all below; apart by
                        blanks.  In words where facts decide instead. */
  const char *reason;
} SgRule;

/* Where an entry lies decides which rules count. */
typedef enum
{
  SG_ZONE_USR,     /* /usr, and /bin, /lib... where they are directories of their own */
  SG_ZONE_USR_ETC, /* /usr/etc */
  SG_ZONE_LOCAL,   /* /usr/local */
  SG_ZONE_OPT,     /* /opt/X that a package owns */
  SG_ZONE_ETC,     /* /etc */
  SG_ZONE_VAR,     /* those parts of /var that the table names */
  SG_ZONE_FLATPAK, /* /var/lib/flatpak */
} SgZone;

/* What is known of one entry. */
typedef struct
{
  const char *path; /* absolute, below the root */
  mode_t mode;
  uid_t uid;
  guint64 size;
} SgFacts;

/* What the package database knows of a path; asked only where it matters. */
typedef enum
{
  SG_OWNED_NO,      /* no package has it */
  SG_OWNED_YES,     /* a package has it, and it is no configuration file */
  SG_OWNED_INTACT,  /* a configuration file as its package brought it */
  SG_OWNED_CHANGED, /* a configuration file that was changed since */
  SG_OWNED_UNKNOWN  /* there is no package database */
} SgOwned;

typedef struct
{
  SgOwned (*owned) (const char *path, gpointer data);
  gpointer data;
  uid_t owner; /* who owns the system: 0, or the owner of the directory --root names */
} SgRuleAsk;

/* The rule for an entry; never NULL. */
const SgRule *sg_rules_judge (SgZone zone, const SgFacts *facts, const SgRuleAsk *ask);

/* The zone that the children of the directory PATH are in. */
SgZone sg_rules_zone_below (SgZone zone, const char *path);

/* A rule by its id (one of ours: it must exist). */
const SgRule *sg_rules_get (const char *id);

/* All rules in the order they are asked. */
const SgRule *sg_rules_all (gsize *ret_n);

/* Does PATTERNS (see `where`) name PATH? */
gboolean sg_rules_match (const char *patterns, const char *path);

/* Does TEXT hold what looks like a private key, a password in an address, or a token? */
gboolean sg_rules_holds_secret (const char *text, gsize len);

static inline gboolean
sg_rule_is_in (const SgRule *rule)
{
  return rule->verdict != SG_RULE_OUT;
}
