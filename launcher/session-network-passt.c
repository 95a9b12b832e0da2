/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passt is replaced whenever it must: it is told the host's families and the forwarded ports at its
 * start only.  It ends by itself when its stream does. */
#include "launcher/session-network-gateway.h"

#include "common/fd.h"

/* A passt that does not stay is tried this often, later each time, until the host's network
 * changes.
 */
#define PASST_TRIES 5
/* How long one may take to end. */
#define PASST_END_MSEC 1000
#define PASST_RETRY_MSEC 200
#define PASST_STAYS_USEC (10 * G_USEC_PER_SEC)

void
sg_gateway_forget_passt (SgGateway *gateway)
{
  g_clear_handle_id (&gateway->retry, g_source_remove);
  g_clear_handle_id (&gateway->kill, g_source_remove);
  if (gateway->passt != NULL)
    sg_child_kill (gateway->passt);
  g_clear_pointer (&gateway->passt, sg_child_free);
}

/* Versions differ in what they know; asked once. */
static const char *
passt_help (SgGateway *gateway)
{
  const char *argv[] = { gateway->plan->passt, "--help", NULL };
  g_autofree char *out = NULL, *err = NULL;

  if (gateway->help == NULL)
    {
      if (g_spawn_sync ("/", (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, NULL,
                        NULL))
        gateway->help = g_strconcat (out, err, NULL);
      else
        gateway->help = g_strdup ("");
    }
  return gateway->help;
}

static gboolean start_passt (SgGateway *gateway, GError **error);

static void
passt_ended (SgChild *child, int status, gpointer data)
{
  SgGateway *gateway = data;
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&gateway->kill, g_source_remove);
  g_clear_pointer (&gateway->passt, sg_child_free);
  if (gateway->again && !gateway->lost && !start_passt (gateway, &error))
    gateway->funcs->notice ("network", error->message, gateway->data);
  /* else the gate tells that it is gone */
}

static gboolean
kill_passt (gpointer data)
{
  SgGateway *gateway = data;

  gateway->kill = 0;
  sg_child_kill (gateway->passt);
  return G_SOURCE_REMOVE;
}

/* It ends when its stream does, and takes all that it started with it; killing is for one that does
 * not. */
static void
end_passt (SgGateway *gateway)
{
  sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), -1, NULL);
  if (gateway->passt != NULL && gateway->kill == 0)
    gateway->kill = g_timeout_add (PASST_END_MSEC, kill_passt, gateway);
}

static gboolean
start_passt (SgGateway *gateway, GError **error)
{
  SgPasstOptions options = { .help = passt_help (gateway),
                             .ipv4 = gateway->ipv4,
                             .ipv6 = gateway->ipv6,
                             .forwards = gateway->forwards,
                             .n_forwards = gateway->n_forwards };
  sg_fd int ours = -1, theirs = -1;

  gateway->again = FALSE;
  if (!sg_gateway_pair (&ours, &theirs, error))
    return FALSE;
  gateway->passt = sg_gateway_spawn (gateway, "passt", sg_plan_passt (gateway->plan, &options),
                                     &theirs, 1, gateway->plan->confine_passt->files, passt_ended,
                                     &gateway->passt_said, error);
  gateway->passt_ipv4 = gateway->ipv4;
  gateway->passt_ipv6 = gateway->ipv6;
  gateway->started = g_get_monotonic_time ();
  return gateway->passt != NULL
         && sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), ours, error);
}

/* Now, or when the one that is there has gone: the ports that it listens to are free then. */
static gboolean
replace_passt (SgGateway *gateway, GError **error)
{
  if (gateway->passt == NULL)
    return start_passt (gateway, error);
  gateway->again = TRUE;
  end_passt (gateway);
  return TRUE;
}

char *
sg_gateway_passt_words (const SgGateway *gateway)
{
  if (gateway->passt_said == NULL)
    return NULL;
  sg_console_drain (gateway->passt_said);
  return sg_console_words (gateway->passt_said, 2);
}

static gboolean
try_again (gpointer data)
{
  SgGateway *gateway = data;

  gateway->retry = 0;
  sg_gateway_consider_passt (gateway);
  return G_SOURCE_REMOVE;
}

void
sg_gateway_lost_passt (SgGateway *gateway)
{
  g_autofree char *words = sg_gateway_passt_words (gateway), *message = NULL;

  if (g_get_monotonic_time () - gateway->started > PASST_STAYS_USEC)
    gateway->tries = 0;
  end_passt (gateway);
  if (++gateway->tries < PASST_TRIES)
    {
      g_clear_handle_id (&gateway->retry, g_source_remove); /* the gate may say it twice */
      gateway->retry = g_timeout_add (PASST_RETRY_MSEC * gateway->tries, try_again, gateway);
      return;
    }
  message = g_strdup_printf ("The sandbox has lost its way to the network (passt: %s). It is tried "
                             "again when this computer's network changes",
                             words != NULL ? words : "it gives no reason");
  gateway->funcs->notice ("network", message, gateway->data);
}

/* One that knows all families that the host has a way out by, or none where it has none. */
void
sg_gateway_consider_passt (SgGateway *gateway)
{
  g_autoptr (GError) error = NULL;

  if ((!gateway->ipv4 && !gateway->ipv6) || gateway->retry != 0 || gateway->switched
      || (gateway->passt != NULL && gateway->kill == 0 && gateway->ipv4 <= gateway->passt_ipv4
          && gateway->ipv6 <= gateway->passt_ipv6))
    return;
  if (!replace_passt (gateway, &error))
    gateway->funcs->notice ("network", error->message, gateway->data);
}

void
sg_gateway_keep_forwards (SgGateway *gateway, const SgPasstForward *forwards, gsize n)
{
  g_free (gateway->forwards);
  gateway->forwards = g_memdup2 (forwards, n * sizeof *forwards);
  gateway->n_forwards = n;
}

gboolean
sg_gateway_forward (SgGateway *gateway, const SgPasstForward *forwards, gsize n, GError **error)
{
  sg_gateway_keep_forwards (gateway, forwards, n);
  gateway->tries = 0;
  if (gateway->ipv4 || gateway->ipv6)
    return replace_passt (gateway, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
               "This computer has no network now; try again when it has");
  return FALSE;
}

gboolean
sg_gateway_switch (SgGateway *gateway, int stream, GError **error)
{
  gboolean before = gateway->switched;

  gateway->switched = stream >= 0;
  if (stream >= 0)
    {
      gateway->again = FALSE;
      sg_gateway_forget_passt (gateway);
      return sg_gate_send (gateway->control, SG_GATE_SWITCH, g_variant_new ("()"), stream, error);
    }
  if (!before)
    return TRUE;
  gateway->tries = 0;
  if (!sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), -1, error))
    return FALSE;
  sg_gateway_consider_passt (gateway);
  return TRUE;
}
