/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/qmp.h"

JsonNode *
sg_qmp_args (const char *format, ...)
{
  g_autoptr (GVariant) variant = NULL;
  va_list args;

  va_start (args, format);
  variant = g_variant_ref_sink (g_variant_new_parsed_va (format, &args));
  va_end (args);
  return json_gvariant_serialize (variant);
}

/* The member when it has that type. */
static JsonNode *
member_of (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == type ? node : NULL;
}

const char *
sg_qmp_string (JsonObject *object, const char *member)
{
  JsonNode *node = member_of (object, member, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : "";
}

gint64
sg_qmp_int (JsonObject *object, const char *member, gint64 otherwise)
{
  JsonNode *node = member_of (object, member, G_TYPE_INT64);

  return node != NULL ? json_node_get_int (node) : otherwise;
}

gboolean
sg_qmp_boolean (JsonObject *object, const char *member)
{
  JsonNode *node = member_of (object, member, G_TYPE_BOOLEAN);

  return node != NULL && json_node_get_boolean (node);
}
