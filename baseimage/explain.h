/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a path is inside or not, found out by going through the whole system as a build does: what is
 * said is what would be built. */
#pragma once

#include "baseimage/rules.h"

#include <gio/gio.h>

typedef enum
{
  SG_EXPLAIN_IN,     /* it is inside */
  SG_EXPLAIN_OUT,    /* it is on this computer and not inside */
  SG_EXPLAIN_NOWHERE /* neither */
} SgWhere;

typedef struct
{
  SgWhere where;
  char *path;         /* owned; after the links on the way to it */
  const char *kind;   /* "file", "directory", "link", "other" */
  const char *source; /* of a file inside: "linked", "copied", "written"; else NULL */
  const SgRule *rule; /* NULL: it comes with Sandglass */
  char *rule_path;    /* owned; what the rule was said about: the path, or a directory above it */
} SgExplanation;

/* ROOT NULL: "/".  ANONYMOUS: of a copy made so. */
SgExplanation *sg_explain (const char *root, gboolean anonymous, const char *path,
                           GCancellable *cancellable, GError **error);
void sg_explanation_free (SgExplanation *explanation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgExplanation, sg_explanation_free)

/* One thing that a stranger inside could learn about this computer or its people. */
typedef struct
{
  const char *topic; /* "user name", "company certificate" */
  char *value;       /* owned */
  char *path;        /* owned; where it can be read, or NULL */
  gboolean stays;    /* in an anonymous copy, too: it is the same on many computers */
} SgIdentifying;

/* All of them, in no particular order of weight.  Free with g_ptr_array_unref(). */
GPtrArray *sg_explain_identifying (const char *root, gboolean anonymous, GCancellable *cancellable,
                                   GError **error);
