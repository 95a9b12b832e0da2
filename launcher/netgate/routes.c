/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/routes.h"

#define ROUTES_MAX 8192

typedef struct
{
  SgPrefix prefix;
  guint8 kind;
} Route;

struct _SgRoutes
{
  GArray *routes; /* longest prefix first */
  gboolean default4, default6, overflow, sorted;
  char *vpn;
};

SgRoutes *
sg_routes_new (void)
{
  SgRoutes *routes = g_new0 (SgRoutes, 1);

  routes->routes = g_array_new (FALSE, TRUE, sizeof (Route));
  routes->vpn = g_strdup ("");
  return routes;
}

void
sg_routes_free (SgRoutes *routes)
{
  g_array_unref (routes->routes);
  g_free (routes->vpn);
  g_free (routes);
}

/* VPN programs replace a default route by two halves (OpenVPN: 0.0.0.0/1 and 128.0.0.0/1; for IPv6
 * pieces down to /4), so that the old one stays in place. */
static gboolean
is_default (const SgPrefix *prefix)
{
  return sg_address_is_v4 (&prefix->address) && prefix->length >= 96 ? prefix->length <= 97
                                                                     : prefix->length <= 4;
}

void
sg_routes_add (SgRoutes *routes, const SgPrefix *prefix, SgRouteKind kind)
{
  Route route = { *prefix, (guint8)kind };

  if (kind == SG_ROUTE_DEFAULT || (kind == SG_ROUTE_OWN && is_default (prefix)))
    {
      if (prefix->length >= 96)
        routes->default4 = TRUE;
      else
        routes->default6 = TRUE;
      return;
    }
  if (routes->routes->len >= ROUTES_MAX)
    {
      sg_routes_overflow (routes);
      return;
    }
  g_array_append_val (routes->routes, route);
  routes->sorted = FALSE;
}

void
sg_routes_overflow (SgRoutes *routes)
{
  routes->overflow = TRUE;
}

static int
longest_first (gconstpointer a, gconstpointer b)
{
  const Route *left = a, *right = b;
  int order = (int)right->prefix.length - (int)left->prefix.length;

  if (order == 0)
    order = memcmp (&left->prefix.address, &right->prefix.address, 16);
  return order != 0 ? order : (int)right->kind - (int)left->kind;
}

static void
sort (SgRoutes *routes)
{
  if (!routes->sorted)
    g_array_sort (routes->routes, longest_first);
  routes->sorted = TRUE;
}

SgRouteKind
sg_routes_find (const SgRoutes *routes, const SgAddress *address)
{
  sort ((SgRoutes *)routes);
  for (guint i = 0; i < routes->routes->len; i++)
    {
      const Route *route = &g_array_index (routes->routes, Route, i);

      if (sg_prefix_contains (&route->prefix, address))
        return (SgRouteKind)route->kind;
    }
  if (routes->overflow)
    return SG_ROUTE_OWN;
  return (sg_address_is_v4 (address) ? routes->default4 : routes->default6) ? SG_ROUTE_DEFAULT
                                                                            : SG_ROUTE_NONE;
}

gboolean
sg_routes_has_default (const SgRoutes *routes, gboolean v4)
{
  return v4 ? routes->default4 : routes->default6;
}

const char *
sg_routes_vpn (const SgRoutes *routes)
{
  return routes->vpn;
}

void
sg_routes_set_vpn (SgRoutes *routes, const char *vpn)
{
  g_free (routes->vpn);
  routes->vpn = g_strdup (vpn);
}

gboolean
sg_routes_equal (const SgRoutes *a, const SgRoutes *b)
{
  sort ((SgRoutes *)a);
  sort ((SgRoutes *)b);
  return a->default4 == b->default4 && a->default6 == b->default6 && a->overflow == b->overflow
         && strcmp (a->vpn, b->vpn) == 0 && a->routes->len == b->routes->len
         && (a->routes->len == 0
             || memcmp (a->routes->data, b->routes->data, a->routes->len * sizeof (Route)) == 0);
}
