/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The USB devices of this computer, as the kernel lists them. */
#pragma once

#include "launcher/usb-device.h"

typedef struct
{
  char *port;          /* owned: where it is plugged in, "1-2.4"; stays while it does */
  char *name;          /* owned: "Logitech HD Pro Webcam", one printable line */
  char *node;          /* owned: its device node, below the root that was asked for */
  char *at;            /* owned: its number, as sessions name it: "001/004" */
  gboolean known;      /* `device` is what it says that it is */
  SgUsbDevice device;
  char *mounted;       /* owned: a disk in it that this computer uses; NULL: none is */
} SgUsbFound;

void sg_usb_found_free (SgUsbFound *found);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgUsbFound, sg_usb_found_free)

/* All but hubs, by their ports; never NULL.  ROOT: "/" (or a test's tree).  Free with
 * g_ptr_array_unref(). */
GPtrArray *sg_usb_list (const char *root);

/* The one that WORD means: its port, or its number; NULL with an error.  It stays LIST's. */
const SgUsbFound *sg_usb_find (GPtrArray *list, const char *word, GError **error);

/* "001/004" of a device number, as fstat() tells it; NULL: that is no USB device.  Free with
 * g_free(). */
char *sg_usb_at (dev_t number);
