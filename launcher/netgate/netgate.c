/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-netgate: the internet without the neighbourhood.
 *
 *   QEMU (-netdev stream)  <->  netgate  <->  passt  <->  the host's network
 *                                 |  |
 *                     supervisor -+  +- netlink: the host's addresses and routes
 *
 * It looks at every frame in both directions (gate.h) and lets pass what the rules open; it starts
 * with everything closed.  It has nothing but its descriptors, and keeps no file.  control.h says
 * how it is started. */
#include "common/fd.h"
#include "common/report.h"
#include "launcher/netgate/confine.h"
#include "launcher/netgate/loop.h"
#include "launcher/netgate/switch-loop.h"

#include <signal.h>
#include <sys/prctl.h>

#define ROUTES_TIMEOUT_MS 5000

typedef struct
{
  int guest_fd, control_fd, netlink_fd;
  int switch_fd; /* not -1: be the switch between sandboxes */
  guint8 mac[6];
} Arguments;

static gboolean
parse_arguments (int argc, char **argv, Arguments *ret, GError **error)
{
  g_autofree char *mac = NULL;
  int guest = -1, control = -1, netlink = -1, switched = -1;
  GOptionEntry entries[]
      = { { "guest-fd", 0, 0, G_OPTION_ARG_INT, &guest, "The machine's stream", "FD" },
          { "control-fd", 0, 0, G_OPTION_ARG_INT, &control, "The supervisor", "FD" },
          { "netlink-fd", 0, 0, G_OPTION_ARG_INT, &netlink, "The host's routes", "FD" },
          { "mac", 0, 0, G_OPTION_ARG_STRING, &mac, "The guest's MAC address", "MAC" },
          { "switch-fd", 0, 0, G_OPTION_ARG_INT, &switched, "Be the switch between sandboxes",
            "FD" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("(started by a session)");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  ret->switch_fd = switched;
  if (switched >= 0 && guest < 0 && control < 0 && netlink < 0 && argc == 1 && mac == NULL)
    return TRUE;
  if (switched >= 0 || guest < 0 || control < 0 || netlink < 0 || argc != 1 || mac == NULL
      || !sg_mac_parse (mac, ret->mac))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "sandglass-netgate is started by a session, with --guest-fd, --control-fd, "
                   "--netlink-fd and --mac, or with --switch-fd alone");
      return FALSE;
    }
  ret->guest_fd = guest;
  ret->control_fd = control;
  ret->netlink_fd = netlink;
  return TRUE;
}

static void
be_gate (const Arguments *arguments, GError **error)
{
  g_autoptr (SgWatch) watch = sg_watch_new (arguments->netlink_fd, error);
  SgRoutes *routes = NULL;
  SgLoop loop;

  if (watch != NULL)
    routes = sg_watch_wait (watch, ROUTES_TIMEOUT_MS, error);
  if (routes == NULL)
    return;
  sg_loop_init (&loop, arguments->mac, arguments->guest_fd, arguments->control_fd,
                g_steal_pointer (&watch), routes);
  if (sg_gate_confine (error))
    sg_loop_run (&loop, error);
  sg_loop_clear (&loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Arguments arguments;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* splice() has no flag against it. */
  signal (SIGPIPE, SIG_IGN);
  if (!parse_arguments (argc, argv, &arguments, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (arguments.switch_fd < 0)
    be_gate (&arguments, &error);
  else if (sg_gate_confine (&error))
    sg_switch_run (arguments.switch_fd, &error);
  if (error == NULL)
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
