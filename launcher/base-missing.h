/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person would look for in a sandbox and not find: the programs of this computer among what
 * its copy leaves out. */
#pragma once

#include "baseimage/base.h"

typedef struct
{
  char *name;       /* owned; "firefox" */
  char *path;       /* owned; "/snap/firefox" */
  char *rule;       /* owned; "snap" */
  const char *what; /* a sentence's end: "a web browser as a snap; ..." */
} SgMissing;

/* From the base's list `left-out`, which may be absent; in its order.  Free with
 * g_ptr_array_unref(). */
GPtrArray *sg_base_missing (const SgBase *base);

/* The same from the list's text: for tests. */
GPtrArray *sg_base_missing_in (const char *left_out);
