/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window that waits with a ready sandbox (launcher/standby.h): a viewer that is started, confined,
 * connected to the machine's screen, and shows nothing.  The click then only has to show it: what
 * takes long about a window was done before.
 *
 * It is a help and nothing else: where there is none, or it died, a window is started as always.
 * Without GTK, for the benchmark. */
#pragma once

#include "ui/preferences.h"

#include <gio/gio.h>

#define SG_TYPE_SPARE (sg_spare_get_type ())
G_DECLARE_FINAL_TYPE (SgSpare, sg_spare, SG, SPARE, GObject)

SgSpare *sg_spare_new (SgPreferences *preferences);

/* TRUE: from now on one waits, if there is a machine to wait with, that is for PROFILE (or NULL), and
 * none does yet.  FALSE: none.  Returns at once; call it again now and then. */
void sg_spare_keep (SgSpare *spare, gboolean wanted, const char *profile);

/* Bytes of this computer's memory that it takes; 0: there is none. */
guint64 sg_spare_memory (SgSpare *spare);

/* A viewer that waits, and what is needed to take it together with its machine. */
typedef struct
{
  GSubprocess *viewer; /* owned */
  char *id, *word;     /* owned: for SgStandbyWish */
  int fd;              /* owned: sg_spare_window_show() */
} SgSpareWindow;

/* The one that waits, which is the caller's from now on; NULL: none does, or none that is as
 * PREFERENCES say now. */
SgSpareWindow *sg_spare_take (SgSpare *spare);

/* It is to show itself; its machine was taken. */
void sg_spare_window_show (SgSpareWindow *window);

/* Ends the viewer, unless it was shown. */
void sg_spare_window_free (SgSpareWindow *window);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgSpareWindow, sg_spare_window_free)
