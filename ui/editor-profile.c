/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-profile.h"

#include "policies/approved.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "this window"

struct _SgEditorProfile
{
  GObject parent;
  SgLook *look;     /* owned */
  SgGrants *usual;  /* owned: when nobody asks for anything, and no administrator narrows */
  char *left_out;   /* owned */
  char *read;       /* owned: digest of the file's bytes when it was read; NULL: no file */
  gboolean changed; /* since it was opened or saved */
};

G_DEFINE_TYPE (SgEditorProfile, sg_editor_profile, G_TYPE_OBJECT)

static void
touched (SgEditorProfile *self)
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
    look->profile = sg_profile_new (NAME);
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
  touched (self);
}

void
sg_editor_profile_unset (SgEditorProfile *self, SgSetting setting)
{
  if (!sg_editor_profile_asks (self, setting))
    return;
  sg_profile_unask (self->look->profile, setting);
  touched (self);
}

/* What the reader says about PROFILE when it is written and read again; NULL: nothing. */
static char *
complaint (const SgProfile *profile)
{
  g_autofree char *xml = sg_profile_to_xml (profile);
  g_autoptr (SgProfile) again = NULL;
  g_autoptr (GError) error = NULL;
  SgProfileHost host;

  sg_profile_host_init (&host);
  again = sg_profile_parse (xml, strlen (xml), NAME, &host, &error);
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
  g_autoptr (SgProfile) alone = sg_profile_new (NAME);
  sg_profile_ask_text (alone, setting, stripped, NULL);
  *ret_why = complaint (alone);
  if (*ret_why != NULL)
    return FALSE;
  sg_profile_ask_text (self->look->profile, setting, stripped, NULL);
  touched (self);
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

/* --- lists --- */

void
sg_editor_profile_add_folder (SgEditorProfile *self, const char *path)
{
  GPtrArray *folders = self->look->profile->folders;

  for (guint i = 0; i < folders->len; i++)
    if (g_strcmp0 (((const SgAskedFolder *)folders->pdata[i])->host_path, path) == 0)
      return;
  sg_profile_ask_folder (self->look->profile, path, NULL, SG_ACCESS_READ_ONLY);
  touched (self);
}

void
sg_editor_profile_set_folder (SgEditorProfile *self, guint i, SgAccess access)
{
  SgAskedFolder *folder = g_ptr_array_index (self->look->profile->folders, i);

  if (folder->access == access)
    return;
  folder->access = access;
  touched (self);
}

void
sg_editor_profile_remove_folder (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->folders, i);
  touched (self);
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
  touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_host (SgEditorProfile *self, guint i)
{
  /* The list alone means "only these"; without the last one it would mean the whole internet. */
  sg_profile_ask (self->look->profile, SG_SETTING_NETWORK,
                  sg_editor_profile_number (self, SG_SETTING_NETWORK), NULL);
  g_ptr_array_remove_index (self->look->profile->hosts, i);
  touched (self);
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
  touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_place (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->places, i);
  touched (self);
}

gboolean
sg_editor_profile_add_command (SgEditorProfile *self, const char *command, gboolean root,
                               char **ret_why)
{
  g_autofree char *stripped = g_strstrip (g_strdup (command));
  g_autoptr (SgProfile) alone = sg_profile_new (NAME);

  if (*stripped == '\0')
    return TRUE;
  sg_profile_ask_command (alone, stripped, root);
  *ret_why = complaint (alone);
  if (*ret_why != NULL)
    return FALSE;
  sg_profile_ask_command (self->look->profile, stripped, root);
  touched (self);
  return TRUE;
}

void
sg_editor_profile_remove_command (SgEditorProfile *self, guint i)
{
  g_ptr_array_remove_index (self->look->profile->commands, i);
  touched (self);
}

void
sg_editor_profile_reset (SgEditorProfile *self)
{
  sg_profile_free (self->look->profile);
  self->look->profile = sg_profile_new (NAME);
  touched (self);
}

/* --- saving --- */

char *
sg_editor_profile_xml (SgEditorProfile *self)
{
  return sg_profile_to_xml (self->look->profile);
}

typedef struct
{
  char *path, *xml; /* owned */
  char *read;       /* owned; NULL: no file was read */
  gboolean approve;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_free (saving->path);
  g_free (saving->xml);
  g_free (saving->read);
  g_free (saving);
}

/* What was written is what is approved. */
static gboolean
approve (const char *path, GError **error)
{
  g_autofree char *file = sg_approved_file ();
  g_autoptr (SgProfile) profile = NULL;
  SgProfileHost host;

  sg_profile_host_init (&host);
  profile = sg_profile_read (path, &host, error);
  return profile != NULL && sg_approved_add (file, profile, NULL, error);
}

/* What another program saved meanwhile is not written over. */
static gboolean
is_as_read (const Saving *saving, GError **error)
{
  g_autoptr (SgProfile) now = NULL;
  SgProfileHost host;

  if (saving->read == NULL || !g_file_test (saving->path, G_FILE_TEST_EXISTS))
    return TRUE;
  sg_profile_host_init (&host);
  now = sg_profile_read (saving->path, &host, NULL);
  if (now != NULL && g_strcmp0 (now->sha256, saving->read) == 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       _ ("another program has changed the file meanwhile; to see that, close this "
                          "window and open the file again"));
  return FALSE;
}

/* A file that is there keeps its place, where its name is a link, and its rights: what only its owner
 * could read may have a password in a command. */
static gboolean
write_file (const Saving *saving, GError **error)
{
  g_autofree char *real = realpath (saving->path, NULL);
  const char *path = real != NULL ? real : saving->path;
  GStatBuf st;
  int mode = g_stat (path, &st) == 0 ? (int)(st.st_mode & 0666) : 0644;

  return g_file_set_contents_full (path, saving->xml, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   mode, error);
}

static void
save (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  g_autofree char *directory = g_path_get_dirname (saving->path);
  GError *error = NULL;

  g_mkdir_with_parents (directory, 0700);
  if (!is_as_read (saving, &error) || !write_file (saving, &error)
      || (saving->approve && !approve (saving->path, &error)))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
leaves_a_question (const SgProfile *profile)
{
  for (guint i = 0; i < profile->folders->len; i++)
    if (((const SgAskedFolder *)profile->folders->pdata[i])->access == SG_ACCESS_UNSAID)
      return TRUE;
  return FALSE;
}

void
sg_editor_profile_save_async (SgEditorProfile *self, const char *path, gboolean approves,
                              GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  Saving *saving = g_new0 (Saving, 1);

  saving->path = g_strdup (path);
  saving->xml = sg_editor_profile_xml (self);
  saving->read = g_strdup (self->read);
  saving->approve = approves && !leaves_a_question (self->look->profile);
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, save);
}

gboolean
sg_editor_profile_save_finish (SgEditorProfile *self, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  self->changed = FALSE;
  return TRUE;
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
