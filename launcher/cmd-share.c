/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-share.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/cmd-words.h"
#include "launcher/share-rules.h"

#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <stdlib.h>

static void
tell (GVariant *warnings)
{
  g_autofree const char **words = g_variant_get_strv (warnings, NULL);

  for (const char **word = words; *word != NULL; word++)
    sg_report_text ("note: %s", *word);
}

/* The reply of Share; NULL with the session's words. */
static GVariant *
call_share (GDBusConnection *connection, int folder, const char *place, gboolean writable,
            GError **error)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  GVariant *reply;
  int index = g_unix_fd_list_append (fds, folder, error);

  if (index < 0)
    return NULL;
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "Share",
      g_variant_new ("(hsb)", index, place, writable), G_VARIANT_TYPE ("(sas)"),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds, NULL, NULL, error);
  if (reply == NULL && error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply;
}

/* What was opened is what has this very path, and not what a link leads to that came there since
 * the person saw it. */
static gboolean
is_as_shown (int folder, const char *path, GError **error)
{
  g_autofree char *self = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autofree char *now = g_file_read_link (self, NULL);

  if (g_strcmp0 (now, path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               "'%s' is another folder by now, so it was not shared", path);
  return FALSE;
}

static int
open_folder (const char *path, gboolean as_shown, GError **error)
{
  sg_fd int folder = sg_share_open (path, error);

  return folder >= 0 && (!as_shown || is_as_shown (folder, path, error)) ? sg_fd_steal (&folder)
                                                                         : -1;
}

static gboolean
give (char **words, gboolean writable, gboolean as_shown, GError **error)
{
  sg_fd int folder = open_folder (words[2], as_shown, error);
  g_autoptr (GDBusConnection) connection = folder >= 0 ? sg_cmd_reach (words[1], error) : NULL;
  const char *place = words[3] != NULL ? words[3] : "";
  g_autoptr (GVariant) reply = NULL, warnings = NULL;
  g_autofree char *safe = NULL;
  const char *at;

  if (connection == NULL)
    return FALSE;
  if (!g_utf8_validate (place, -1, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "A place inside must be valid UTF-8");
      return FALSE;
    }
  reply = call_share (connection, folder, place, writable, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(&s@as)", &at, &warnings);
  safe = sg_printable (at);
  puts (safe);
  tell (warnings);
  return TRUE;
}

int
sg_cmd_share (int argc, char **argv)
{
  gboolean writable = FALSE, as_shown = FALSE;
  const GOptionEntry entries[] = { { "write", 'w', 0, G_OPTION_ARG_NONE, &writable,
                                     "The sandbox may change what is in it", NULL },
                                   { "as-shown", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE,
                                     &as_shown, NULL, NULL },
                                   { NULL } };
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  if (!sg_cmd_words (
          argv, "ID DIR [PLACE]",
          "Shares a folder of this computer with an open sandbox, and prints where it is inside:\n"
          "at PLACE (absolute, or below the Desktop), else on the Desktop. Without --write\n"
          "nothing in it can be changed from inside.",
          entries, &words))
    return SG_EXIT_USAGE;
  n = g_strv_length (words);
  if (n < 3 || n > 4)
    {
      sg_report_text ("share takes the id of a sandbox, a folder, and maybe a place inside; "
                      "`sandglass list` shows the sandboxes that are open");
      return SG_EXIT_USAGE;
    }
  if (give (words, writable, as_shown, &error))
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}

/* WHAT as it was typed, or the folder that it is here. */
static gboolean
take_away (const char *id, const char *what, GError **error)
{
  g_autoptr (GDBusConnection) connection = sg_cmd_reach (id, error);
  g_autofree char *real = realpath (what, NULL);
  g_autofree char *here = real != NULL ? g_utf8_make_valid (real, -1) : NULL;
  g_autofree char *typed = g_utf8_make_valid (what, -1);
  g_autoptr (GVariant) reply = NULL, warnings = NULL;
  g_autoptr (GError) first = NULL;

  if (connection == NULL)
    return FALSE;
  reply = sg_client_call (connection, "Unshare", g_variant_new ("(s)", typed),
                          G_VARIANT_TYPE ("(as)"), -1, &first);
  if (reply == NULL && here != NULL)
    reply = sg_client_call (connection, "Unshare", g_variant_new ("(s)", here),
                            G_VARIANT_TYPE ("(as)"), -1, NULL);
  if (reply == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return FALSE;
    }
  warnings = g_variant_get_child_value (reply, 0);
  tell (warnings);
  return TRUE;
}

int
sg_cmd_unshare (int argc, char **argv)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  if (!sg_cmd_words (
          argv, "ID DIR",
          "Takes a shared folder away from an open sandbox; DIR is its path here, or its place\n"
          "inside.",
          NULL, &words))
    return SG_EXIT_USAGE;
  if (g_strv_length (words) != 3)
    {
      sg_report_text ("unshare takes the id of a sandbox and the folder");
      return SG_EXIT_USAGE;
    }
  if (take_away (words[1], words[2], &error))
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
