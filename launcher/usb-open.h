/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a USB device for a sandbox.  The node belongs to root on most computers; then the helper
 * of the SPICE client lets this user in for as long as it runs, after the desktop has asked for a
 * password. */
#pragma once

#include "launcher/usb-list.h"

/* Blocks, also while a person is asked: for two minutes.  -1 with an error in words. */
int sg_usb_open (const SgUsbFound *found, GError **error);

/* The same by HELPER, a program, which has MSEC to answer. */
int sg_usb_open_by (const SgUsbFound *found, const char *helper, guint msec, GError **error);
