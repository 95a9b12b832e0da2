/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: saves pictures as new files, and believes nothing that the viewer sends. */
#include "common/fd.h"
#include "common/paths.h"
#include "ui/keeper-serve.h"
#include "ui/keeper.h"
#include "ui/window-size.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory;
static int ours;
static GThread *thread;
static int theirs;

static guint n_asked;

/* A question that is answered with its own number; nobody can be asked on window 13. */
static int
ask (guint32 what, guint32 window, int fd, gpointer data)
{
  n_asked++;
  return window == 13 ? -1 : (int)what + 20;
}

static GString *put_paths;

static gboolean
put (const char *paths, gsize length, guint32 window, gpointer data)
{
  g_string_append_len (put_paths, paths, (gssize)length);
  return window != 13;
}

static guint told_width, told_height;

static void
remember (guint32 width, guint32 height, gpointer data)
{
  told_width = width;
  told_height = height;
}

static gpointer
serve (gpointer data)
{
  sg_keeper_serve (theirs, directory, ask, put, remember, NULL);
  close (theirs);
  return NULL;
}

static void
start (void)
{
  directory = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  ck_assert (sg_socketpair (&ours, &theirs, NULL));
  thread = g_thread_new ("keeper", serve, NULL);
}

/* Also: the keeper ends when its viewer does. */
static void
stop (void)
{
  const char *name;
  GDir *dir;

  if (ours >= 0)
    close (ours);
  if (thread != NULL)
    g_thread_join (thread);
  dir = g_dir_open (directory, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_unlink (path);
    }
  g_dir_close (dir);
  g_rmdir (directory);
  g_free (directory);
}

static guint
count_files (void)
{
  GDir *dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

typedef struct
{
  gboolean done;
  char *where;
  GError *error;
  SgKeeper *keeper;
} Outcome;

static void
saved (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->where = sg_keeper_save_picture_finish (SG_KEEPER (source), result, &outcome->error);
  outcome->done = TRUE;
}

static void
wait_for (Outcome *outcome)
{
  while (!outcome->done)
    g_main_context_iteration (NULL, TRUE);
}

static GdkPixbuf *
make_picture (gboolean alpha)
{
  GdkPixbuf *picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, alpha, 8, 301, 207);

  gdk_pixbuf_fill (picture, 0x12345678);
  return picture;
}

START_TEST (test_saves)
{
  g_autoptr (SgKeeper) keeper = sg_keeper_new (ours);
  g_autoptr (GdkPixbuf) picture = make_picture (_i);
  g_autoptr (GdkPixbuf) read = NULL;
  Outcome first = { 0 }, second = { 0 }, third = { 0 };
  const guchar *pixel;

  ours = -1; /* the keeper's now */
  sg_keeper_save_picture_async (keeper, picture, saved, &first);
  sg_keeper_save_picture_async (keeper, picture, saved, &second);
  wait_for (&first);
  wait_for (&second);
  ck_assert_ptr_nonnull (first.where);
  ck_assert (g_error_matches (second.error, G_IO_ERROR, G_IO_ERROR_PENDING));
  read = gdk_pixbuf_new_from_file (first.where, NULL);
  ck_assert_ptr_nonnull (read);
  ck_assert_int_eq (gdk_pixbuf_get_width (read), 301);
  ck_assert_int_eq (gdk_pixbuf_get_height (read), 207);
  pixel = gdk_pixbuf_read_pixels (read) + 206 * gdk_pixbuf_get_rowstride (read)
          + 300 * gdk_pixbuf_get_n_channels (read);
  ck_assert (pixel[0] == 0x12 && pixel[1] == 0x34 && pixel[2] == 0x56);
  /* In the same second: another file. */
  sg_keeper_save_picture_async (keeper, picture, saved, &third);
  wait_for (&third);
  ck_assert_ptr_nonnull (third.where);
  ck_assert_str_ne (first.where, third.where);
  ck_assert_int_eq (count_files (), 2);
  g_free (first.where);
  g_free (third.where);
  g_error_free (second.error);
}
END_TEST

/* As on NFS: no file without a name, and no rename that spares what is there. */
START_TEST (test_saves_on_a_plain_file_system)
{
  g_autoptr (SgKeeper) keeper = sg_keeper_new (ours);
  g_autoptr (GdkPixbuf) picture = make_picture (FALSE);
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  Outcome outcomes[2] = { 0 };

  ours = -1;
  seccomp_attr_set (filter, SCMP_FLTATR_CTL_TSYNC, 1); /* the keeper is a thread here */
  ck_assert_int_eq (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EINVAL), SCMP_SYS (renameat2), 1,
                                      SCMP_A4 (SCMP_CMP_NE, 0)),
                    0);
  ck_assert_int_eq (
      seccomp_rule_add (filter, SCMP_ACT_ERRNO (EOPNOTSUPP), SCMP_SYS (openat), 1,
                        SCMP_A2 (SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE)),
      0);
  ck_assert_int_eq (seccomp_load (filter), 0);
  seccomp_release (filter);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      sg_keeper_save_picture_async (keeper, picture, saved, &outcomes[i]);
      wait_for (&outcomes[i]);
      ck_assert_msg (outcomes[i].where != NULL, "%s", outcomes[i].error->message);
      ck_assert_uint_eq (count_files (), i + 1);
    }
  ck_assert_str_ne (outcomes[0].where, outcomes[1].where);
  g_free (outcomes[0].where);
  g_free (outcomes[1].where);
}
END_TEST

START_TEST (test_cannot_save)
{
  g_autoptr (SgKeeper) keeper = sg_keeper_new (ours);
  g_autoptr (GdkPixbuf) picture = make_picture (FALSE);
  Outcome outcome = { 0 };

  ours = -1;
  /* A file where the folder should be: also root cannot make it. */
  g_rmdir (directory);
  ck_assert (g_file_set_contents (directory, "x", 1, NULL));
  sg_keeper_save_picture_async (keeper, picture, saved, &outcome);
  wait_for (&outcome);
  ck_assert_ptr_null (outcome.where);
  ck_assert_ptr_nonnull (outcome.error);
  g_error_free (outcome.error);
  g_unlink (directory);
  g_mkdir (directory, 0700);
}
END_TEST

START_TEST (test_refuses_sizes)
{
  static const SgKeeperRequest wrong[] = {
    { SG_KEEPER_PICTURE, 0, 1 },
    { SG_KEEPER_PICTURE, 1, 0 },
    { SG_KEEPER_PICTURE, SG_KEEPER_SIDE_MAX + 1, 1 },
    { SG_KEEPER_PICTURE, 0xffffffff, 1 },
    { SG_KEEPER_PICTURE, 16384, 16384 },
    { SG_KEEPER_PICTURE, 0xffffffff, 0xffffffff },
    { 0, 1, 1 },
    { 77, 1, 1 },
    { SG_KEEPER_FILES, 0, 1 },
    { SG_KEEPER_FILES, SG_KEEPER_PATHS_MAX + 1, 1 },
    { SG_KEEPER_FILES, 0xffffffff, 1 },
  };
  char byte;

  ck_assert (sg_write_all (ours, &wrong[_i], sizeof wrong[_i], NULL));
  ck_assert_int_eq (sg_read_all (ours, &byte, 1, NULL), 0); /* it hangs up */
  ck_assert_int_eq (count_files (), 0);
}
END_TEST

START_TEST (test_cut_short)
{
  SgKeeperRequest request = { SG_KEEPER_PICTURE, 100, 100 };
  char pixels[1000] = { 0 };

  ck_assert (sg_write_all (ours, &request, sizeof request, NULL));
  ck_assert (sg_write_all (ours, pixels, sizeof pixels, NULL));
  close (ours);
  ours = -1;
  g_thread_join (thread);
  ck_assert_int_eq (count_files (), 0);
  thread = NULL;
}
END_TEST

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(int *)data = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);
  ck_assert (error != NULL || *(int *)data >= 0);
}

START_TEST (test_asks_once)
{
  g_autoptr (SgKeeper) keeper = sg_keeper_new (ours);
  static const struct
  {
    guint32 what, window;
    int code;
  } cases[] = { { 1, 7, 21 }, { 2, 7, 22 }, { 1, 13, -1 }, { 1, 7, 21 } };

  ours = -1;
  n_asked = 0;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int code = -2, second = -2;

      sg_keeper_ask_async (keeper, cases[i].what, cases[i].window, answered, &code);
      sg_keeper_ask_async (keeper, cases[i].what, cases[i].window, answered, &second);
      while (code == -2 || second == -2)
        g_main_context_iteration (NULL, TRUE);
      ck_assert_int_eq (code, cases[i].code);
      ck_assert_int_eq (second, -1); /* one at a time */
      ck_assert_uint_eq (n_asked, i + 1);
    }
}
END_TEST

static void
files_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean asked = sg_keeper_put_finish (SG_KEEPER (source), result, &error);

  ck_assert (asked == (error == NULL));
  *(int *)data = asked ? 1 : error->code;
}

START_TEST (test_files)
{
  g_autoptr (SgKeeper) keeper = sg_keeper_new (ours);
  g_autofree char *large = g_strnfill (SG_KEEPER_PATHS_MAX + 1, 'x');
  static const char paths[] = "/a b\0/c\n\377";
  const struct
  {
    const char *paths;
    gsize length;
    guint32 window;
    int code;
  } cases[] = { { paths, sizeof paths, 7, 1 },
                { "/", 2, 13, G_IO_ERROR_FAILED },
                { large, SG_KEEPER_PATHS_MAX + 1, 7, G_IO_ERROR_NO_SPACE },
                { "", 0, 7, G_IO_ERROR_NO_SPACE },
                { "/", 2, 7, 1 } };

  ours = -1;
  put_paths = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int code = -2;

      sg_keeper_put_async (keeper, cases[i].paths, cases[i].length, cases[i].window, files_answered,
                           &code);
      while (code == -2)
        g_main_context_iteration (NULL, TRUE);
      ck_assert_int_eq (code, cases[i].code);
      if (i == 0)
        ck_assert_mem_eq (put_paths->str, paths, sizeof paths);
    }
  ck_assert_uint_eq (put_paths->len, sizeof paths + 4);
  g_string_free (put_paths, TRUE);
}
END_TEST

/* Two numbers, not answered, not judged here; the next request is served as ever. */
START_TEST (test_size)
{
  const SgKeeperRequest sizes[]
      = { { SG_KEEPER_SIZE, 900, 700 }, { SG_KEEPER_SIZE, 0, G_MAXUINT32 } };
  SgKeeperRequest question = { SG_KEEPER_QUESTION, 1, 2 };
  SgKeeperReply reply;

  ck_assert (sg_write_all (ours, sizes, sizeof sizes, NULL));
  ck_assert (sg_write_all (ours, &question, sizeof question, NULL));
  ck_assert_int_eq (sg_read_all (ours, &reply, sizeof reply, NULL), sizeof reply);
  ck_assert_uint_eq (reply.saved, 21);
  ck_assert_uint_eq (told_width, 0);
  ck_assert_uint_eq (told_height, G_MAXUINT32);
}
END_TEST

static char *
in_config (const char *name)
{
  g_autofree char *config = sg_paths_config ();

  g_mkdir_with_parents (config, 0700);
  return g_build_filename (config, name, NULL);
}

START_TEST (test_sizes_of_saved_sandboxes)
{
  static const struct
  {
    guint width, height;
    gboolean ok;
  } cases[] = { { 900, 700, TRUE },   { 10, 700, FALSE },          { 900, 0, FALSE },
                { 16384, 240, TRUE }, { 900, G_MAXUINT32, FALSE }, { 16385, 700, FALSE } };
  g_autofree char *a = in_config ("a.wsb"), *b = in_config ("b ü.wsb");
  g_autofree char *file = in_config ("windows");
  g_autofree char *name = NULL, *none = NULL, *text = NULL;
  int width = 0, height = 0;

  ck_assert (g_file_set_contents (a, "", 0, NULL) && g_file_set_contents (b, "", 0, NULL));
  name = sg_window_size_name (a);
  ck_assert_str_eq (name, "a.wsb");
  none = sg_window_size_name ("/tmp/a.wsb");
  ck_assert_ptr_null (none);
  ck_assert_ptr_null (sg_window_size_name (NULL));
  ck_assert (!sg_window_size_load ("a.wsb", &width, &height));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_int_eq (sg_window_size_save ("a.wsb", cases[i].width, cases[i].height, NULL),
                      cases[i].ok);
  ck_assert (sg_window_size_load ("a.wsb", &width, &height));
  ck_assert_int_eq (width, 16384);
  ck_assert_int_eq (height, 240);
  for (const char *const *bad
       = (const char *const[]){ "../a.wsb", "c.wsb", ".a.wsb", "a", "", "windows", NULL };
       *bad != NULL; bad++)
    ck_assert (!sg_window_size_save (*bad, 900, 700, NULL));
  ck_assert (sg_window_size_save ("b ü.wsb", 900, 700, NULL));

  /* What is deleted is dropped with the next one that is written. */
  g_unlink (a);
  ck_assert (!sg_window_size_load ("a.wsb", &width, &height));
  ck_assert (sg_window_size_save ("b ü.wsb", 901, 700, NULL));
  ck_assert (g_file_get_contents (file, &text, NULL, NULL));
  ck_assert_ptr_null (strstr (text, "a.wsb"));

  /* A file that is none is begun anew. */
  ck_assert (g_file_set_contents (file, "\xff[[[", -1, NULL));
  ck_assert (!sg_window_size_load ("b ü.wsb", &width, &height));
  ck_assert (sg_window_size_save ("b ü.wsb", 902, 700, NULL));
  ck_assert (sg_window_size_load ("b ü.wsb", &width, &height));
  ck_assert_int_eq (width, 902);
  g_unlink (b);
  g_unlink (file);
}
END_TEST

START_TEST (test_does_not_fill_the_disk)
{
  SgKeeperRequest request = { SG_KEEPER_PICTURE, 1, 1 };
  guint n_saved = 0;

  for (int i = 0; i < SG_KEEPER_PICTURES_MAX + 5; i++)
    {
      SgKeeperReply reply;
      char text[SG_KEEPER_TEXT_MAX];

      ck_assert (sg_write_all (ours, &request, sizeof request, NULL));
      ck_assert (sg_write_all (ours, "abc", 3, NULL));
      ck_assert_int_eq (sg_read_all (ours, &reply, sizeof reply, NULL), sizeof reply);
      ck_assert_int_le (reply.length, sizeof text);
      ck_assert_int_eq (sg_read_all (ours, text, reply.length, NULL), reply.length);
      n_saved += reply.saved;
    }
  ck_assert_int_le (n_saved, SG_KEEPER_PICTURES_MAX);
  ck_assert_int_ge (n_saved, 1);
  ck_assert_int_eq (count_files (), n_saved);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-keeper");
  TCase *all = tcase_create ("keeper");
  SRunner *runner = srunner_create (suite);
  int failed;
  g_autofree char *home = g_dir_make_tmp ("sandglass-config-XXXXXX", NULL);
  g_autofree char *below = g_build_filename (home, "sandglass", NULL);

  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  tcase_add_checked_fixture (all, start, stop);
  tcase_add_loop_test (all, test_saves, 0, 2);
  tcase_add_test (all, test_saves_on_a_plain_file_system);
  tcase_add_test (all, test_cannot_save);
  tcase_add_loop_test (all, test_refuses_sizes, 0, 11);
  tcase_add_test (all, test_cut_short);
  tcase_add_test (all, test_does_not_fill_the_disk);
  tcase_add_test (all, test_asks_once);
  tcase_add_test (all, test_files);
  tcase_add_test (all, test_size);
  tcase_add_test (all, test_sizes_of_saved_sandboxes);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  g_rmdir (below);
  g_rmdir (home);
  return failed != 0;
}
