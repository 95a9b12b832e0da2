/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "12 places contacted": who the sandbox spoke to, what was stopped, and why; up to date while it
 * is looked at.  Names come from the sandbox: they are made fit to be shown. */
#pragma once

#include "ui/link.h"

#include <gtk/gtk.h>

#define SG_PLACES_MAX 200 /* shown; the rest is counted */

typedef struct
{
  char *title;  /* "example.org", "192.0.2.7"; one short line; owned */
  char *detail; /* "2 kB sent, 340 kB received", "Stopped 3 times: ..."; owned */
  gboolean stopped;
} SgPlace;

/* From NetworkRecords' answer, the busiest first (what was stopped before all); free with
 * g_ptr_array_unref().  *ret_total: how many there are. */
GPtrArray *sg_places_from (GVariant *records, guint *ret_total);

#define SG_TYPE_PLACES (sg_places_get_type ())
G_DECLARE_FINAL_TYPE (SgPlaces, sg_places, SG, PLACES, GtkPopover)

/* Shown on OVER; closes as popovers do. */
GtkWidget *sg_places_new (GtkWidget *over, SgLink *link);
