/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the nameless file lies: on a local disk, or in memory where there is none that fits. */
#pragma once

#include <glib.h>

typedef struct
{
  int fd;          /* owned; a file that has no name and can get none */
  guint64 room;    /* bytes that may be used of it now; what the host needs is left out */
  gboolean memory; /* it lies in memory */
  char *notice;    /* in memory: the sentence for a person; NULL on a disk */
} SgOverlayPlace;

/* The first of PLACES (directories, NULL-terminated) that is local, not itself memory, takes
 * nameless files and has room for `least` bytes; else memory.  G_IO_ERROR_NO_SPACE where memory has
 * no room either. */
gboolean sg_overlay_place_find (const char *const *places, guint64 least, SgOverlayPlace *ret_place,
                                GError **error);
void sg_overlay_place_clear (SgOverlayPlace *place);
