/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

/* From here on this process can do no more than printgate.c needs.  For good. */
gboolean sg_printgate_confine (GError **error);
