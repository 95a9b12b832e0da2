/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/facts.h"

#include "ui/members.h"

static double
number_member (JsonObject *object, const char *name, double otherwise)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : otherwise;
}

static JsonObject *
object_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* --- the copy of this computer --- */

static SgCopyState
copy_state (const char *word)
{
  static const char *const words[] = {
    [SG_COPY_MISSING] = "missing",
    [SG_COPY_FRESH] = "fresh",
    [SG_COPY_STALE] = "stale",
    [SG_COPY_BROKEN] = "broken",
  };

  for (gsize i = SG_COPY_MISSING; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (word, words[i]) == 0)
      return i;
  return SG_COPY_UNKNOWN;
}

SgCopy *
sg_copy_parse (JsonNode *answer)
{
  JsonObject *object = object_of (answer);
  SgCopy *copy = g_new0 (SgCopy, 1);

  if (object == NULL)
    return copy;
  copy->state = copy_state (text_member (object, "state"));
  copy->why = g_strdup (text_member (object, "why"));
  copy->built_at = (gint64)number_member (object, "built-at", 0);
  return copy;
}

void
sg_copy_free (SgCopy *copy)
{
  if (copy == NULL)
    return;
  g_free (copy->why);
  g_free (copy);
}

/* --- building it --- */

SgStep
sg_step_parse (JsonNode *line)
{
  JsonObject *object = object_of (line);
  SgStep step = { .kind = SG_STEP_NONE, .fraction = -1 };

  if (object == NULL)
    return step;
  if ((step.text = text_member (object, "error")) != NULL)
    {
      step.kind = SG_STEP_ERROR;
      step.cancelled = true_member (object, "cancelled");
    }
  else if (true_member (object, "done"))
    step.kind = SG_STEP_DONE;
  else if ((step.text = text_member (object, "stage")) != NULL)
    {
      double fraction = number_member (object, "fraction", -1);

      step.kind = SG_STEP_STAGE;
      step.fraction = fraction >= 0 ? MIN (fraction, 1) : -1;
    }
  return step;
}

/* --- doctor --- */

static char *
copy_text (JsonObject *object, const char *name)
{
  const char *text = text_member (object, name);

  return g_strdup (text != NULL ? text : "");
}

static SgCheck *
check_parse (JsonObject *object)
{
  SgCheck *check = g_new0 (SgCheck, 1);
  const char *need = text_member (object, "need");

  check->id = copy_text (object, "id");
  check->title = copy_text (object, "title");
  check->found = copy_text (object, "found");
  check->means = g_strdup (text_member (object, "means"));
  check->mend = g_strdup (text_member (object, "mend"));
  check->met = true_member (object, "met");
  check->required = g_strcmp0 (need, "required") == 0;
  check->advice = g_strcmp0 (need, "advice") == 0;
  return check;
}

void
sg_check_free (SgCheck *check)
{
  if (check == NULL)
    return;
  g_free (check->id);
  g_free (check->title);
  g_free (check->found);
  g_free (check->means);
  g_free (check->mend);
  g_free (check);
}

GPtrArray *
sg_checks_parse (JsonNode *answer)
{
  JsonObject *object = object_of (answer);
  JsonNode *member = object != NULL ? json_object_get_member (object, "checks") : NULL;
  GPtrArray *checks;
  JsonArray *array;

  if (member == NULL || !JSON_NODE_HOLDS_ARRAY (member))
    return NULL;
  array = json_node_get_array (member);
  checks = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_check_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *each = object_of (json_array_get_element (array, i));
      if (each != NULL)
        g_ptr_array_add (checks, check_parse (each));
    }
  return checks;
}
