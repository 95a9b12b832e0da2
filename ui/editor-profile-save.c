/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In a thread: a disk can be slow. */
#include "ui/editor-profile-internal.h"

#include "policies/approved.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

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
