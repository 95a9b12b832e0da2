/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a USB device says that it is (its descriptors, which may lie or be broken), and whether that
 * may be handed to a sandbox.  Pure. */
#pragma once

#include <gio/gio.h>

#define SG_USB_CLASS_AUDIO 0x01
#define SG_USB_CLASS_HID 0x03
#define SG_USB_CLASS_PRINTER 0x07
#define SG_USB_CLASS_STORAGE 0x08
#define SG_USB_CLASS_HUB 0x09
#define SG_USB_CLASS_SMART_CARD 0x0b
#define SG_USB_CLASS_VIDEO 0x0e

/* More than the kernel lets a device have. */
#define SG_USB_DESCRIPTORS_MOST 65536

typedef struct
{
  guint16 vendor, product;
  guint64 classes[4]; /* a bit for each class of the device and of its interfaces */
} SgUsbDevice;

/* BYTES: what the kernel hands out for a device, its own descriptor first and then the
 * configurations.  FALSE where they are not whole. */
gboolean
sg_usb_device_parse (SgUsbDevice *device, const guint8 *bytes, gsize length, GError **error);

gboolean sg_usb_device_has (const SgUsbDevice *device, guint8 class);

/* "Camera", "Storage": for a person, English (N_()). */
const char *sg_usb_device_kind (const SgUsbDevice *device);

/* What is granted. */
typedef struct
{
  gboolean usb, camera, microphone;
} SgUsbGrants;

/* NULL: it may be handed over.  Else why not: a sentence for a person, English (N_(); static). */
const char *sg_usb_device_why_not (const SgUsbDevice *device, const SgUsbGrants *grants);

/* The same rule for QEMU, which holds it again: the property "filter" of its usb-redir.  DEVICE:
 * the one that is plugged in, and nothing but what it says that it is; NULL: what any device may
 * be. Free with g_free(). */
char *sg_usb_filter (const SgUsbGrants *grants, const SgUsbDevice *device);
