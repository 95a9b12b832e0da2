/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two calls, so that a time zone that is not there does not keep sudo from being taken away. */
#include "launcher/enforce-inside.h"

#include <string.h>

#define USER "sandbox"

/* --- what to tell -------------------------------------------------------------------------------
 */

GVariant *
sg_enforce_demands (const SgGrants *grants)
{
  GVariantDict dict;

  if (sg_grants_number (grants, SG_SETTING_ADMINISTRATOR) != 0)
    return NULL;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "administrator", "b", FALSE);
  return g_variant_dict_end (&dict);
}

char *
sg_enforce_keyboard (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_autoptr (GString) layouts = g_string_new (NULL), variants = g_string_new (NULL);
  gboolean any = strchr (text, '(') != NULL;

  if (strchr (text, ':') != NULL) /* the agent's own way */
    return g_strdup (text);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *layout = g_strstrip (parts[i]), *open = strchr (layout, '(');
      char *close = open != NULL ? strchr (open, ')') : NULL;

      if (open != NULL)
        *open++ = '\0';
      if (close != NULL)
        *close = '\0';
      g_string_append_printf (layouts, "%s%s", i > 0 ? "," : "", layout);
      g_string_append_printf (variants, "%s%s", i > 0 ? "," : "", open != NULL ? open : "");
    }
  return any ? g_strdup_printf ("%s:%s", layouts->str, variants->str) : g_strdup (layouts->str);
}

GVariant *
sg_enforce_wishes (const SgGrants *grants, const SgLook *look, gboolean program)
{
  const char *keyboard = sg_grants_text (grants, SG_SETTING_KEYBOARD);
  const char *locale = sg_grants_text (grants, SG_SETTING_LOCALE);
  const char *zone = sg_grants_text (grants, SG_SETTING_TIME_ZONE);
  g_autofree char *layout = keyboard != NULL ? sg_enforce_keyboard (keyboard) : NULL;
  GVariantDict dict;
  GVariant *wishes;

  g_variant_dict_init (&dict, NULL);
  if (layout != NULL)
    g_variant_dict_insert (&dict, "keyboard", "s", layout);
  if (locale != NULL)
    g_variant_dict_insert (&dict, "locale", "s", locale);
  if (zone != NULL)
    g_variant_dict_insert (&dict, "timezone", "s", zone);
  if (look != NULL)
    sg_look_settings (look, layout == NULL, &dict);
  if (program)
    g_variant_dict_insert (&dict, "program", "b", TRUE);
  wishes = g_variant_dict_end (&dict);
  if (g_variant_n_children (wishes) == 0)
    g_clear_pointer (&wishes, g_variant_unref);
  return wishes;
}

GVariant *
sg_enforce_look_again (const SgLook *look, gboolean program)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "look", sg_look_again (look));
  if (program)
    g_variant_dict_insert (&dict, "program", "b", TRUE);
  return g_variant_dict_end (&dict);
}

gboolean
sg_enforce_user (const SgGrants *grants, const char *user, GError **error)
{
  g_autofree char *who = NULL;

  if (user == NULL || g_str_equal (user, USER) || grants == NULL
      || sg_grants_number (grants, SG_SETTING_ADMINISTRATOR) != 0)
    return TRUE;
  who = sg_reason_sentence (&grants->settings[SG_SETTING_ADMINISTRATOR].reason);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "In this sandbox commands run only as the user '" USER "', not as '%s': there is no "
               "administrator inside. %s",
               user, who);
  return FALSE;
}

/* --- telling it ---------------------------------------------------------------------------------
 */

typedef struct
{
  GVariant *wishes; /* owned; NULL: none */
  char *notice;     /* owned */
} Telling;

static void
telling_free (gpointer data)
{
  Telling *telling = data;

  g_clear_pointer (&telling->wishes, g_variant_unref);
  g_free (telling->notice);
  g_free (telling);
}

static void
wished (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Telling *telling = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (source), result, &error);

  if (answer == NULL)
    telling->notice = g_strdup_printf ("The sandbox opens with this computer's own keyboard, "
                                       "language or time zone: %s",
                                       error->message);
  g_task_return_boolean (task, TRUE);
}

/* Takes TASK. */
static void
tell_wishes (GTask *task)
{
  Telling *telling = g_task_get_task_data (task);

  if (telling->wishes != NULL)
    {
      sg_agent_call_async (g_task_get_source_object (task), "settings", telling->wishes,
                           g_task_get_cancellable (task), wished, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
demanded (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (source), result, &error);

  if (answer != NULL)
    {
      tell_wishes (task);
      return;
    }
  g_prefix_error (&error, "The sandbox does not open, because its user could not be kept from "
                          "becoming the administrator: ");
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
sg_enforce_inside_async (SgAgent *agent, const SgGrants *grants, const SgLook *look,
                         gboolean program, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Telling *telling = g_new0 (Telling, 1);
  GVariant *demands = grants != NULL ? sg_enforce_demands (grants) : NULL;
  GVariant *wishes = grants != NULL ? sg_enforce_wishes (grants, look, program) : NULL;

  telling->wishes = wishes != NULL ? g_variant_ref_sink (wishes) : NULL;
  g_task_set_task_data (task, telling, telling_free);
  if (demands != NULL)
    sg_agent_call_async (agent, "settings", demands, cancellable, demanded, task);
  else
    tell_wishes (task);
}

gboolean
sg_enforce_inside_finish (SgAgent *agent, GAsyncResult *result, char **ret_notice, GError **error)
{
  Telling *telling = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  *ret_notice = g_steal_pointer (&telling->notice);
  return g_task_propagate_boolean (G_TASK (result), error);
}
