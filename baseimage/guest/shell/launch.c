/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launch.h"
#include "apps.h"

#include "baseimage/guest/look.h"

#include <glib/gi18n.h>
#include <string.h>

/* What main() changes in the shell's own environment; programs get it as it was. */
static const char *const ours[]
    = { "GTK_THEME",         "GTK_MODULES",  "GIO_USE_VFS",  "GDK_BACKEND",
        "GSETTINGS_BACKEND", "NO_AT_BRIDGE", "GTK_IM_MODULE" };
static char *before[G_N_ELEMENTS (ours)];

void
sg_launch_init (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    before[i] = g_strdup (g_getenv (ours[i]));
}

/* The proxies of the host's desktop, where the network is on (../net/main.c writes them). */
static void
add_network (GAppLaunchContext *context)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/run/sandglass/network.env", &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *equals = strchr (*line, '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      g_app_launch_context_setenv (context, *line, equals + 1);
    }
}

/* The input method, where one was started (../desktop/look.c). */
static void
add_look (GAppLaunchContext *context)
{
  g_autoptr (GKeyFile) look = sg_guest_look_read ();
  g_auto (GStrv) said = sg_guest_look_env (look);

  for (char **entry = said; *entry != NULL; entry++)
    {
      char *equals = strchr (*entry, '=');

      *equals = '\0';
      g_app_launch_context_setenv (context, *entry, equals + 1);
    }
}

static GAppLaunchContext *
launch_context (guint32 timestamp)
{
  GdkAppLaunchContext *context = gdk_display_get_app_launch_context (gdk_display_get_default ());

  gdk_app_launch_context_set_timestamp (context, timestamp);
  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (before[i])
      g_app_launch_context_setenv (G_APP_LAUNCH_CONTEXT (context), ours[i], before[i]);
    else
      g_app_launch_context_unsetenv (G_APP_LAUNCH_CONTEXT (context), ours[i]);
  add_network (G_APP_LAUNCH_CONTEXT (context));
  add_look (G_APP_LAUNCH_CONTEXT (context));
  return G_APP_LAUNCH_CONTEXT (context);
}

gboolean
sg_launch (GDesktopAppInfo *info, GFile *file, guint32 timestamp, GError **error)
{
  g_autoptr (GAppLaunchContext) context = launch_context (timestamp);
  g_autofree char *uri = file ? g_file_get_uri (file) : NULL;
  g_autoptr (GList) uris = uri ? g_list_prepend (NULL, uri) : NULL;

  /* What a browser says on its standard error would fill the journal in the scratch space. */
  if (g_desktop_app_info_launch_uris_as_manager (info, uris, context,
                                                 G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                                                     | G_SPAWN_STDERR_TO_DEV_NULL,
                                                 NULL, NULL, NULL, NULL, error))
    return TRUE;
  g_prefix_error (error, _ ("“%s” does not start: "),
                  g_app_info_get_display_name (G_APP_INFO (info)));
  return FALSE;
}

static GDesktopAppInfo *
program_for (GFile *file, const char *type, GError **error)
{
  g_autoptr (GAppInfo) found = g_app_info_get_default_for_type (type, FALSE);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);
  const char *path = G_IS_DESKTOP_APP_INFO (found)
                         ? g_desktop_app_info_get_filename (G_DESKTOP_APP_INFO (found))
                         : NULL;

  if (path)
    return sg_app_info_read (path, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("“%s” cannot be opened: this computer has no program for this kind of file."),
               shown);
  return NULL;
}

gboolean
sg_launch_file (GFile *file, guint32 timestamp, GError **error)
{
  g_autoptr (GDesktopAppInfo) info = NULL;
  g_autoptr (GFileInfo) about = g_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE "," G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE,
      G_FILE_QUERY_INFO_NONE, NULL, error);
  const char *path = g_file_peek_path (file), *type;

  if (!about)
    return FALSE;
  type = g_file_info_get_content_type (about);
  if (path && g_str_has_suffix (path, ".desktop")
      && g_file_info_get_attribute_boolean (about, G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE))
    {
      info = sg_app_info_read (path, error);
      return info && sg_launch (info, NULL, timestamp, error);
    }
  info = program_for (file, type ? type : "application/octet-stream", error);
  return info && sg_launch (info, file, timestamp, error);
}
