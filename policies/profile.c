/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile as a value, and what fills it without a file. */
#include "policies/hosts.h"
#include "policies/profile-internal.h"

/* A shorter prefix is no company's. */
#define NETWORK_BITS_LEAST 8

static void
note_free (SgNote *note)
{
  g_free (note->message);
  g_free (note);
}

void
sg_asked_folder_free (SgAskedFolder *folder)
{
  if (folder == NULL)
    return;
  g_free (folder->host_as_written);
  g_free (folder->host_path);
  g_free (folder->sandbox_as_written);
  g_free (folder->sandbox_path);
  g_free (folder);
}

static void
command_free (SgAskedCommand *command)
{
  g_free (command->command);
  g_free (command);
}

static void
host_free (SgAskedHost *host)
{
  g_free (host->host);
  g_free (host);
}

void
sg_asked_clear (SgAsked *asked)
{
  g_free (asked->text);
  g_free (asked->as_written);
  *asked = (SgAsked){ 0 };
}

SgProfile *
sg_profile_new (const char *name)
{
  SgProfile *profile = g_new0 (SgProfile, 1);

  profile->name = g_strdup (name);
  profile->folders = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_asked_folder_free);
  profile->commands = g_ptr_array_new_with_free_func ((GDestroyNotify)command_free);
  profile->hosts = g_ptr_array_new_with_free_func ((GDestroyNotify)host_free);
  profile->places = g_ptr_array_new_with_free_func ((GDestroyNotify)host_free);
  profile->notes = g_ptr_array_new_with_free_func ((GDestroyNotify)note_free);
  profile->foreign = g_ptr_array_new_with_free_func (g_free);
  return profile;
}

void
sg_profile_free (SgProfile *profile)
{
  if (profile == NULL)
    return;
  g_free (profile->name);
  g_free (profile->path);
  g_free (profile->sha256);
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    sg_asked_clear (&profile->settings[i]);
  g_ptr_array_unref (profile->folders);
  g_ptr_array_unref (profile->commands);
  g_ptr_array_unref (profile->hosts);
  g_ptr_array_unref (profile->places);
  g_ptr_array_unref (profile->notes);
  g_ptr_array_unref (profile->foreign);
  g_free (profile);
}

void
sg_profile_ask (SgProfile *profile, SgSetting setting, gint64 value, const char *rule)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  SgAsked *asked = &profile->settings[setting];

  profile->altered = profile->sha256 != NULL;
  sg_asked_clear (asked);
  asked->asked = TRUE;
  asked->value = value;
  if (rule != NULL)
    asked->as_written = g_strdup (rule);
  else if (info->kind == SG_KIND_NUMBER)
    asked->as_written = g_strdup_printf ("%s=%" G_GINT64_FORMAT, info->name, value);
  else
    {
      g_autofree char *words = sg_setting_words (info, value, NULL);
      asked->as_written = g_strdup_printf ("%s=%s", info->name, words);
    }
}

void
sg_profile_ask_text (SgProfile *profile, SgSetting setting, const char *text, const char *rule)
{
  SgAsked *asked = &profile->settings[setting];

  profile->altered = profile->sha256 != NULL;
  sg_asked_clear (asked);
  asked->asked = TRUE;
  asked->text = g_strdup (text);
  asked->as_written = rule != NULL
                          ? g_strdup (rule)
                          : g_strdup_printf ("%s=%s", sg_setting_info (setting)->name, text);
}

void
sg_profile_ask_folder (SgProfile *profile, const char *host_path, const char *sandbox_path,
                       SgAccess access)
{
  SgAskedFolder *folder = g_new0 (SgAskedFolder, 1);

  profile->altered = profile->sha256 != NULL;
  folder->host_as_written = g_strdup (host_path);
  folder->host_path = g_strdup (host_path);
  folder->sandbox_as_written = g_strdup (sandbox_path);
  folder->sandbox_path = g_strdup (sandbox_path);
  folder->access = access;
  g_ptr_array_add (profile->folders, folder);
}

void
sg_profile_ask_command (SgProfile *profile, const char *command, gboolean root)
{
  SgAskedCommand *asked = g_new0 (SgAskedCommand, 1);

  profile->altered = profile->sha256 != NULL;
  asked->command = g_strdup (command);
  asked->root = root;
  g_ptr_array_add (profile->commands, asked);
}

gboolean
sg_profile_ask_host (SgProfile *profile, const char *host)
{
  char *normal = sg_host_normalise (host);

  if (normal == NULL)
    return FALSE;
  profile->altered = profile->sha256 != NULL;
  SgAskedHost *asked = g_new0 (SgAskedHost, 1);
  asked->host = normal;
  g_ptr_array_add (profile->hosts, asked);
  return TRUE;
}

gboolean
sg_profile_ask_place (SgProfile *profile, const char *text, gboolean network)
{
  g_autofree char *normal = sg_host_normalise (text);
  SgAskedHost *asked;

  if (normal == NULL || *normal == '*' || sg_host_is_network (normal) != network
      || (network && sg_host_network_bits (normal) < NETWORK_BITS_LEAST))
    return FALSE;
  profile->altered = profile->sha256 != NULL;
  asked = g_new0 (SgAskedHost, 1);
  asked->host = g_steal_pointer (&normal);
  g_ptr_array_add (profile->places, asked);
  return TRUE;
}

void
sg_profile_unask (SgProfile *profile, SgSetting setting)
{
  profile->altered = profile->sha256 != NULL;
  sg_asked_clear (&profile->settings[setting]);
}

void
sg_profile_add_note (SgProfile *profile, SgNoteKind kind, SgPlace place, char *message)
{
  SgNote *note = g_new0 (SgNote, 1);

  note->kind = kind;
  note->line = place.line;
  note->column = place.column;
  note->message = message;
  g_ptr_array_add (profile->notes, note);
}

gboolean
sg_profile_has_errors (const SgProfile *profile)
{
  for (guint i = 0; i < profile->notes->len; i++)
    if (((const SgNote *)profile->notes->pdata[i])->kind == SG_NOTE_ERROR)
      return TRUE;
  return FALSE;
}

char *
sg_profile_notes_text (const SgProfile *profile)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < profile->notes->len; i++)
    {
      const SgNote *note = profile->notes->pdata[i];

      g_string_append (out, profile->name);
      if (note->line > 0)
        g_string_append_printf (out, ":%u:%u", note->line, note->column);
      g_string_append_printf (out, ": %s\n", note->message);
    }
  return g_string_free (out, FALSE);
}
