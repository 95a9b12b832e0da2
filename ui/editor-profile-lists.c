/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-profile-internal.h"

#include <glib/gi18n.h>

void
sg_editor_profile_add_folder (SgEditorProfile *self, const char *path)
{
  GPtrArray *folders = self->look->profile->folders;

  for (guint i = 0; i < folders->len; i++)
    if (g_strcmp0 (((const SgAskedFolder *)folders->pdata[i])->host_path, path) == 0)
      return;
  sg_profile_ask_folder (self->look->profile, path, NULL, SG_ACCESS_READ_ONLY);
  sg_editor_profile_touched (self);
}

void
sg_editor_profile_set_folder (SgEditorProfile *self, guint i, SgAccess access)
{
  SgAskedFolder *folder = g_ptr_array_index (self->look->profile->folders, i);

  if (folder->access == access)
    return;
  folder->access = access;
  sg_editor_profile_touched (self);
}

void
sg_editor_profile_remove_folder (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->folders, i);
  sg_editor_profile_touched (self);
}

gboolean
sg_editor_profile_add_host (SgEditorProfile *self, const char *host, char **ret_why)
{
  SgProfile *profile = self->look->profile;
  g_autofree char *stripped = g_strstrip (g_strdup (host));

  if (profile->hosts->len >= SG_PROFILE_HOSTS_MAX || !sg_profile_ask_host (profile, stripped))
    {
      *ret_why = g_strdup (_ ("This is no name of a site or an address: write it like example.org "
                              "or *.example.org, without https://."));
      return FALSE;
    }
  const SgAskedHost *added = profile->hosts->pdata[profile->hosts->len - 1];
  for (guint i = 0; i + 1 < profile->hosts->len; i++)
    if (g_str_equal (((const SgAskedHost *)profile->hosts->pdata[i])->host, added->host))
      {
        g_ptr_array_remove_index (profile->hosts, profile->hosts->len - 1);
        return TRUE;
      }
  sg_editor_profile_touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_host (SgEditorProfile *self, guint i)
{
  /* The list alone means "only these"; without the last one it would mean the whole internet. */
  sg_profile_ask (self->look->profile, SG_SETTING_NETWORK,
                  sg_editor_profile_number (self, SG_SETTING_NETWORK), NULL);
  g_ptr_array_remove_index (self->look->profile->hosts, i);
  sg_editor_profile_touched (self);
}

gboolean
sg_editor_profile_add_place (SgEditorProfile *self, const char *place, char **ret_why)
{
  SgProfile *profile = self->look->profile;
  g_autofree char *stripped = g_strstrip (g_strdup (place));

  if (profile->places->len >= SG_PROFILE_HOSTS_MAX
      || (!sg_profile_ask_place (profile, stripped, TRUE)
          && !sg_profile_ask_place (profile, stripped, FALSE)))
    {
      *ret_why = g_strdup (_ ("This is no network of a company: write it like 10.20.0.0/16, or its "
                              "names like corp.example."));
      return FALSE;
    }
  sg_editor_profile_touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_place (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->places, i);
  sg_editor_profile_touched (self);
}

gboolean
sg_editor_profile_add_command (SgEditorProfile *self, const char *command, gboolean root,
                               char **ret_why)
{
  g_autofree char *stripped = g_strstrip (g_strdup (command));
  g_autoptr (SgProfile) alone = sg_profile_new (SG_EDITOR_NAME);

  if (*stripped == '\0')
    return TRUE;
  sg_profile_ask_command (alone, stripped, root);
  *ret_why = sg_editor_profile_complaint (alone);
  if (*ret_why != NULL)
    return FALSE;
  sg_profile_ask_command (self->look->profile, stripped, root);
  sg_editor_profile_touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_command (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->commands, i);
  sg_editor_profile_touched (self);
}
