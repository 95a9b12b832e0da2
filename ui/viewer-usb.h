/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB devices in the sandbox's bar: a button where they are granted, and a light while the sandbox
 * has a camera.  Which it has is chosen in a window of another process (usb-window.h): the viewer
 * can reach none. */
#pragma once

#include "ui/viewer-internal.h"

/* The session's properties are other ones. */
void sg_viewer_usb_changed (SgViewerWindow *window);

/* Opens that window. */
void sg_viewer_usb_show (SgViewerWindow *window);
