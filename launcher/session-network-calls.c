/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A person may switch the network of a sandbox as they like, within what the administrator allows:
 * a switch is judged as if the sandbox were opened with it. */
#include "launcher/session-network-calls.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/netgate/addresses.h"
#include "launcher/passed-fd.h"

#include <gio/gunixfdlist.h>

/* Of what is stopped a person is told this often at most; the record has all. */
#define TELL_USEC (30 * G_USEC_PER_SEC)

/* --- what the uplink says -----------------------------------------------------------------------
 */

static void
on_changed (gpointer data)
{
  SgSession *session = data;
  static const char *const none[] = { NULL }, *const own[]
                                              = { SG_GATE_GUEST4, SG_GATE_GUEST6, NULL };
  SgGateMode mode = sg_uplink_mode (session->uplink);
  const char *between[]
      = { sg_uplink_own_address (session->uplink), sg_uplink_own_address6 (session->uplink), NULL };

  sg_session1_set_network_mode (session->object, sg_gate_mode_name (mode));
  sg_session1_set_network_through (session->object, sg_uplink_through (session->uplink));
  sg_session1_set_network_addresses (session->object, mode == SG_GATE_OFF       ? none
                                                      : mode == SG_GATE_PRIVATE ? between
                                                                                : own);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  SgSession *session = data;

  if (session->state < SG_STATE_ENDING)
    sg_session1_emit_notice (session->object, kind, message);
}

/* What every desktop sends to its neighbours by itself is no news. */
static gboolean
is_news (const char *reason)
{
  static const char *const news[]
      = { "private",    "carrier",         "metadata", "host",          "host-route",
          "not-listed", "no-sandbox",      "tunnel",   "rebinding",     "local-name",
          "byte-rate",  "connection-rate", "no-route", "dns-elsewhere", NULL };

  return g_strv_contains (news, reason);
}

static void
on_blocked (GVariant *what, gpointer data)
{
  SgSession *session = data;
  const char *address, *name, *reason, *sentence, *source;
  g_autofree char *place = NULL, *words = NULL;
  guint8 protocol;
  guint16 port;

  g_variant_get (what, "(&s&syq&s&s&s)", &address, &name, &protocol, &port, &reason, &sentence,
                 &source);
  if (session->state >= SG_STATE_ENDING)
    return;
  sg_session1_emit_network_blocked (session->object, address, name, protocol, port, reason,
                                    sentence, source);
  if (!is_news (reason) || g_get_monotonic_time () - session->blocked_told < TELL_USEC)
    return;
  session->blocked_told = g_get_monotonic_time ();
  place = sg_printable_line (*name != '\0' ? name : address);
  words = g_strdup_printf ("The sandbox tried to reach %s, which was stopped. %s. (All of that: "
                           "sandglass network %s)",
                           place, sentence, sg_session1_get_id (session->object));
  sg_session1_emit_notice (session->object, "network-blocked", words);
}

SgUplink *
sg_network_calls_new (SgSession *session)
{
  static const SgUplinkFuncs funcs = { on_changed, on_blocked, on_notice };

  return sg_uplink_new (&funcs, session);
}

/* --- calls --------------------------------------------------------------------------------------
 */

/* TRUE when there is nothing to do but this answer. */
static gboolean
cannot (SgSession *session, GDBusMethodInvocation *invocation)
{
  const char *failure = sg_session1_get_failure (session->object);

  if (session->state < SG_STATE_ENDING && session->uplink != NULL && session->enforce != NULL)
    return FALSE;
  if (session->state < SG_STATE_ENDING)
    failure = "The sandbox is only just beginning to start; try again";
  g_dbus_method_invocation_return_error_literal (
      invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
      failure != NULL && *failure != '\0' ? failure : "The sandbox is gone");
  return TRUE;
}

/* The hosts that may be reached, or NULL: by the same rules as at the start. */
static char **
judge (SgSession *session, const char *word, const char *const *hosts, SgGateMode *ret_mode,
       GError **error)
{
  const SgGranted *granted = sg_enforce_granted (session->enforce);
  g_autoptr (SgProfile) profile = sg_profile_new ("this switch");
  g_autoptr (SgGrants) grants = NULL;
  g_autofree char *who = NULL;
  SgNetwork network;

  if (!sg_ask_network_parse (word, &network, error)
      || !sg_ask_network (profile, word, hosts, error))
    return NULL;
  grants = sg_grants_new (&granted->defaults, profile, granted->policy);
  *ret_mode = sg_network_calls_mode (network);
  if (*ret_mode == SG_GATE_OFF || sg_grants_number (grants, SG_SETTING_NETWORK) == network)
    return g_strdupv (grants->hosts);
  who = sg_reason_sentence (&grants->settings[SG_SETTING_NETWORK].reason);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "The sandbox may not have this network (%s). %s", word, who);
  return NULL;
}

static void
switched (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  GError *error = NULL;

  if (sg_uplink_set_finish (result, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_dbus_method_invocation_take_error (invocation, error);
}

static gboolean
on_network (SgSession1 *object, GDBusMethodInvocation *invocation, const char *word,
            const char *const *hosts, SgSession *session)
{
  g_auto (GStrv) allowed = NULL;
  SgGateMode mode = SG_GATE_OFF;
  GError *error = NULL;

  if (cannot (session, invocation))
    return TRUE;
  if (g_str_equal (word, "on"))
    word = sg_gate_mode_name (sg_uplink_last (session->uplink));
  if (hosts[0] == NULL && g_str_equal (word, "allowlist"))
    hosts = sg_uplink_last_hosts (session->uplink);
  allowed = judge (session, word, hosts, &mode, &error);
  if (allowed == NULL)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    sg_uplink_set_async (session->uplink, mode, (const char *const *)allowed, switched, invocation);
  return TRUE;
}

static void
forwarded (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  SgSession *session = g_object_get_data (G_OBJECT (invocation), "session");
  GError *error = NULL;

  if (!sg_uplink_forward_finish (result, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  if (session->uplink != NULL)
    sg_session1_set_forwards (session->object, sg_uplink_forwards (session->uplink));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
on_forward (SgSession1 *object, GDBusMethodInvocation *invocation, guint16 host, guint16 guest,
            SgSession *session)
{
  if (cannot (session, invocation))
    return TRUE;
  if (host == 0 || guest == 0)
    {
      g_dbus_method_invocation_return_error_literal (
          invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Ports are from 1 to 65535");
      return TRUE;
    }
  g_object_set_data (G_OBJECT (invocation), "session", session);
  sg_uplink_forward_async (session->uplink, host, guest, forwarded, invocation);
  return TRUE;
}

static void
listed (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  GError *error = NULL;
  g_autoptr (GVariant) records = sg_uplink_records_finish (result, &error);

  if (records == NULL)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(@a" SG_GATE_TYPE_RECORD ")", records));
}

static gboolean
on_records (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (!cannot (session, invocation))
    sg_uplink_records_async (session->uplink, listed, invocation);
  return TRUE;
}

static gboolean
on_capture (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, GVariant *file,
            guint64 limit, SgSession *session)
{
  GError *error = NULL;
  sg_fd int fd = -1;

  if (session->uplink == NULL && session->state < SG_STATE_ENDING)
    session->uplink = sg_network_calls_new (session);
  if (session->uplink == NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "The sandbox is gone");
  else
    fd = sg_passed_fd (fds, g_variant_get_handle (file), "The call carries no file", &error);
  if (fd >= 0 && sg_uplink_capture (session->uplink, fd, limit, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

void
sg_network_calls_connect (SgSession *session)
{
  static const char *const none[] = { NULL };

  sg_session1_set_network_mode (session->object, sg_gate_mode_name (SG_GATE_OFF));
  sg_session1_set_network_through (session->object, "");
  sg_session1_set_network_addresses (session->object, none);
  sg_session1_set_forwards (session->object, g_variant_new ("a(qq)", NULL));
  g_signal_connect (session->object, "handle-network", G_CALLBACK (on_network), session);
  g_signal_connect (session->object, "handle-forward", G_CALLBACK (on_forward), session);
  g_signal_connect (session->object, "handle-network-records", G_CALLBACK (on_records), session);
  g_signal_connect (session->object, "handle-network-capture", G_CALLBACK (on_capture), session);
}
