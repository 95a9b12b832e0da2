/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's way to the host's name servers, made anew when the host's choice of them changes. */
#include "launcher/session-network-gateway.h"

#include "launcher/netgate/resolver.h"

#include <stdlib.h>
#include <string.h>

#define RESOLV_CONF "/etc/resolv.conf"
/* A file that is written is not read half-way. */
#define RESOLVER_MSEC 300

gboolean
sg_gateway_send_resolver (gpointer data)
{
  SgGateway *gateway = data;
  g_autoptr (GError) error = NULL;

  gateway->resolver = 0;
  if (gateway->ready && !gateway->lost && !sg_resolver_send (gateway->control, &error))
    g_debug ("%s", error->message); /* lookups fail at once, until the file changes */
  return G_SOURCE_REMOVE;
}

void
sg_gateway_resolver_soon (SgGateway *gateway)
{
  g_clear_handle_id (&gateway->resolver, g_source_remove);
  gateway->resolver = g_timeout_add (RESOLVER_MSEC, sg_gateway_send_resolver, gateway);
}

static void
on_resolv_conf (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                SgGateway *gateway)
{
  sg_gateway_resolver_soon (gateway);
}

void
sg_gateway_watch_resolver (SgGateway *gateway)
{
  char *real = realpath (RESOLV_CONF, NULL);
  const char *paths[] = { RESOLV_CONF, real };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GFile) file = paths[i] != NULL ? g_file_new_for_path (paths[i]) : NULL;

      if (file == NULL || (i > 0 && strcmp (paths[0], paths[i]) == 0))
        continue;
      gateway->monitors[i] = g_file_monitor_file (
          file, G_FILE_MONITOR_WATCH_MOVES | G_FILE_MONITOR_WATCH_HARD_LINKS, NULL, NULL);
      if (gateway->monitors[i] != NULL)
        g_signal_connect (gateway->monitors[i], "changed", G_CALLBACK (on_resolv_conf), gateway);
    }
  free (real);
}
