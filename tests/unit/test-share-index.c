/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of a shared folder, as a process: what it answers, what it tells, and that a guest that
 * swaps a folder for a link sees nothing outside. */
#include "baseimage/guest/share-protocol.h"
#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *top, *folder;
static GPid pid;
static int ask_fd, say_fd;

static char *
in (const char *dir, const char *name)
{
  return g_build_filename (dir, name, NULL);
}

static void
put (const char *dir, const char *name, const char *text)
{
  g_autofree char *path = in (dir, name);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

static void
setup (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);
  g_autofree char *program = g_build_filename (dir, "..", "sandglass-share-index", NULL);

  top = g_dir_make_tmp ("share-index-XXXXXX", NULL);
  folder = in (top, "folder");
  g_mkdir (folder, 0700);
  put (folder, "file", "hello");
  char *argv[] = { program, folder, NULL };
  ck_assert (g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                       &pid, &ask_fd, &say_fd, NULL, NULL));
}

static void
teardown (void)
{
  const char *argv[] = { "rm", "-rf", top, NULL };

  close (ask_fd);
  close (say_fd);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (folder);
  g_free (top);
}

static void
ask (guint32 what, guint32 tag, const char *path)
{
  SgShareAsk question = { (guint32)strlen (path), tag, what };

  ck_assert (sg_write_all (ask_fd, &question, sizeof question, NULL));
  ck_assert (sg_write_all (ask_fd, path, question.length, NULL));
}

/* The body, NUL after it; free with g_free(). */
static char *
hear (SgShareSay *say)
{
  char *body;

  ck_assert_int_eq (sg_read_all (say_fd, say, sizeof *say, NULL), sizeof *say);
  ck_assert_uint_le (say->length, SG_SHARE_SAY_MOST);
  body = g_malloc0 (say->length + 1);
  ck_assert_int_eq (sg_read_all (say_fd, body, say->length, NULL), say->length);
  return body;
}

/* The answer's errno; what is told meanwhile is passed over. */
static int
stat_of (const char *path, SgShareAttr *ret_attr)
{
  SgShareSay say;

  ask (SG_SHARE_STAT, 7, path);
  do
    {
      g_autofree char *body = hear (&say);

      if (say.tag == 7 && say.error == 0)
        memcpy (ret_attr, body, sizeof *ret_attr);
    }
  while (say.tag != 7);
  return (int)say.error;
}

START_TEST (a_directory_is_listed)
{
  g_autofree char *sub = in (folder, "sub");
  SgShareSay say;
  g_autofree char *body = NULL;
  gsize n = 0, at = 0;

  g_mkdir (sub, 0700);
  put (sub, "a", "1");
  put (sub, "longer name", "22");
  ask (SG_SHARE_LIST, 3, "sub");
  body = hear (&say);
  ck_assert_uint_eq (say.tag, 3);
  ck_assert_uint_eq (say.error, 0);
  for (; at < say.length; n++)
    {
      SgShareAttr attr;
      guint16 length;

      memcpy (&attr, body + at, sizeof attr);
      memcpy (&length, body + at + sizeof attr, sizeof length);
      at += sizeof attr + sizeof length;
      ck_assert (attr.size == 1 ? strncmp (body + at, "a", length) == 0
                                : strncmp (body + at, "longer name", length) == 0);
      at += length;
    }
  ck_assert_uint_eq (n, 2);
  ck_assert_uint_eq (at, say.length);
}
END_TEST

START_TEST (changes_are_told)
{
  g_autofree char *sub = in (folder, "sub"), *other = in (folder, "other");
  SgShareSay say;

  g_mkdir (sub, 0700);
  ask (SG_SHARE_LIST, 3, "");
  g_free (hear (&say));
  ck_assert_uint_eq (say.what, SG_SHARE_WATCHED);
  put (folder, "new", "1");
  for (gboolean seen = FALSE; !seen;)
    {
      g_autofree char *body = hear (&say);
      seen = say.tag == 0 && say.what == SG_SHARE_NAME && strcmp (body + 1, "new") == 0;
    }
  g_rename (sub, other);
  do
    g_free (hear (&say));
  while (say.tag != 0 || say.what != SG_SHARE_ALL);
}
END_TEST

START_TEST (nothing_outside_is_named)
{
  static const char *const paths[] = { "..",          "../outside",        "/etc/passwd", "link",
                                       "link/secret", "sub/../../outside", "abs/passwd" };
  g_autofree char *outside = in (top, "outside"), *link = in (folder, "link"),
                  *absolute = in (folder, "abs");
  SgShareAttr attr;

  g_mkdir (outside, 0700);
  put (outside, "secret", "secret");
  ck_assert_int_eq (symlink ("../outside", link), 0);
  ck_assert_int_eq (symlink ("/etc", absolute), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    if (stat_of (paths[i], &attr) == 0)
      ck_assert_msg (S_ISLNK (attr.mode), "%s", paths[i]);
  ask (SG_SHARE_LIST, 9, "link");
  for (SgShareSay say = { 0 }; say.tag != 9;)
    {
      g_free (hear (&say));
      ck_assert (say.tag != 9 || say.error != 0);
    }
}
END_TEST

/* Between check and use, 100,000 times. */
START_TEST (a_swapped_folder_leads_nowhere)
{
  g_autofree char *outside = in (top, "outside"), *dir = in (folder, "d"), *kept = in (folder, "k");
  SgShareAttr attr;
  guint found = 0;
  pid_t swapper;

  g_mkdir (outside, 0700);
  put (outside, "canary", "outside: longer than the other");
  g_mkdir (dir, 0700);
  put (dir, "canary", "in");
  swapper = fork ();
  if (swapper == 0)
    {
      for (guint i = 0; i < 100000; i++)
        if (rename (dir, kept) < 0 || symlink ("../outside", dir) < 0 || unlink (dir) < 0
            || rename (kept, dir) < 0)
          _exit (1);
      _exit (0);
    }
  for (int status = -1; waitpid (swapper, &status, WNOHANG) == 0;)
    if (stat_of ("d/canary", &attr) == 0)
      {
        ck_assert_uint_eq (attr.size, 2);
        found++;
      }
  ck_assert_int_eq (stat_of ("d/canary", &attr), 0);
  ck_assert_uint_gt (found, 100);
}
END_TEST

START_TEST (nonsense_ends_it)
{
  const SgShareAsk nonsense[] = { { G_MAXUINT32, 1, SG_SHARE_STAT }, { 0, 0, SG_SHARE_STAT } };
  struct pollfd fd = { say_fd, POLLIN, 0 };
  SgShareAsk unknown = { 0, 5, 99 };
  SgShareSay say;

  ck_assert (sg_write_all (ask_fd, &unknown, sizeof unknown, NULL));
  g_free (hear (&say));
  ck_assert_uint_eq (say.error, EINVAL);
  ck_assert (sg_write_all (ask_fd, &nonsense[_i], sizeof nonsense[_i], NULL));
  ck_assert_int_eq (poll (&fd, 1, 10000), 1);
  ck_assert_int_eq (read (say_fd, &say, sizeof say), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("share index");
  TCase *tcase = tcase_create ("index");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tcase, 120);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_directory_is_listed);
  tcase_add_test (tcase, changes_are_told);
  tcase_add_test (tcase, nothing_outside_is_named);
  tcase_add_test (tcase, a_swapped_folder_leads_nowhere);
  tcase_add_loop_test (tcase, nonsense_ends_it, 0, 2);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0;
}
