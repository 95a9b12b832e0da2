/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `--share DIR[:PLACE][:rw]` of `run` and `start`. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  int folder; /* O_PATH */
  char *place;
  gboolean writable;
} SgRunShare;

/* Opens the folders of WORDS (NULL: none), so that a wrong one is told before anything starts.
 * Array of SgRunShare, owned; NULL with an error. */
GPtrArray *sg_run_shares_open (const char *const *words, GError **error);
