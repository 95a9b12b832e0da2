/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/ticket.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/utsname.h>

/* --- covering --- */

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (c & 0x80) != 0;
}

/* Puts INSTEAD for WHAT wherever it is a word of its own; with TAIL also for what follows it up to
 * the end of a path. */
static char *
put_instead (const char *text, const char *what, const char *instead, gboolean tail)
{
  GString *out = g_string_new (NULL);
  gsize length = what != NULL ? strlen (what) : 0;

  for (const char *p = text; *p != '\0';)
    {
      gboolean here = length > 1 && strncmp (p, what, length) == 0
                      && (p == text || !is_word (p[-1])) && !is_word (p[length]);

      if (!here)
        {
          g_string_append_c (out, *p++);
          continue;
        }
      p += length;
      if (tail && *p == '/' && p[1] != '\0' && strchr (" \n\t'\"", p[1]) == NULL)
        {
          char before = p - length > text ? p[-(gssize)length - 1] : ' ';

          /* A name can hold blanks: what is quoted goes up to its quote, else up to a blank. */
          g_string_append (out, instead);
          p += strcspn (p, before == '\'' ? "'\n" : before == '"' ? "\"\n" : " \n\t:,;)");
        }
      else
        g_string_append (out, tail ? "~" : instead);
    }
  return g_string_free (out, FALSE);
}

char *
sg_ticket_cover (const char *text, const SgTicketSecrets *secrets)
{
  g_autofree char *paths = put_instead (text, secrets->home, "~/(left out)", TRUE);
  g_autofree char *tilde = put_instead (paths, secrets->user, "(user)", FALSE);

  return put_instead (tilde, secrets->host, "(this computer)", FALSE);
}

/* --- the computer --- */

char *
sg_ticket_computer (GPtrArray *findings)
{
  GString *out = g_string_new ("Sandglass " SG_VERSION "\n");
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  struct utsname name = { 0 };

  uname (&name);
  g_string_append_printf (out, "System: %s\nKernel: %s %s\n", system != NULL ? system : "unknown",
                          name.release, name.machine);
  g_string_append (out, "\nThis computer:\n");
  for (guint i = 0; i < findings->len; i++)
    {
      const SgFinding *finding = findings->pdata[i];

      g_string_append_printf (out, "  %-3s  %-28s  %s\n", finding->met ? "yes" : "NO", finding->id,
                              finding->found);
    }
  return g_string_free (out, FALSE);
}

/* --- a session --- */

static JsonObject *
object_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* Texts are names that a person gave: whether they are set is enough. */
static char *
value_words (JsonNode *value)
{
  static const char *const told[]
      = { "on",  "off",   "none",     "internet", "lan",    "allowlist", "private", "paste",
          "ask", "allow", "required", "usual",    "window", "command",   "idle",    NULL };

  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return g_strdup ("not set");
  if (json_node_get_value_type (value) != G_TYPE_STRING)
    return json_to_string (value, FALSE);
  return g_strdup (
      g_strv_contains (told, json_node_get_string (value)) ? json_node_get_string (value) : "set");
}

static void
add_setting (JsonObject *settings, const char *name, JsonNode *node, gpointer data)
{
  JsonObject *setting = object_of (node);
  JsonObject *reason
      = setting != NULL ? object_of (json_object_get_member (setting, "reason")) : NULL;
  const char *by = text_of (reason, "by"), *rule = text_of (reason, "rule");
  g_autofree char *words
      = value_words (setting != NULL ? json_object_get_member (setting, "value") : NULL);
  gboolean policy = g_strcmp0 (by, "policy") == 0;

  g_string_append_printf (data, "  %-24s  %-10s  %s%s%s\n", name, words, by != NULL ? by : "?",
                          policy && rule != NULL ? ", " : "", policy && rule != NULL ? rule : "");
}

static guint
length_of (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node)
             ? json_array_get_length (json_node_get_array (node))
             : 0;
}

static void
add_grants (GString *out, const char *json)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  JsonObject *grants = object_of (root);
  JsonObject *settings
      = grants != NULL ? object_of (json_object_get_member (grants, "settings")) : NULL;

  if (settings == NULL)
    return;
  g_string_append (out, "\nWhat it is given, and who decided:\n");
  json_object_foreach_member (settings, add_setting, out);
  g_string_append_printf (out, "  folders: %u, commands: %u, allowed hosts: %u\n",
                          length_of (grants, "folders"), length_of (grants, "commands"),
                          length_of (grants, "allowed-hosts"));
}

static void
add_step (JsonArray *steps, guint i, JsonNode *node, gpointer data)
{
  JsonObject *step = object_of (node);
  JsonNode *code = step != NULL ? json_object_get_member (step, "exit-code") : NULL;
  const char *state = text_of (step, "state");
  g_autofree char *number = code != NULL ? json_to_string (code, FALSE) : g_strdup ("null");

  g_string_append_printf (data, "  %u  %s, exit code %s\n", i + 1, state != NULL ? state : "?",
                          number);
}

static void
add_steps (GString *out, const char *json)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);

  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root)
      || json_array_get_length (json_node_get_array (root)) == 0)
    return;
  g_string_append (out, "\nIts commands (without their words):\n");
  json_array_foreach_element (json_node_get_array (root), add_step, out);
}

char *
sg_ticket_session (GVariant *properties)
{
  static const char *const told[]
      = { "Id", "State", "Stage", "Failure", "Accelerator", "AcceleratorReason", "NetworkMode" };
  GString *out = g_string_new ("\nThe sandbox:\n");
  const char *grants = NULL, *steps = NULL;
  gint64 started = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    {
      const char *value = NULL;

      if (g_variant_lookup (properties, told[i], "&s", &value) && *value != '\0')
        g_string_append_printf (out, "  %s: %s\n", told[i], value);
    }
  if (g_variant_lookup (properties, "StartedAt", "x", &started) && started > 0)
    g_string_append_printf (out, "  Open for: %" G_GINT64_FORMAT " s\n",
                            (g_get_real_time () - started) / G_USEC_PER_SEC);
  if (g_variant_lookup (properties, "Grants", "&s", &grants))
    add_grants (out, grants);
  if (g_variant_lookup (properties, "Steps", "&s", &steps))
    add_steps (out, steps);
  return g_string_free (out, FALSE);
}
