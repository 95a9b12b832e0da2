/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person saved in a sandbox, as `sandglass changes ID --json` tells it: for the question at
 * the end, and for Save Files.  All of it was written inside: names are made fit to be shown. */
#pragma once

#include <json-glib/json-glib.h>

typedef struct
{
  char *path;   /* bytes, for `sandglass save-files`; owned */
  char *shown;  /* how `save-files --json` names it; owned */
  char *name;   /* for a person: one short line; owned */
  char *folder; /* for a person: "Documents", "Home"; owned */
  guint64 size;
  gboolean asks;       /* in Desktop, Documents, Downloads: closing has to ask */
  gboolean program;    /* may harm this computer */
  gboolean unfinished; /* a download that goes on, or was broken off */
} SgInsideFile;

typedef struct
{
  GPtrArray *files; /* SgInsideFile; owned */
  guint n_asking, n_unfinished;
  guint n_copying; /* what is copied in or out just now, in groups; by whoever knows */
  gboolean cut; /* there are more than could be listed */
} SgInside;

/* NULL where ANSWER (may be NULL) is no such list.  Free with sg_inside_free(). */
SgInside *sg_inside_parse (JsonNode *answer);
void sg_inside_free (SgInside *inside);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgInside, sg_inside_free)

/* Takes PATH out of it, as if it had not been saved; and what programs leave beside: "PATH~". */
void sg_inside_leave_out (SgInside *inside, const char *path);

/* "3 files were saved here and will be gone: report.odt (Documents, 24 KB), photo.jpg (Desktop,
 * 2 MB), ...; 1 download is running."  Free with g_free(). */
char *sg_inside_words (const SgInside *inside);

/* The outcome of `save-files --json`: what was saved is taken out of INSIDE.  Returns sentences
 * about what was not, NULL: all was; free with g_free().  N_ASKED: how many were to be saved. */
char *sg_inside_saved (SgInside *inside, JsonNode *answer, guint n_asked);
