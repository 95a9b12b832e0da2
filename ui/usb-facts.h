/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sandglass usb ID --json` says, and what a sandbox's window shows of it. */
#pragma once

#include <json-glib/json-glib.h>

typedef struct
{
  char *at, *name;        /* owned, never NULL */
  const char *kind;       /* in the person's language (static); NULL: not known */
  char *why_not;          /* owned: the same as it was told; NULL: it can */
  gboolean given, camera;
} SgUsbRow;

void sg_usb_row_free (SgUsbRow *row);

/* SgUsbRow; NULL where ANSWER is none of that command's.  Free with g_ptr_array_unref(). */
GPtrArray *sg_usb_rows_parse (JsonNode *answer);

/* What the bar shows. */
typedef struct
{
  gboolean granted;      /* a button is there */
  gboolean only_cameras;
  guint n;               /* devices in the sandbox */
  char *camera;          /* owned: the name of one that it has; NULL: none */
} SgUsbLight;

/* GRANTS, DEVICES: the session's properties (DEVICES a(ssb), may be NULL). */
void sg_usb_light_init (SgUsbLight *light, const char *grants, GVariant *devices);
void sg_usb_light_clear (SgUsbLight *light);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SgUsbLight, sg_usb_light_clear)
