/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/usb-facts.h"

#include "ui/allowed.h"
#include "ui/members.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

/* More than any computer has. */
#define ROWS_MOST 256

void
sg_usb_row_free (SgUsbRow *row)
{
  if (row == NULL)
    return;
  g_free (row->at);
  g_free (row->name);
  g_free (row->why_not);
  g_free (row);
}

/* Kinds and reasons are marked where they are made (launcher/usb-device.c). */
static const char *
translated (const char *text)
{
  return text != NULL && *text != '\0' ? g_intern_string (_ (text)) : NULL;
}

/* The one with a name in it is made here. */
static char *
why_not (JsonObject *object)
{
  const char *why = text_member (object, "why-not"), *disk = text_member (object, "disk-in-use");

  if (why != NULL && disk != NULL && strstr (why, disk) != NULL)
    return g_strdup_printf (_ ("This computer uses its disk (%s); eject it first."), disk);
  if (g_strcmp0 (why, "It does not say what it is.") == 0)
    return g_strdup (_ ("It does not say what it is."));
  return g_strdup (translated (why));
}

static SgUsbRow *
row_parse (JsonObject *object)
{
  const char *at = text_member (object, "at"), *name = text_member (object, "name");
  SgUsbRow *row;

  if (at == NULL || name == NULL)
    return NULL;
  row = g_new0 (SgUsbRow, 1);
  row->at = g_strdup (at);
  row->name = sg_words_file (name);
  row->kind = translated (text_member (object, "kind"));
  row->why_not = why_not (object);
  row->given = true_member (object, "given");
  row->camera = true_member (object, "camera");
  return row;
}

GPtrArray *
sg_usb_rows_parse (JsonNode *answer)
{
  JsonNode *member = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                         ? json_object_get_member (json_node_get_object (answer), "devices")
                         : NULL;
  GPtrArray *rows;
  JsonArray *array;

  if (member == NULL || !JSON_NODE_HOLDS_ARRAY (member))
    return NULL;
  array = json_node_get_array (member);
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_usb_row_free);
  for (guint i = 0; i < MIN (json_array_get_length (array), ROWS_MOST); i++)
    {
      JsonNode *each = json_array_get_element (array, i);
      SgUsbRow *row = JSON_NODE_HOLDS_OBJECT (each) ? row_parse (json_node_get_object (each)) : NULL;

      if (row != NULL)
        g_ptr_array_add (rows, row);
    }
  return rows;
}

/* --- the bar --- */

void
sg_usb_light_clear (SgUsbLight *light)
{
  g_clear_pointer (&light->camera, g_free);
}

static gboolean
is_on (const char *grants, const char *setting)
{
  g_autoptr (SgAllowed) allowed = sg_allowed_find (grants, setting);

  return g_strcmp0 (allowed->value, "on") == 0;
}

void
sg_usb_light_init (SgUsbLight *light, const char *grants, GVariant *devices)
{
  gboolean usb = is_on (grants, "usb"), camera = is_on (grants, "video-input"), is_camera;
  GVariantIter iter;
  const char *name;

  *light = (SgUsbLight){ .granted = usb || camera, .only_cameras = camera && !usb };
  if (devices == NULL)
    return;
  g_variant_iter_init (&iter, devices);
  while (g_variant_iter_next (&iter, "(&s&sb)", NULL, &name, &is_camera))
    {
      light->n++;
      if (is_camera && light->camera == NULL)
        light->camera = sg_words_file (name);
    }
}
