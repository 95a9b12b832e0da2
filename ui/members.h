/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON that another program of ours printed.  json-glib's typed getters complain on
 * stderr about a member of another type; these do not.  Inline, as each of their users needs but
 * some. */
#pragma once

#include <json-glib/json-glib.h>

/* NULL: OBJECT is, or it has no text of that name. */
static inline const char *
text_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static inline gboolean
true_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}
