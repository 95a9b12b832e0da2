/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Gives up everything but the two descriptors that the gate has; see confine.c. */
gboolean sg_usbgate_confine (GError **error);
