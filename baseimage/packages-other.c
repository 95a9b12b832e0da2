/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pacman: local/PACKAGE/files, sections %FILES% (paths without the first '/') and %BACKUP% (path,
 * tab, MD5).  rpm: its database has no documented form, so `rpm` is asked. */
#include "baseimage/packages-internal.h"

#include <string.h>

/* ---- pacman ---- */

typedef enum
{
  SECTION_OTHER,
  SECTION_FILES,
  SECTION_BACKUP
} Section;

static void
read_pacman_line (SgPackages *packages, Section section, const char *line, GString *paths)
{
  gsize len = strlen (line);

  if (len == 0)
    return;
  if (section == SECTION_FILES)
    {
      if (line[len - 1] == '/')
        len--;
      g_string_append_c (paths, '/');
      g_string_append_len (paths, line, (gssize)len);
      g_string_append_c (paths, '\n');
    }
  else if (section == SECTION_BACKUP)
    {
      g_auto (GStrv) words = g_strsplit (line, "\t", 2);
      g_autofree char *path = g_strconcat ("/", words[0], NULL);
      if (words[1] != NULL && strlen (words[1]) == 32)
        sg_packages_note_conf (packages, path, words[1]);
    }
}

static void
read_pacman_files (SgPackages *packages, const char *text, GString *paths)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  Section section = SECTION_OTHER;

  for (char **line = lines; *line != NULL; line++)
    if ((*line)[0] == '%')
      section = strcmp (*line, "%FILES%") == 0    ? SECTION_FILES
                : strcmp (*line, "%BACKUP%") == 0 ? SECTION_BACKUP
                                                  : SECTION_OTHER;
    else
      read_pacman_line (packages, section, *line, paths);
}

gboolean
sg_packages_read_pacman (SgPackages *packages)
{
  g_autofree char *local = g_build_filename (packages->root, "var/lib/pacman/local", NULL);
  g_autoptr (GDir) dir = g_dir_open (local, 0, NULL);
  const char *name;

  if (dir == NULL)
    return FALSE;
  GString *paths = g_string_new ("\n");
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (local, name, "files", NULL);
      g_autofree char *text = NULL;
      if (g_file_get_contents (file, &text, NULL, NULL))
        read_pacman_files (packages, text, paths);
    }
  sg_packages_take_list (packages, paths);
  return TRUE;
}

/* ---- rpm ---- */

#define RPMFILE_CONFIG 1

/* The directory below ROOT that it lies in, or NULL.  Free with g_free(). */
static char *
find_rpm_database (const char *root)
{
  static const char *const places[] = { "var/lib/rpm", "usr/lib/sysimage/rpm" };
  static const char *const names[] = { "rpmdb.sqlite", "Packages.db", "Packages" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
      {
        g_autofree char *path = g_build_filename (root, places[i], names[k], NULL);
        if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
          return g_build_filename (root, places[i], NULL);
      }
  return NULL;
}

/* "FLAGS -DIGEST PATH"; there is no digest of what is no file. */
static void
read_rpm_line (SgPackages *packages, char *line, GString *paths)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);

  if (words[0] == NULL || words[1] == NULL || words[2] == NULL || words[2][0] != '/')
    return;
  g_string_append (paths, words[2]);
  g_string_append_c (paths, '\n');
  if ((g_ascii_strtoull (words[0], NULL, 10) & RPMFILE_CONFIG) != 0 && strlen (words[1]) > 32)
    sg_packages_note_conf (packages, words[2], words[1] + 1);
}

static void
read_rpm_output (SgPackages *packages, char *output)
{
  GString *paths = g_string_new ("\n");
  char *next;

  for (char *line = output; line != NULL; line = next)
    {
      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      read_rpm_line (packages, line, paths);
    }
  sg_packages_take_list (packages, paths);
}

gboolean
sg_packages_read_rpm (SgPackages *packages)
{
  g_autoptr (GSubprocess) rpm = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autofree char *database = find_rpm_database (packages->root);

  if (database == NULL)
    return FALSE;
  /* --dbpath and not --root: that would chroot(2), which only root may.  The '-' stands before the
   * digest because that may be empty. */
  rpm = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                          &error, "rpm", "--dbpath", database, "-qa", "--qf",
                          "[%{FILEFLAGS} -%{FILEDIGESTS} %{FILENAMES}\n]", NULL);
  if (rpm != NULL
      && g_subprocess_communicate (rpm, NULL, packages->cancellable, &output, NULL, &error)
      && g_subprocess_get_successful (rpm) && g_bytes_get_size (output) > 0)
    {
      gsize len;
      const char *data = g_bytes_get_data (output, &len);
      g_autofree char *text = g_strndup (data, len);
      read_rpm_output (packages, text);
      return TRUE;
    }
  if (rpm != NULL)
    g_subprocess_force_exit (rpm);
  packages->problem = g_strdup_printf (
      "The package database (rpm) could not be read%s%s; what is in /etc is decided by its owner",
      error != NULL ? ": " : "", error != NULL ? error->message : "");
  return FALSE;
}
