/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's folders, and which ones the administrator's rules let a person share. */
#include "launcher/enforce-internal.h"

#include "common/fd.h"
#include "launcher/session-namespace.h"

#include <glib/gi18n.h>

gboolean
sg_enforce_folder (const char *path, gboolean writable, gpointer data, GError **error)
{
  const SgSession *session = data;
  SgReason reason = { 0 };
  g_autofree char *who = NULL;

  if (session->enforce == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _ ("The sandbox is ending"));
      return FALSE;
    }
  if (sg_policy_would_allow_folder (session->enforce->granted->policy, path, writable, &reason))
    return TRUE;
  who = sg_reason_sentence (&reason);
  sg_reason_clear (&reason);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               writable ? _ ("The folder '%s' may not be given to a sandbox for changes. %s")
                        : _ ("The folder '%s' may not be given to a sandbox. %s"),
               path, who);
  return FALSE;
}

static void
one_folder_less (SgEnforce *enforce)
{
  if (--enforce->folders == 0)
    sg_enforce_folders_given (enforce);
}

static void
folder_given (GObject *source, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *place = sg_shares_give_finish (result, &warnings, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (place == NULL)
    sg_session1_emit_notice (enforce->session->object, "folder", error->message);
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    sg_session1_emit_notice (enforce->session->object, "folder", *warning);
  one_folder_less (enforce);
}

/* One that cannot be had is told, and is no reason not to open. */
static void
give_folder (SgEnforce *enforce, const SgGrantedFolder *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *who = NULL, *words = NULL;
  sg_fd int fd = -1;

  if (!folder->granted)
    {
      who = sg_reason_sentence (&folder->reason);
      words = g_strdup_printf (_ ("The folder '%s' of the profile is not shared. %s"),
                               folder->host_path, who);
    }
  else if (enforce->session->shares == NULL)
    words = sg_namespace_words (enforce->session->walls);
  else
    fd = sg_share_open (folder->host_path, &error);
  if (fd >= 0)
    {
      enforce->folders++;
      sg_shares_give_async (enforce->session->shares, fd, folder->sandbox_path, folder->writable,
                            folder_given, enforce);
      return;
    }
  sg_session1_emit_notice (enforce->session->object, "folder",
                           words != NULL ? words : error->message);
}

void
sg_enforce_give_folders (SgEnforce *enforce)
{
  const GPtrArray *folders = enforce->granted->grants->folders;

  enforce->folders = 1;
  for (guint i = 0; i < folders->len; i++)
    give_folder (enforce, folders->pdata[i]);
  one_folder_less (enforce);
}
