/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/domain.h"

#include <gio/gio.h>
#include <libintl.h>
#include <locale.h>

/* Beside the program in a build tree, else where they are installed; as sg_paths_program(). */
static char *
find_translations (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = self != NULL ? g_path_get_dirname (self) : NULL;
  char *beside = directory != NULL ? g_build_filename (directory, "locale", NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_DIR))
    return beside;
  g_free (beside);
  return g_strdup (SG_DATADIR "/locale");
}

void
sg_domain_init (void)
{
  g_autofree char *directory = find_translations ();

  setlocale (LC_ALL, "");
  bindtextdomain ("sandglass", directory);
  bind_textdomain_codeset ("sandglass", "UTF-8");
  textdomain ("sandglass");
}
