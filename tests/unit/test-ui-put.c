/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of paths that a viewer sends, which may be a hostile one: what would be shown, and so
 * opened. */
#include "ui/keeper-serve.h"
#include "ui/put.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST (test_refused)
{
  g_autofree char *large = g_malloc0 (SG_KEEPER_PATHS_MAX + 2);
  g_autoptr (GString) many = g_string_new (NULL);

  ck_assert_ptr_null (sg_put_read_paths ("", 0));
  ck_assert_ptr_null (sg_put_read_paths ("", 1));        /* an empty name */
  ck_assert_ptr_null (sg_put_read_paths ("/etc", 4));    /* without its end */
  ck_assert_ptr_null (sg_put_read_paths ("etc", 4));     /* not absolute */
  ck_assert_ptr_null (sg_put_read_paths ("/a\0b", 5));   /* the second is not */
  ck_assert_ptr_null (sg_put_read_paths ("/a\0\0/b", 7)); /* the second is empty */
  memset (large, '/', SG_KEEPER_PATHS_MAX);
  ck_assert_ptr_null (sg_put_read_paths (large, SG_KEEPER_PATHS_MAX + 1));
  for (int i = 0; i < SG_KEEPER_FILES_MAX + 1; i++)
    g_string_append_printf (many, "/%d%c", i, '\0');
  ck_assert_ptr_null (sg_put_read_paths (many->str, many->len));
}
END_TEST

/* A link is what it leads to; what is named twice is there once; what is not there stays. */
START_TEST (test_resolved)
{
  g_autofree char *dir = g_dir_make_tmp ("sandglass-put-XXXXXX", NULL);
  g_autofree char *real = realpath (dir, NULL);
  g_autofree char *file = g_build_filename (real, "secret", NULL);
  g_autofree char *link = g_build_filename (real, "photo.jpg", NULL);
  g_autofree char *round = g_strdup_printf ("%s/../%s/photo.jpg", real, strrchr (real, '/') + 1);
  g_autoptr (GString) named = g_string_new (NULL);
  const char *names[] = { link, file, round, "/not/there" };
  g_auto (GStrv) paths = NULL;

  ck_assert (g_file_set_contents (file, "x", 1, NULL));
  ck_assert_int_eq (symlink ("secret", link), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_string_append_len (named, names[i], (gssize)strlen (names[i]) + 1);
  paths = sg_put_read_paths (named->str, named->len);
  ck_assert_ptr_nonnull (paths);
  ck_assert_uint_eq (g_strv_length (paths), 2);
  ck_assert_str_eq (paths[0], file);
  ck_assert_str_eq (paths[1], "/not/there");
  g_unlink (link);
  g_unlink (file);
  g_rmdir (dir);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-put");
  TCase *all = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (all, test_refused);
  tcase_add_test (all, test_resolved);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
