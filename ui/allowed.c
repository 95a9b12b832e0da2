/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/allowed.h"

#include "ui/members.h"

#include <glib/gi18n.h>
#include <string.h>

#define GRANTS_MAX (1024 * 1024)

static JsonObject *
object_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static char *
administrator_sentence (JsonObject *reason)
{
  const char *file = text_member (reason, "file");
  JsonNode *line = reason != NULL ? json_object_get_member (reason, "line") : NULL;
  g_autofree char *base = file != NULL ? g_path_get_basename (file) : NULL;

  if (g_strcmp0 (text_member (reason, "by"), "policy") != 0)
    return NULL;
  if (base == NULL)
    return g_strdup (_ ("Set by your administrator."));
  if (line == NULL || json_node_get_value_type (line) != G_TYPE_INT64)
    return g_strdup_printf (_ ("Set by your administrator (%s)."), base);
  return g_strdup_printf (_ ("Set by your administrator (%s, line %d)."), base,
                          (int)json_node_get_int (line));
}

SgAllowed *
sg_allowed_find (const char *grants, const char *setting)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  SgAllowed *allowed = g_new0 (SgAllowed, 1);
  JsonNode *root;
  JsonObject *found;

  if (*grants == '\0' || strlen (grants) > GRANTS_MAX
      || !json_parser_load_from_data (parser, grants, -1, NULL))
    return allowed;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return allowed;
  found = object_member (object_member (json_node_get_object (root), "settings"), setting);
  allowed->value = g_strdup (text_member (found, "value"));
  allowed->administrator = administrator_sentence (object_member (found, "reason"));
  return allowed;
}

void
sg_allowed_free (SgAllowed *allowed)
{
  if (allowed == NULL)
    return;
  g_free (allowed->value);
  g_free (allowed->administrator);
  g_free (allowed);
}
