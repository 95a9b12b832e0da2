/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-profile-internal.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_TYPE (SgEditorProfile, sg_editor_profile, G_TYPE_OBJECT)

void
sg_editor_profile_touched (SgEditorProfile *self)
{
  self->changed = TRUE;
  sg_look_again (self->look);
  g_signal_emit_by_name (self, "changed");
}

/* What is an error in the file would keep the outcome from running, but it is not written back. */
static void
leave_out_errors (SgEditorProfile *self)
{
  GPtrArray *notes = self->look->profile->notes;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = notes->len; i > 0; i--)
    {
      const SgNote *note = notes->pdata[i - 1];
      g_autofree char *line = NULL;

      if (note->kind != SG_NOTE_ERROR)
        continue;
      line = g_strdup_printf (_ ("Line %u: %s"), note->line, note->message);
      g_string_prepend (text, "\n");
      g_string_prepend (text, line);
      g_ptr_array_remove_index (notes, i - 1);
    }
  if (text->len > 0)
    self->left_out = g_strdup (g_strchomp (text->str));
}

/* A folder that has no place here cannot be written back as something else. */
static void
leave_out_folders (SgProfile *profile)
{
  for (guint i = profile->folders->len; i > 0; i--)
    if (((const SgAskedFolder *)profile->folders->pdata[i - 1])->host_path == NULL)
      g_ptr_array_remove_index (profile->folders, i - 1);
}

SgEditorProfile *
sg_editor_profile_new (SgLook *look)
{
  SgEditorProfile *self = g_object_new (SG_TYPE_EDITOR_PROFILE, NULL);

  self->look = look;
  if (look->profile == NULL)
    look->profile = sg_profile_new (SG_EDITOR_NAME);
  self->read = g_strdup (look->profile->sha256);
  leave_out_errors (self);
  leave_out_folders (look->profile);
  self->usual = sg_grants_new (&look->defaults, NULL, NULL);
  sg_look_again (look);
  return self;
}

const SgLook *
sg_editor_profile_look (SgEditorProfile *self)
{
  return self->look;
}

const char *
sg_editor_profile_left_out (SgEditorProfile *self)
{
  return self->left_out;
}

gboolean
sg_editor_profile_is_changed (SgEditorProfile *self)
{
  return self->changed;
}

/* --- single settings --- */

gboolean
sg_editor_profile_asks (SgEditorProfile *self, SgSetting setting)
{
  return self->look->profile->settings[setting].asked;
}

gint64
sg_editor_profile_number (SgEditorProfile *self, SgSetting setting)
{
  const SgAsked *asked = &self->look->profile->settings[setting];

  if (asked->asked)
    return asked->value;
  /* A list of hosts alone means: only these. */
  if (setting == SG_SETTING_NETWORK)
    return sg_grants_number (self->look->grants, setting);
  return sg_grants_number (self->usual, setting);
}

const char *
sg_editor_profile_text (SgEditorProfile *self, SgSetting setting)
{
  const char *text = self->look->profile->settings[setting].text;

  return text != NULL ? text : "";
}

void
sg_editor_profile_set_number (SgEditorProfile *self, SgSetting setting, gint64 value)
{
  /* A number that happens to be what holds anyway is still one that was chosen. */
  gboolean is_number = sg_setting_info (setting)->kind == SG_KIND_NUMBER;

  if (value == sg_editor_profile_number (self, setting)
      && (!is_number || sg_editor_profile_asks (self, setting)))
    return;
  /* With hosts on the list, internet without a word would mean the list. */
  if (value == sg_grants_number (self->usual, setting) && !is_number
      && !(setting == SG_SETTING_NETWORK && self->look->profile->hosts->len > 0))
    sg_profile_unask (self->look->profile, setting);
  else
    sg_profile_ask (self->look->profile, setting, value, NULL);
  if (setting == SG_SETTING_LIFETIME && value != SG_LIFETIME_IDLE)
    sg_profile_unask (self->look->profile, SG_SETTING_IDLE_MINUTES);
  sg_editor_profile_touched (self);
}

void
sg_editor_profile_unset (SgEditorProfile *self, SgSetting setting)
{
  if (!sg_editor_profile_asks (self, setting))
    return;
  sg_profile_unask (self->look->profile, setting);
  sg_editor_profile_touched (self);
}

char *
sg_editor_profile_complaint (const SgProfile *profile)
{
  g_autofree char *xml = sg_profile_to_xml (profile);
  g_autoptr (SgProfile) again = NULL;
  g_autoptr (GError) error = NULL;
  SgProfileHost host;

  sg_profile_host_init (&host);
  again = sg_profile_parse (xml, strlen (xml), SG_EDITOR_NAME, &host, &error);
  if (again == NULL)
    return g_strdup (error->message);
  for (guint i = 0; i < again->notes->len; i++)
    {
      const SgNote *note = again->notes->pdata[i];

      if (note->kind == SG_NOTE_ERROR)
        return g_strdup (note->message);
    }
  return NULL;
}

gboolean
sg_editor_profile_set_text (SgEditorProfile *self, SgSetting setting, const char *text,
                            char **ret_why)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  *ret_why = NULL;
  if (g_str_equal (stripped, sg_editor_profile_text (self, setting)))
    return TRUE;
  if (*stripped == '\0')
    {
      sg_editor_profile_unset (self, setting);
      return TRUE;
    }
  /* The one who reads it decides what is right. */
  g_autoptr (SgProfile) alone = sg_profile_new (SG_EDITOR_NAME);
  sg_profile_ask_text (alone, setting, stripped, NULL);
  *ret_why = sg_editor_profile_complaint (alone);
  if (*ret_why != NULL)
    return FALSE;
  sg_profile_ask_text (self->look->profile, setting, stripped, NULL);
  sg_editor_profile_touched (self);
  return TRUE;
}

gboolean
sg_editor_profile_may (SgEditorProfile *self, SgSetting setting, gint64 value, char **ret_why)
{
  SgReason reason = { 0 };
  gboolean may = sg_policy_would_allow (self->look->policy, setting, value, &reason);

  if (!may && ret_why != NULL)
    *ret_why = sg_reason_sentence (&reason);
  sg_reason_clear (&reason);
  return may;
}

/* Limits are ceilings: what is below one that is allowed is allowed. */
gint64
sg_editor_profile_most (SgEditorProfile *self, SgSetting setting, char **ret_why)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  gint64 low = info->least - 1, high = info->most;

  if (sg_editor_profile_may (self, setting, high, ret_why))
    return high;
  while (high - low > 1)
    {
      gint64 middle = low + (high - low) / 2;

      if (sg_editor_profile_may (self, setting, middle, NULL))
        low = middle;
      else
        high = middle;
    }
  return low;
}

void
sg_editor_profile_reset (SgEditorProfile *self)
{
  sg_profile_free (self->look->profile);
  self->look->profile = sg_profile_new (SG_EDITOR_NAME);
  sg_editor_profile_touched (self);
}

/* --- the object --- */

static void
sg_editor_profile_finalize (GObject *object)
{
  SgEditorProfile *self = SG_EDITOR_PROFILE (object);

  sg_look_free (self->look);
  sg_grants_free (self->usual);
  g_free (self->left_out);
  g_free (self->read);
  G_OBJECT_CLASS (sg_editor_profile_parent_class)->finalize (object);
}

static void
sg_editor_profile_class_init (SgEditorProfileClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_editor_profile_finalize;
  g_signal_new ("changed", SG_TYPE_EDITOR_PROFILE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
sg_editor_profile_init (SgEditorProfile *self)
{
}
