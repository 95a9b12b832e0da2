/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block device as QEMU meets it: real nbdkit with our plugin on a socket pair, libnbd on the
 * other end. */
#include "baseimage/materialise.h"
#include "common/fd.h"
#include "common/paths.h"
#include "tests/unit/image-kit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <libnbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char *host;
static char *base;
static SgTree *tree;
static struct nbd_handle *nbd;
static int notices[2]; /* pipe: read end, write end (nbdkit's) */

static void
setup (void)
{
  dir = kit_dir ();
  host = g_build_filename (dir, "host", NULL);
  base = g_build_filename (dir, "base", NULL);
  ck_assert_int_eq (mkdir (host, 0755), 0);
  ck_assert_int_eq (pipe2 (notices, O_CLOEXEC), 0);
}

static void
teardown (void)
{
  nbd_close (nbd);
  nbd = NULL;
  sg_tree_free (tree);
  tree = NULL;
  close (notices[0]);
  close (notices[1]);
  kit_remove (dir);
  g_free (dir);
  g_free (host);
  g_free (base);
}

static char *
plugin_path (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self);
  g_autofree char *built = g_path_get_dirname (tests);

  return g_build_filename (built, "nbdkit-sandglass-plugin.so", NULL);
}

/* Under AddressSanitizer nbdkit, which knows nothing of it, has to load its library first. */
static void
preload_sanitizer (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_autofree char *maps = NULL;
  ck_assert (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  const char *found = strstr (maps, "libasan.so");
  const char *start = found;
  while (found != NULL && start > maps && start[-1] != ' ')
    start--;
  if (found == NULL)
    return;
  g_autofree char *path = g_strndup (start, strcspn (start, "\n"));
  g_setenv ("LD_PRELOAD", path, TRUE);
  g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
#endif
}

/* Starts nbdkit on a socket pair as its stdin and stdout; the notices' pipe is descriptor 9. */
static void
connect_nbd (void)
{
  g_autofree char *plugin = plugin_path ();
  g_autofree char *base_arg = g_strconcat ("base=", base, NULL);
  g_autofree char *root_arg = g_strconcat ("root=", host, NULL);
  char *argv[] = { "nbdkit", "-f", "-s", plugin, base_arg, root_arg, "notice-fd=9", NULL };

  preload_sanitizer ();
  ck_assert_int_eq (dup2 (notices[1], 9), 9);
  nbd = nbd_create ();
  ck_assert_msg (nbd_connect_command (nbd, argv) == 0, "%s", nbd_get_error ());
  close (9);
  g_unsetenv ("LD_PRELOAD");
}

static void
serve (void)
{
  SgErofsResult result;

  tree = kit_tree_of (host);
  kit_write (tree, host, base, &result);
  connect_nbd ();
}

static char *
in_host (const char *name)
{
  return g_build_filename (host, name, NULL);
}

/* Reads COUNT bytes of the file NAME (in the tree's root) through the device: 0 or an errno. */
static int
read_served (const char *name, void *data, gsize count)
{
  SgNode *root = sg_tree_root (tree);

  for (guint i = 0; i < root->n_children; i++)
    if (strcmp (root->children[i]->name, name) == 0)
      {
        guint64 at = root->children[i]->inode->writer_data[1] * 4096;
        return nbd_pread (nbd, data, count, at, 0) == 0 ? 0 : nbd_get_errno ();
      }
  ck_abort_msg ("no file %s", name);
}

/* The next notice; NULL after a second without one. */
static JsonObject *
next_notice (void)
{
  static JsonParser *parser;
  GString *line = g_string_new (NULL);
  char c;
  int flags = fcntl (notices[0], F_GETFL);

  fcntl (notices[0], F_SETFL, flags | O_NONBLOCK);
  for (int tries = 0; tries < 100; tries++)
    {
      ssize_t n = read (notices[0], &c, 1);
      if (n == 1 && c == '\n')
        break;
      if (n == 1)
        g_string_append_c (line, c);
      else
        g_usleep (10000);
    }
  g_clear_object (&parser);
  parser = json_parser_new ();
  gboolean ok = line->len > 0 && json_parser_load_from_data (parser, line->str, -1, NULL);
  g_string_free (line, TRUE);
  return ok ? json_node_get_object (json_parser_get_root (parser)) : NULL;
}

static void
notice_says (const char *problem, const char *path)
{
  JsonObject *notice = next_notice ();

  ck_assert_ptr_nonnull (notice);
  ck_assert_str_eq (json_object_get_string_member (notice, "event"), "file");
  ck_assert_str_eq (json_object_get_string_member (notice, "problem"), problem);
  ck_assert_str_eq (json_object_get_string_member (notice, "path"), path);
}

START_TEST (the_device_is_the_image)
{
  g_autofree char *image = g_build_filename (dir, "image", NULL);
  g_autofree guint8 *noise = kit_noise (300000, 1);
  sg_fd int fd = open (image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  SgMaterialised made;

  kit_file (host, "large", noise, 300000);
  kit_file (host, "small", "small", 5);
  serve ();
  ck_assert (sg_materialise (base, host, fd, &made, NULL, NULL));
  ck_assert_int_eq (nbd_get_size (nbd), (gint64)made.image_bytes);
  ck_assert_int_eq (nbd_is_read_only (nbd), 1);
  ck_assert_int_eq (nbd_can_multi_conn (nbd), 1);
  g_autofree guint8 *expected = g_malloc (made.image_bytes);
  g_autofree guint8 *served = g_malloc (made.image_bytes);
  ck_assert_int_eq (sg_pread_all (fd, expected, made.image_bytes, 0, NULL), made.image_bytes);
  ck_assert_int_eq (nbd_pread (nbd, served, made.image_bytes, 0, 0), 0);
  ck_assert_mem_eq (served, expected, made.image_bytes);
  /* Odd places and lengths. */
  for (guint i = 0; i < 500; i++)
    {
      guint64 at = (guint64)g_random_int () % made.image_bytes;
      gsize len = 1 + g_random_int () % MIN (70000, made.image_bytes - at);
      ck_assert_int_eq (nbd_pread (nbd, served, len, at, 0), 0);
      ck_assert_mem_eq (served, expected + at, len);
    }
}
END_TEST

START_TEST (a_replaced_file_is_an_error_and_its_neighbours_are_fine)
{
  char data[8] = { 0 };
  g_autofree char *b = in_host ("b"), *fresh = in_host ("fresh");

  kit_file (host, "a", "aaaa", 4);
  kit_file (host, "b", "bbbb", 4);
  kit_file (host, "c", "cccc", 4);
  serve ();
  kit_file (host, "fresh", "BBBB", 4);
  ck_assert_int_eq (rename (fresh, b), 0);
  ck_assert_int_eq (read_served ("b", data, 4), EIO);
  notice_says ("changed", "/b");
  ck_assert_int_eq (read_served ("b", data, 4), EIO);
  ck_assert_int_eq (read_served ("a", data, 4), 0);
  ck_assert_str_eq (data, "aaaa");
  ck_assert_int_eq (read_served ("c", data, 4), 0);
  ck_assert_str_eq (data, "cccc");
  ck_assert_ptr_null (next_notice ()); /* one per file */
}
END_TEST

START_TEST (a_file_written_to_while_it_is_open_is_an_error)
{
  char data[8] = { 0 };

  kit_file (host, "a", "aaaa", 4);
  serve ();
  ck_assert_int_eq (read_served ("a", data, 4), 0);
  kit_file (host, "a", "AAAA", 4);
  ck_assert_int_eq (read_served ("a", data, 4), EIO);
  notice_says ("changed", "/a");
}
END_TEST

START_TEST (a_file_cut_short_is_an_error_not_a_crash)
{
  g_autofree guint8 *noise = kit_noise (100000, 1);
  g_autofree guint8 *data = g_malloc (100000);
  g_autofree char *a = in_host ("a");

  kit_file (host, "a", noise, 100000);
  serve ();
  ck_assert_int_eq (read_served ("a", data, 100000), 0);
  ck_assert_int_eq (truncate (a, 10), 0);
  ck_assert_int_eq (read_served ("a", data, 100000), EIO);
  notice_says ("changed", "/a");
}
END_TEST

START_TEST (an_unlinked_file_that_was_read_stays)
{
  char data[8] = { 0 };
  g_autofree char *a = in_host ("a"), *b = in_host ("b");

  kit_file (host, "a", "aaaa", 4);
  kit_file (host, "b", "bbbb", 4);
  serve ();
  ck_assert_int_eq (read_served ("a", data, 4), 0);
  ck_assert_int_eq (unlink (a), 0);
  ck_assert_int_eq (unlink (b), 0);
  memset (data, 0, sizeof data);
  ck_assert_int_eq (read_served ("a", data, 4), 0);
  ck_assert_str_eq (data, "aaaa");
  ck_assert_int_eq (read_served ("b", data, 4), EIO);
  notice_says ("missing", "/b");
}
END_TEST

START_TEST (what_only_touches_ctime_changes_nothing)
{
  char data[8] = { 0 };
  g_autofree char *a = in_host ("a"), *other = in_host ("other");

  kit_file (host, "a", "aaaa", 4);
  serve ();
  for (int round = 0; round < 2; round++)
    {
      ck_assert_int_eq (link (a, other), 0);
      ck_assert_int_eq (read_served ("a", data, 4), 0);
      ck_assert_int_eq (unlink (other), 0);
      ck_assert_int_eq (chmod (a, 0600), 0);
      ck_assert_int_eq (read_served ("a", data, 4), 0);
      ck_assert_str_eq (data, "aaaa");
    }
}
END_TEST

START_TEST (a_fifo_or_a_link_in_its_place_is_an_error)
{
  char data[8];
  g_autofree char *a = in_host ("a"), *b = in_host ("b");

  kit_file (host, "a", "aaaa", 4);
  kit_file (host, "b", "bbbb", 4);
  serve ();
  ck_assert_int_eq (unlink (a), 0);
  ck_assert_int_eq (mkfifo (a, 0644), 0);
  ck_assert_int_eq (unlink (b), 0);
  ck_assert_int_eq (symlink ("/etc/hostname", b), 0);
  ck_assert_int_eq (read_served ("a", data, 4), EIO);
  ck_assert_int_eq (read_served ("b", data, 4), EIO);
}
END_TEST

START_TEST (requests_behind_the_end_leave_the_connection_alive)
{
  g_autofree char *data = g_malloc (1 << 20);

  kit_file (host, "a", "aaaa", 4);
  serve ();
  gint64 size = nbd_get_size (nbd);
  const guint64 offsets[]
      = { (guint64)size, (guint64)size - 1, G_MAXUINT64 - 511, G_MAXUINT64 - 4096, 1ull << 63 };
  nbd_set_strict_mode (nbd, 0);
  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      ck_assert_int_eq (nbd_pread (nbd, data, 4096, offsets[i], 0), -1);
      ck_assert_int_eq (nbd_pread (nbd, data, 1 << 20, offsets[i], 0), -1);
    }
  ck_assert_int_eq (nbd_pread (nbd, data, 1, (guint64)size - 1, 0), 0);
  ck_assert_int_eq (read_served ("a", data, 4), 0);
}
END_TEST

START_TEST (a_base_that_is_damaged_is_not_served)
{
  g_autofree char *map = g_build_filename (base, "map", NULL);
  g_autofree char *plugin = plugin_path ();
  g_autofree char *base_arg = g_strconcat ("base=", base, NULL);
  char *argv[] = { "nbdkit", "-f", "-s", plugin, base_arg, NULL };
  g_autofree char *said = NULL;
  SgErofsResult result;
  int status = 0;

  kit_file (host, "a", "aaaa", 4);
  tree = kit_tree_of (host);
  kit_write (tree, host, base, &result);
  ck_assert_int_eq (truncate (map, (off_t)result.map_bytes - 1), 0);
  preload_sanitizer ();
  ck_assert (
      g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &said, &status, NULL));
  ck_assert_int_ne (status, 0);
  ck_assert_ptr_nonnull (strstr (said, "is damaged (its map is cut short)"));
}
END_TEST

START_TEST (flipped_metadata_is_an_error)
{
  g_autofree char *meta = g_build_filename (base, "meta", NULL);
  SgErofsResult result;
  char data[4096];

  kit_file (host, "a", "aaaa", 4);
  tree = kit_tree_of (host);
  kit_write (tree, host, base, &result);
  sg_fd int fd = open (meta, O_WRONLY | O_CLOEXEC);
  ck_assert_int_eq (pwrite (fd, "\xff", 1, 1200), 1);
  connect_nbd ();
  ck_assert_int_eq (nbd_pread (nbd, data, sizeof data, 0, 0), -1);
  ck_assert_int_eq (nbd_get_errno (), EIO);
  ck_assert_int_eq (read_served ("a", data, 4), 0);
}
END_TEST

/* 2,000 files, each read twice, many requests under way, and 100 descriptors for all of it. */
START_TEST (few_descriptors_are_enough)
{
  const guint n = 2000, depth = 32;
  struct rlimit few = { 100, 100 }, before;
  static char data[32][4];

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u", i);
      kit_file (host, name, name, 4);
    }
  ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &before), 0);
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &few), 0);
  serve ();
  SgNode *root = sg_tree_root (tree);
  ck_assert_uint_eq (root->n_children, n);
  for (guint start = 0; start < 2 * n; start += depth)
    {
      gint64 cookies[32];
      for (guint k = 0; k < depth; k++)
        {
          guint64 at = root->children[(start + k) % n]->inode->writer_data[1] * 4096;
          cookies[k] = nbd_aio_pread (nbd, data[k], 4, at, NBD_NULL_COMPLETION, 0);
          ck_assert_int_ge (cookies[k], 0);
        }
      while (nbd_aio_in_flight (nbd) > 0)
        ck_assert_int_ge (nbd_poll (nbd, -1), 0);
      for (guint k = 0; k < depth; k++)
        {
          g_autofree char *expected = g_strdup_printf ("%04u", (start + k) % n);
          ck_assert_int_eq (nbd_aio_command_completed (nbd, (guint64)cookies[k]), 1);
          ck_assert_mem_eq (data[k], expected, 4);
        }
    }
}
END_TEST

/* A whole system that was updated: few lines, none lost from the count, reads not held up. */
START_TEST (a_flood_of_notices_is_counted_not_sent)
{
  const guint n = 200;
  char data[4];
  guint said = 0, counted = 0;
  JsonObject *notice;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u", i);
      kit_file (host, name, name, 4);
    }
  serve ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u", i), *path = in_host (name);
      ck_assert_int_eq (unlink (path), 0);
      ck_assert_int_eq (read_served (name, data, 4), EIO);
    }
  g_usleep (1100000);
  ck_assert_int_eq (read_served ("0000", data, 4), EIO);
  while ((notice = next_notice ()) != NULL)
    {
      if (strcmp (json_object_get_string_member (notice, "event"), "file") == 0)
        said++;
      else
        counted += (guint)json_object_get_int_member (notice, "count");
    }
  ck_assert_uint_eq (said + counted, n);
  ck_assert_uint_le (said, 60); /* 20 a second */
}
END_TEST

START_TEST (a_reader_of_notices_that_sleeps_holds_nothing_up)
{
  char data[4];
  static char filler[4096];

  kit_file (host, "a", "aaaa", 4);
  serve ();
  g_autofree char *a = in_host ("a");
  fcntl (notices[1], F_SETFL, O_NONBLOCK);
  while (write (notices[1], filler, sizeof filler) > 0)
    ;
  while (write (notices[1], filler, 1) > 0)
    ;
  fcntl (notices[1], F_SETFL, 0);
  ck_assert_int_eq (unlink (a), 0);
  alarm (10);
  ck_assert_int_eq (read_served ("a", data, 4), EIO);
  alarm (0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("plugin");
  TCase *tc = tcase_create ("plugin");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, the_device_is_the_image);
  tcase_add_test (tc, a_replaced_file_is_an_error_and_its_neighbours_are_fine);
  tcase_add_test (tc, a_file_written_to_while_it_is_open_is_an_error);
  tcase_add_test (tc, a_file_cut_short_is_an_error_not_a_crash);
  tcase_add_test (tc, an_unlinked_file_that_was_read_stays);
  tcase_add_test (tc, what_only_touches_ctime_changes_nothing);
  tcase_add_test (tc, a_fifo_or_a_link_in_its_place_is_an_error);
  tcase_add_test (tc, requests_behind_the_end_leave_the_connection_alive);
  tcase_add_test (tc, a_base_that_is_damaged_is_not_served);
  tcase_add_test (tc, flipped_metadata_is_an_error);
  tcase_add_test (tc, few_descriptors_are_enough);
  tcase_add_test (tc, a_flood_of_notices_is_counted_not_sent);
  tcase_add_test (tc, a_reader_of_notices_that_sleeps_holds_nothing_up);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
