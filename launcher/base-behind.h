/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renewing what sandboxes start from while somebody already works in one.
 *
 * Both start `sandglass base build` on its own: it takes what processor and disk time nobody else
 * wants, and outlives the caller.  FALSE with G_IO_ERROR_BUSY when one is under way already. */
#pragma once

#include <gio/gio.h>

/* The copy of this computer is older than its system. */
gboolean sg_base_renew_behind (GError **error);

/* There is no template, or it was damaged.  G_IO_ERROR_BUSY also when the last try was minutes ago:
 * where none can be made, each sandbox would try. */
gboolean sg_template_renew_behind (GError **error);
