/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GiveUsb, TakeUsb and the property UsbDevices of a session. */
#pragma once

#include "launcher/session.h"

void sg_usb_calls_connect (SgSession *session);
/* The machine is about to end: the session has no devices any more. */
void sg_usb_calls_end (SgSession *session);
