/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/default-app.h"

#include "common/fd.h"
#include "common/report.h"

#include <gio/gdesktopappinfo.h>
#include <string.h>

#define START_BYTES 4096

/* "MZ", and at the offset that the DOS header names: "PE\0\0".  A .com file or a text that begins
 * with MZ is none. */
static gboolean
is_portable_executable (int fd, const guint8 *start, gsize len)
{
  guint8 mark[4];
  guint32 at;

  if (len < 64 || memcmp (start, "MZ", 2) != 0)
    return FALSE;
  at = start[60] | (guint32)start[61] << 8 | (guint32)start[62] << 16 | (guint32)start[63] << 24;
  return at < 16 * 1024 * 1024 && sg_pread_all (fd, mark, 4, (off_t)at, NULL) == 4
         && memcmp (mark, "PE\0\0", 4) == 0;
}

static gboolean
has_extension (const char *name, const char *extension)
{
  gsize name_len = strlen (name), len = strlen (extension);

  return name_len > len && g_ascii_strcasecmp (name + name_len - len, extension) == 0;
}

static SgFileSort
sort_of (int fd, const char *name, const guint8 *start, gsize len)
{
  static const guint8 compound[] = { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 };

  if (is_portable_executable (fd, start, len))
    return SG_FILE_WINDOWS_PROGRAM;
  if (len >= sizeof compound && memcmp (start, compound, sizeof compound) == 0
      && (has_extension (name, ".msi") || has_extension (name, ".msp")))
    return SG_FILE_WINDOWS_PROGRAM;
  return has_extension (name, ".wsb") ? SG_FILE_PROFILE : SG_FILE_ORDINARY;
}

/* The copy inside has what the system has; not what this user has installed for himself, and no
 * snaps, which are no plain files. */
static char *
why_absent (GDesktopAppInfo *info)
{
  const char *path = g_desktop_app_info_get_filename (info);
  g_autofree char *snap = g_desktop_app_info_get_string (info, "X-SnapInstanceName");
  const char *home = g_get_home_dir (), *own = g_get_user_data_dir ();

  if (snap != NULL || (path != NULL && strstr (path, "/snapd/") != NULL))
    return g_strdup ("it is a snap, and those are not part of the copy of this computer");
  if (path != NULL && (g_str_has_prefix (path, home) || g_str_has_prefix (path, own)))
    return g_strdup ("it is installed in your home folder, which is not part of the copy");
  return NULL;
}

SgDefaultApp *
sg_default_app_for (int fd, const char *name, GError **error)
{
  g_autofree guint8 *start = g_malloc (START_BYTES);
  gssize len = sg_pread_all (fd, start, START_BYTES, 0, error);
  g_autoptr (GAppInfo) info = NULL;
  g_autofree char *words = NULL, *shown = NULL;
  SgDefaultApp *app;

  if (len < 0)
    return NULL;
  app = g_new0 (SgDefaultApp, 1);
  app->sort = sort_of (fd, name, start, (gsize)len);
  shown = g_filename_display_name (name);
  app->type = g_content_type_guess (shown, start, (gsize)len, NULL);
  words = g_content_type_get_description (app->type);
  app->type_words = sg_printable_line (words);
  info = g_app_info_get_default_for_type (app->type, FALSE);
  if (G_IS_DESKTOP_APP_INFO (info) && g_app_info_get_id (info) != NULL)
    {
      app->id = g_strdup (g_app_info_get_id (info));
      app->app = sg_printable_line (g_app_info_get_display_name (info));
      app->absent = why_absent (G_DESKTOP_APP_INFO (info));
    }
  return app;
}

void
sg_default_app_free (SgDefaultApp *app)
{
  if (app == NULL)
    return;
  g_free (app->type);
  g_free (app->type_words);
  g_free (app->id);
  g_free (app->app);
  g_free (app->absent);
  g_free (app);
}

gboolean
sg_default_app_can_run (const SgDefaultApp *app, GError **error)
{
  g_autofree char *wine = g_find_program_in_path ("wine");

  if (app->sort != SG_FILE_WINDOWS_PROGRAM || (wine != NULL && app->id != NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               "It is a Windows program, and sandboxes are copies of this computer: it needs Wine "
               "(install the package \"wine\", then `sandglass base build`) or an image of "
               "Windows. Nothing was opened");
  return FALSE;
}
