/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sandglass … --json` says, as values the screens can show. */
#pragma once

#include <json-glib/json-glib.h>

/* --- the copy of this computer: `base status --json` --- */

typedef enum
{
  SG_COPY_UNKNOWN, /* not asked yet, or no sense in the answer */
  SG_COPY_MISSING,
  SG_COPY_FRESH,
  SG_COPY_STALE,
  SG_COPY_BROKEN
} SgCopyState;

typedef struct
{
  SgCopyState state;
  char *why;       /* owned; NULL: nothing to add */
  gint64 built_at; /* seconds since 1970; 0: unknown */
} SgCopy;

/* Free with sg_copy_free().  Never NULL: SG_COPY_UNKNOWN where ANSWER (may be NULL) has none. */
SgCopy *sg_copy_parse (JsonNode *answer);
void sg_copy_free (SgCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgCopy, sg_copy_free)

/* --- one line of `base build --json` --- */

typedef enum
{
  SG_STEP_NONE, /* not a line of ours */
  SG_STEP_STAGE,
  SG_STEP_DONE,
  SG_STEP_ERROR
} SgStepKind;

typedef struct
{
  SgStepKind kind;
  const char *text; /* the stage or the error; lives as long as the node */
  double fraction;  /* of SG_STEP_STAGE: 0..1, -1: unknown */
  gboolean cancelled;
} SgStep;

SgStep sg_step_parse (JsonNode *line);

/* --- `doctor --json` --- */

typedef struct
{
  char *id, *title, *found; /* owned, never NULL */
  char *means, *mend;       /* owned; NULL: nothing */
  gboolean met;
  gboolean required; /* without it no sandbox starts */
  gboolean advice;   /* neither required nor recommended */
} SgCheck;

void sg_check_free (SgCheck *check);

/* SgCheck in the order given; NULL where ANSWER is none of doctor's.  Free with
 * g_ptr_array_unref(). */
GPtrArray *sg_checks_parse (JsonNode *answer);
