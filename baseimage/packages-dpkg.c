/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg: info/PACKAGE.list has a package's paths, `status` the digests of its configuration files
 * (deb-conffiles(5), dpkg's own "Conffiles:" field). */
#include "baseimage/packages-internal.h"

#include "common/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Adds the file NAME of DIRFD to TEXT; one that cannot be read is left out. */
static void
append_file (int dirfd, const char *name, GString *text)
{
  sg_fd int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;

  if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > G_MAXINT / 2)
    return;
  gsize before = text->len;
  g_string_set_size (text, before + (gsize)st.st_size);
  gssize n = sg_read_all (fd, text->str + before, (gsize)st.st_size, NULL);
  g_string_set_size (text, before + (gsize)MAX (n, 0));
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, '\n');
}

static GString *
read_lists (const char *info)
{
  DIR *dir = opendir (info);
  GString *text = g_string_sized_new (1 << 20);
  struct dirent *entry;

  g_string_append_c (text, '\n');
  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (g_str_has_suffix (entry->d_name, ".list"))
      append_file (dirfd (dir), entry->d_name, text);
  if (dir != NULL)
    closedir (dir);
  return text;
}

/* " /etc/foo 0123..." perhaps with " obsolete" or " remove-on-upgrade" behind. */
static void
note_conffile (SgPackages *packages, char *line)
{
  g_auto (GStrv) words = g_strsplit (g_strchug (line), " ", 3);

  if (words[0] != NULL && words[0][0] == '/' && words[1] != NULL && strlen (words[1]) == 32)
    sg_packages_note_conf (packages, words[0], words[1]);
}

static void
read_conffiles (SgPackages *packages, char *status)
{
  gboolean within = FALSE;
  char *next;

  for (char *line = status; line != NULL; line = next)
    {
      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      if (strcmp (line, "Conffiles:") == 0)
        within = TRUE;
      else if (within && line[0] == ' ')
        note_conffile (packages, line);
      else
        within = FALSE;
    }
}

gboolean
sg_packages_read_dpkg (SgPackages *packages)
{
  g_autofree char *status = g_build_filename (packages->root, "var/lib/dpkg/status", NULL);
  g_autofree char *info = g_build_filename (packages->root, "var/lib/dpkg/info", NULL);
  g_autofree char *text = NULL;
  gsize len;

  if (!g_file_get_contents (status, &text, &len, NULL) || len == 0)
    return FALSE;
  read_conffiles (packages, text);
  sg_packages_take_list (packages, read_lists (info));
  return TRUE;
}
