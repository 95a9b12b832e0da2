/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/passt-args.h"

#include "launcher/netgate/addresses.h"

#include <string.h>

static void
add (GPtrArray *args, const char *first, ...)
{
  va_list rest;

  va_start (rest, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (rest, const char *))
    g_ptr_array_add (args, g_strdup (arg));
  va_end (rest);
}

/* Options that came later than the oldest passt we support, or were never in some build. */
static void
add_if_known (GPtrArray *args, const SgPasstOptions *options, const char *option)
{
  if (options->help != NULL && strstr (options->help, option) != NULL)
    add (args, option, NULL);
}

static void
add_addresses (GPtrArray *args, const SgPasstOptions *options)
{
  /* The default would be the host's own address, router, MAC and name server. */
  if (options->ipv4)
    {
      g_autofree char *netmask = g_strdup_printf ("%d", SG_GATE_PREFIX4);

      add (args, "-a", SG_GATE_GUEST4, "-n", netmask, "-g", SG_GATE_GATEWAY4, NULL);
    }
  if (options->ipv6)
    add (args, "-a", SG_GATE_GUEST6, "-g", SG_GATE_GATEWAY6, NULL);
  if (options->ipv4 != options->ipv6)
    add (args, options->ipv4 ? "--ipv4-only" : "--ipv6-only", NULL);
  add (args, "-M", SG_GATE_MAC, NULL);
  /* Names are looked up by the gate, and the host's search list stays untold. */
  add (args, "--no-dhcp-dns", "--no-dhcp-search", NULL);
}

char **
sg_passt_args (const SgPasstOptions *options)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_autofree char *fd = g_strdup_printf ("%d", options->fd);
  g_autofree char *mtu = g_strdup_printf ("%d", SG_GATE_MTU);

  /* In the foreground, its messages on stderr for the session's log, one client. */
  add (args, options->program, "--foreground", "--quiet", "--fd", fd, NULL);
  add_if_known (args, options, "--stderr");
  add (args, "-m", mtu, NULL);
  add_addresses (args, options);
  /* The gateway's address must not stand for the host: its loopback services would be open. */
  add (args, "--no-map-gw", NULL);
  /* Nothing comes in but what is asked for, and that from the host's loopback only. */
  for (gsize i = 0; i < options->n_forwards; i++)
    {
      g_autofree char *spec
          = g_strdup_printf ("127.0.0.1/%u:%u", (guint)options->forwards[i].host_port,
                             (guint)options->forwards[i].guest_port);

      add (args, "-t", spec, NULL);
    }
  if (options->n_forwards == 0)
    add (args, "-t", "none", NULL);
  add (args, "-u", "none", NULL);
  g_ptr_array_add (args, NULL);
  return (char **)g_ptr_array_steal (args, NULL);
}
