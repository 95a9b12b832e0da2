/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key that gives keyboard and pointer back to this computer. */
#pragma once

#include <glib.h>

typedef struct
{
  const char *name;     /* in preferences and on the viewer's command line */
  const char *label;    /* for a person; to be translated with _() */
  const char *sequence; /* as spice_grab_sequence_new_from_string() reads it */
} SgLeaveKey;

/* All of them, the default first; ends with a NULL name. */
const SgLeaveKey *sg_leave_key_all (void);

/* The default where NAME (may be NULL) is none of them. */
const SgLeaveKey *sg_leave_key_find (const char *name);
