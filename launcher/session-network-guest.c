/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/inside-run.h"
#include "launcher/netgate/addresses.h"
#include "launcher/session-network-internal.h"

#define HELPER "/usr/lib/sandglass/sandglass-net"
/* The helper itself waits for the card for 50 s. */
#define SET_UP_SEC 75

void
sg_network_guest_async (SgAgent *agent, const char *mac, const char *private_address,
                        const char *private_address6, const SgProxies *proxies,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *mtu = g_strdup_printf ("%d", SG_GATE_MTU);
  g_autofree char *four = g_strdup_printf ("%s/%d", SG_GATE_GUEST4, SG_GATE_PREFIX4);
  g_autofree char *six = g_strdup_printf ("%s/%d", SG_GATE_GUEST6, SG_GATE_PREFIX6);
  g_autofree char *own = g_strdup_printf ("%s/%d", private_address != NULL ? private_address : "",
                                          SG_PRIVATE_PREFIX4);
  g_autofree char *own6 = g_strdup_printf (
      "%s/%d", private_address6 != NULL ? private_address6 : "", SG_PRIVATE_PREFIX6);
  const char *http = proxies->http != NULL ? proxies->http : "-";
  const char *https = proxies->https != NULL ? proxies->https : "-";
  const char *internet[]
      = { HELPER,       mac,  mtu,   four, SG_GATE_GATEWAY4, six, SG_GATE_GATEWAY6,
          SG_GATE_DNS4, http, https, NULL };
  const char *between[]
      = { HELPER, mac, mtu, own, "-", own6, "-", SG_PRIVATE_NAMES, "-", "-", NULL };

  sg_inside_run_async (agent, private_address != NULL ? between : internet, SET_UP_SEC, cancellable,
                       callback, data);
}

gboolean
sg_network_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  return sg_inside_run_finish (agent, result, error);
}
