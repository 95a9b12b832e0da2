/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session's words about names and addresses come from inside in the end: printed harmlessly. */
#include "launcher/cmd-network.h"

#include "common/json-members.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/cmd-words.h"

#include <json-glib/json-glib.h>
#include <netinet/in.h>
#include <stdio.h>

#define ANSWER_MSEC 5000
/* Plugging the card in and setting it up inside takes seconds under emulation. */
#define SWITCH_MSEC 120000
#define RECORDS "a(ssttttxxyqsss)"

typedef struct
{
  const char *address, *name;
  guint64 out, in, connections, blocked;
  gint64 first, last;
  guint8 protocol;
  guint16 port;
  const char *reason, *sentence, *source;
} Record;

/* --- asking -------------------------------------------------------------------------------------
 */

static const char *
text_fact (GVariantDict *facts, const char *name)
{
  const char *text = "";

  g_variant_dict_lookup (facts, name, "&s", &text);
  return text;
}

static char **
addresses_of (GVariantDict *facts)
{
  char **addresses = NULL;

  if (!g_variant_dict_lookup (facts, "NetworkAddresses", "^as", &addresses))
    addresses = g_new0 (char *, 1);
  return addresses;
}

static GVariant *
ask_records (GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) reply = sg_client_call (
      connection, "NetworkRecords", NULL, G_VARIANT_TYPE ("(" RECORDS ")"), ANSWER_MSEC, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

static gboolean
next (GVariantIter *iter, Record *r)
{
  return g_variant_iter_next (iter, "(&s&sttttxxyq&s&s&s)", &r->address, &r->name, &r->out, &r->in,
                              &r->connections, &r->blocked, &r->first, &r->last, &r->protocol,
                              &r->port, &r->reason, &r->sentence, &r->source);
}

static const char *
protocol_name (guint8 protocol)
{
  switch (protocol)
    {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return "ping";
    default:
      return "";
    }
}

/* --- text ---------------------------------------------------------------------------------------
 */

static void
print_record (const Record *r)
{
  g_autofree char *name = sg_printable_line (r->name), *address = sg_printable_line (r->address);
  g_autofree char *sentence = sg_printable_line (r->sentence);

  printf ("%-30s  %-24s  %10.1f  %10.1f  %5" G_GUINT64_FORMAT, *name != '\0' ? name : "-",
          *address != '\0' ? address : "-", (double)r->out / 1000, (double)r->in / 1000,
          r->connections);
  if (r->blocked > 0)
    printf ("  stopped %" G_GUINT64_FORMAT " times (%s port %u): %s", r->blocked,
            protocol_name (r->protocol), r->port, sentence);
  putchar ('\n');
}

static void
print_text (GVariantDict *facts, GVariant *records)
{
  g_auto (GStrv) addresses = addresses_of (facts);
  g_autofree char *own = g_strjoinv (", ", addresses);
  g_autofree char *through = sg_printable_line (text_fact (facts, "NetworkThrough"));
  GVariantIter iter;
  Record r;

  printf ("Network:    %s%s%s\n", text_fact (facts, "NetworkMode"),
          *through != '\0' ? ", through " : "", through);
  if (*own != '\0')
    printf ("Addresses:  %s\n", own);
  g_variant_iter_init (&iter, records);
  if (g_variant_n_children (records) > 0)
    printf ("\n%-30s  %-24s  %10s  %10s  %5s\n", "NAME", "ADDRESS", "OUT (KB)", "IN (KB)", "CONN.");
  while (next (&iter, &r))
    print_record (&r);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void
add_record (JsonBuilder *builder, const Record *r)
{
  json_builder_begin_object (builder);
  sg_json_text (builder, "name", r->name);
  sg_json_text (builder, "address", r->address);
  sg_json_number (builder, "bytes-out", (gint64)r->out);
  sg_json_number (builder, "bytes-in", (gint64)r->in);
  sg_json_number (builder, "connections", (gint64)r->connections);
  sg_json_number (builder, "blocked", (gint64)r->blocked);
  sg_json_number (builder, "first", r->first);
  sg_json_number (builder, "last", r->last);
  sg_json_text (builder, "protocol", protocol_name (r->protocol));
  sg_json_number (builder, "port", r->port);
  sg_json_text (builder, "reason", r->reason);
  sg_json_text (builder, "reason-sentence", r->sentence);
  sg_json_text (builder, "reason-source", r->source);
  json_builder_end_object (builder);
}

static void
add_forwards (JsonBuilder *builder, GVariantDict *facts)
{
  g_autoptr (GVariant) forwards
      = g_variant_dict_lookup_value (facts, "Forwards", G_VARIANT_TYPE ("a(qq)"));
  GVariantIter iter;
  guint16 host, guest;

  json_builder_set_member_name (builder, "forwards");
  json_builder_begin_array (builder);
  if (forwards != NULL)
    g_variant_iter_init (&iter, forwards);
  while (forwards != NULL && g_variant_iter_next (&iter, "(qq)", &host, &guest))
    {
      json_builder_begin_object (builder);
      sg_json_number (builder, "host-port", host);
      sg_json_number (builder, "guest-port", guest);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_json (GVariantDict *facts, GVariant *records)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_auto (GStrv) addresses = addresses_of (facts);
  GVariantIter iter;
  Record r;

  json_builder_begin_object (builder);
  sg_json_text (builder, "mode", text_fact (facts, "NetworkMode"));
  sg_json_text (builder, "through", text_fact (facts, "NetworkThrough"));
  json_builder_set_member_name (builder, "addresses");
  json_builder_begin_array (builder);
  for (char **address = addresses; *address != NULL; address++)
    json_builder_add_string_value (builder, *address);
  json_builder_end_array (builder);
  add_forwards (builder, facts);
  json_builder_set_member_name (builder, "records");
  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, records);
  while (next (&iter, &r))
    add_record (builder, &r);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

/* --- network ------------------------------------------------------------------------------------
 */

static gboolean
show (GDBusConnection *connection, gboolean json, GError **error)
{
  g_autoptr (GVariant) properties = sg_client_properties (connection, error);
  g_autoptr (GVariant) records = properties != NULL ? ask_records (connection, error) : NULL;
  g_autoptr (GVariantDict) facts = NULL;

  if (records == NULL)
    return FALSE;
  facts = g_variant_dict_new (properties);
  if (json)
    print_json (facts, records);
  else
    print_text (facts, records);
  return TRUE;
}

static gboolean
switch_to (GDBusConnection *connection, const char *mode, char **hosts, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (GVariant) reply = sg_client_call (
      connection, "Network",
      g_variant_new ("(s^as)", mode, hosts != NULL ? (const char *const *)hosts : none), NULL,
      SWITCH_MSEC, error);

  return reply != NULL;
}

int
sg_cmd_network (int argc, char **argv)
{
  gboolean json = FALSE, ok;
  g_auto (GStrv) words = NULL, hosts = NULL;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "For programs", NULL },
          { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &hosts,
            "With allowlist: may reach HOST (\"example.org\", \"*.example.org\", an address)",
            "HOST" },
          { NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  guint n;

  if (!sg_cmd_words (
          argv, "ID [off|on|internet|lan|allowlist|private]",
          "Shows what a sandbox reached on the network and what was stopped, or switches its\n"
          "network: off and on (as it was before), internet (without your local network), lan\n"
          "(with it), allowlist (the hosts named with --allow), private (your other sandboxes "
          "that\n"
          "are in this mode, and nothing else). A switch holds at once, for open connections too.",
          entries, &words))
    return SG_EXIT_USAGE;
  n = g_strv_length (words);
  if (n < 2 || n > 3 || (n == 2 && hosts != NULL))
    {
      sg_report_text ("network takes the id of a sandbox, and maybe off, on, internet, lan, "
                      "allowlist or private; `sandglass list` shows the sandboxes that are open");
      return SG_EXIT_USAGE;
    }
  connection = sg_cmd_reach (words[1], &error);
  ok = connection != NULL
       && (n == 3 ? switch_to (connection, words[2], hosts, &error)
                  : show (connection, json, &error));
  if (ok)
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}

/* --- ip, forward --------------------------------------------------------------------------------
 */

int
sg_cmd_ip (int argc, char **argv)
{
  g_auto (GStrv) words = NULL, addresses = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariantDict) facts = NULL;

  if (!sg_cmd_words (
          argv, "ID",
          "Prints a sandbox's addresses. Every sandbox has the same, in a small network of its\n"
          "own that nobody else is in; to reach a program inside: sandglass forward. In a network\n"
          "of mode private each has addresses of its own, and the name sandbox-ID, for the others "
          "in it.",
          NULL, &words))
    return SG_EXIT_USAGE;
  if (g_strv_length (words) != 2)
    {
      sg_report_text ("ip takes the id of a sandbox");
      return SG_EXIT_USAGE;
    }
  connection = sg_cmd_reach (words[1], &error);
  properties = connection != NULL ? sg_client_properties (connection, &error) : NULL;
  if (properties == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  facts = g_variant_dict_new (properties);
  addresses = addresses_of (facts);
  for (char **address = addresses; *address != NULL; address++)
    puts (*address);
  if (*addresses != NULL)
    return SG_EXIT_OK;
  sg_report_text ("the sandbox's network is off; to switch it on: sandglass network %s on",
                  words[1]);
  return SG_EXIT_FAILED;
}

/* "8080:80", or "80" for both. */
static gboolean
parse_ports (const char *text, guint16 *host, guint16 *guest)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint n = g_strv_length (parts);
  guint64 values[2];

  if (n < 1 || n > 2)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 1, G_MAXUINT16, &values[i], NULL))
      return FALSE;
  *host = (guint16)values[0];
  *guest = (guint16)values[n - 1];
  return TRUE;
}

int
sg_cmd_forward (int argc, char **argv)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) reply = NULL;
  guint16 host, guest;

  if (!sg_cmd_words (
          argv, "ID HOSTPORT:GUESTPORT",
          "Lets programs on this computer, and only they, reach a port inside a sandbox:\n"
          "connections to 127.0.0.1:HOSTPORT arrive at GUESTPORT. The sandbox's network must be\n"
          "on; its open connections end.",
          NULL, &words))
    return SG_EXIT_USAGE;
  if (g_strv_length (words) != 3 || !parse_ports (words[2], &host, &guest))
    {
      sg_report_text ("forward takes the id of a sandbox and two ports, as in 8080:80");
      return SG_EXIT_USAGE;
    }
  connection = sg_cmd_reach (words[1], &error);
  if (connection != NULL)
    reply = sg_client_call (connection, "Forward", g_variant_new ("(qq)", host, guest), NULL,
                            SWITCH_MSEC, &error);
  if (reply != NULL)
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
