/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renewing the copy of this computer while somebody already works in a sandbox of the old one. */
#pragma once

#include <gio/gio.h>

/* Starts `sandglass base build` on its own: it takes what processor and disk time nobody else
 * wants, and outlives the caller.  FALSE with G_IO_ERROR_BUSY when a build is under way already. */
gboolean sg_base_renew_behind (GError **error);
