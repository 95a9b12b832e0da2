/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host's own routes say about a destination.
 *
 * A destination counts as internet only if the host reaches it by a default route.  Every more
 * specific route, of whatever table, is a network of the host's own: a LAN with public addresses, a
 * company network behind a VPN, a container bridge.  The local table tells the host's own
 * addresses. Policy rules are not looked at; taking all tables together can only close more. */
#pragma once

#include "launcher/netgate/address.h"

#include <gio/gio.h>

typedef enum
{
  SG_ROUTE_DEFAULT,   /* by a default route */
  SG_ROUTE_OWN,       /* by a route of the host's own */
  SG_ROUTE_LOCAL,     /* an address of the host itself */
  SG_ROUTE_BROADCAST, /* of a network of the host's */
  SG_ROUTE_NONE,      /* no way */
} SgRouteKind;

typedef struct _SgRoutes SgRoutes;

/* None at all: every destination is SG_ROUTE_NONE. */
SgRoutes *sg_routes_new (void);
void sg_routes_free (SgRoutes *routes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgRoutes, sg_routes_free)

void sg_routes_add (SgRoutes *routes, const SgPrefix *prefix, SgRouteKind kind);

/* There are more routes than the gate holds: nothing is internet any more. */
void sg_routes_overflow (SgRoutes *routes);

SgRouteKind sg_routes_find (const SgRoutes *routes, const SgAddress *address);

/* Whether there is a default route for IPv4 (V4), or IPv6. */
gboolean sg_routes_has_default (const SgRoutes *routes, gboolean v4);

/* The interfaces of VPNs that a default route goes through, "wg0 tun0"; "" for none.  Owned by
 * ROUTES. */
const char *sg_routes_vpn (const SgRoutes *routes);
void sg_routes_set_vpn (SgRoutes *routes, const char *vpn);

gboolean sg_routes_equal (const SgRoutes *a, const SgRoutes *b);
