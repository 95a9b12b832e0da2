/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When no machine is kept waiting: made-up computers.  How one is taken: by a thread, from doors that
 * the test answers at. */
#include "common/fd.h"
#include "launcher/standby-door.h"
#include "launcher/standby.h"

#include <check.h>
#include <glib/gstdio.h>

static char *root;

static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (dir, 0700), 0);
  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

static void
battery (const char *name, const char *status, const char *scope)
{
  g_autofree char *at = g_strdup_printf ("sys/class/power_supply/%s", name);
  g_autofree char *type = g_build_filename (at, "type", NULL);
  g_autofree char *state = g_build_filename (at, "status", NULL);
  g_autofree char *where = g_build_filename (at, "scope", NULL);

  put (type, "Battery\n");
  put (state, status);
  if (scope != NULL)
    put (where, scope);
}

static void
memory (guint64 kib)
{
  g_autofree char *text = g_strdup_printf (
      "MemTotal:  9000000 kB\nMemFree:   100 kB\nMemAvailable: %" G_GUINT64_FORMAT " kB\n", kib);

  put ("proc/meminfo", text);
}

static void
set_up (void)
{
  root = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
}

static void
tear_down (void)
{
  const char *argv[] = { "rm", "-rf", root, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&root, g_free);
}

START_TEST (a_computer_that_tells_nothing_may)
{
  ck_assert_ptr_null (sg_standby_why_not_at (root));
}
END_TEST

START_TEST (not_on_battery)
{
  memory (8000000);
  battery ("BAT0", "Charging\n", NULL);
  ck_assert_ptr_null (sg_standby_why_not_at (root));
  battery ("BAT0", "Discharging\n", NULL);
  ck_assert_str_eq (sg_standby_why_not_at (root), "this computer runs on battery");
}
END_TEST

START_TEST (a_mouse_has_no_say)
{
  memory (8000000);
  battery ("hid-mouse", "Discharging\n", "Device\n");
  ck_assert_ptr_null (sg_standby_why_not_at (root));
}
END_TEST

START_TEST (not_with_little_memory)
{
  memory (2 * 1024 * 1024);
  ck_assert_ptr_null (sg_standby_why_not_at (root));
  memory (2 * 1024 * 1024 - 1);
  ck_assert_str_eq (sg_standby_why_not_at (root), "less than 2 GB of memory are free");
}
END_TEST

START_TEST (nobody_waits_where_there_is_no_runtime_directory)
{
  g_setenv ("XDG_RUNTIME_DIR", root, TRUE);
  char *id = NULL;

  ck_assert_uint_eq (sg_standby_count (), 0);
  ck_assert_uint_eq (sg_standby_stay (60, NULL), 0);
  ck_assert_uint_eq (sg_standby_memory (), 0);
  ck_assert_int_eq (sg_standby_take (&(SgStandbyWish){ 0 }, NULL), -1);
  ck_assert_int_eq (sg_standby_join ("word", NULL, &id), -1);
  ck_assert_ptr_null (id);
}
END_TEST

/* --- the socket ---------------------------------------------------------------------------------
 */

typedef struct
{
  SgHome *home;
  SgStandbyDoor *door;
  SgStandbyAnswer answer; /* to a request with a descriptor */
  char *word;             /* "join" or "window" of the last one */
  GVariant *last;         /* the whole of it; owned */
  gboolean has_window;    /* no answer to who wants one alone */
  guint asked;
  int fd;
} Waiting;

static SgStandbyAnswer
on_request (GVariant *request, int fd, gpointer data)
{
  Waiting *waiting = data;
  gboolean alone = FALSE;

  waiting->asked++;
  g_clear_pointer (&waiting->last, g_variant_unref);
  waiting->last = g_variant_ref (request);
  g_variant_lookup (request, "alone", "b", &alone);
  if (alone && waiting->has_window)
    return SG_STANDBY_NO;
  g_clear_pointer (&waiting->word, g_free);
  if (!g_variant_lookup (request, "join", "s", &waiting->word))
    g_variant_lookup (request, "window", "s", &waiting->word);
  if (waiting->answer != SG_STANDBY_NO && fd >= 0)
    {
      sg_fd_clear (&waiting->fd);
      waiting->fd = fd;
    }
  return waiting->answer;
}

static void
begin_to_wait (Waiting *waiting, SgStandbyAnswer answer)
{
  *waiting = (Waiting){ .answer = answer, .fd = -1 };
  waiting->home = sg_home_new (NULL);
  ck_assert_ptr_nonnull (waiting->home);
  waiting->door = sg_standby_door_open (waiting->home, on_request, waiting, NULL);
  ck_assert_ptr_nonnull (waiting->door);
}

static void
wait_no_more (Waiting *waiting)
{
  sg_standby_door_close (waiting->door);
  sg_home_remove (waiting->home, NULL);
  sg_home_free (waiting->home);
  sg_fd_clear (&waiting->fd);
  g_free (waiting->word);
  g_clear_pointer (&waiting->last, g_variant_unref);
}

typedef struct
{
  SgStandbyWish wish;
  const char *join;
  gint done;
  int fd; /* results */
  char *id;
  gboolean window;
} Client;

static gpointer
be_client (gpointer data)
{
  Client *client = data;

  client->fd = client->join != NULL ? sg_standby_join (client->join, client->wish.profile, &client->id)
                                    : sg_standby_take (&client->wish, &client->window);
  g_atomic_int_set (&client->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
ask (Client *client)
{
  GThread *thread = g_thread_new ("client", be_client, client);

  while (!g_atomic_int_get (&client->done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

static void
ask_and_drop (Client *client)
{
  ask (client);
  sg_fd_clear (&client->fd);
  g_clear_pointer (&client->id, g_free);
}

static void
runtime_directory (void)
{
  g_chmod (root, 0700);
  g_setenv ("XDG_RUNTIME_DIR", root, TRUE);
}

START_TEST (a_window_joins_and_is_taken_with_its_machine)
{
  Waiting one;
  Client joins = { .join = "secret" }, takes = { .wish = { .window = "secret" } };
  Client late = { .fd = 0 };
  char c = 'x';

  runtime_directory ();
  begin_to_wait (&one, SG_STANDBY_JOINED);
  ask (&joins);
  ck_assert_int_ge (joins.fd, 0);
  ck_assert_str_eq (joins.id, sg_home_id (one.home));
  ck_assert_str_eq (one.word, "secret");
  /* What it got is the other end of what the session got. */
  ck_assert (sg_write_all (joins.fd, "y", 1, NULL) && sg_read_all (one.fd, &c, 1, NULL) == 1);
  ck_assert_int_eq (c, 'y');
  one.answer = SG_STANDBY_TAKEN_WITH_WINDOW; /* the door is still open after a window joined */
  ask (&takes);
  ck_assert_int_ge (takes.fd, 0);
  ck_assert (takes.window);
  ck_assert_str_eq (one.word, "secret");
  ask_and_drop (&late); /* taken once */
  ck_assert_uint_eq (one.asked, 2);
  sg_fd_clear (&joins.fd);
  sg_fd_clear (&takes.fd);
  g_free (joins.id);
  wait_no_more (&one);
}
END_TEST

START_TEST (the_one_that_is_named_is_asked_first)
{
  Waiting waiting[3];

  runtime_directory ();
  for (int i = 0; i < 3; i++)
    begin_to_wait (&waiting[i], SG_STANDBY_TAKEN);
  for (int i = 2; i >= 0; i--)
    {
      Client client = { .wish = { .id = sg_home_id (waiting[i].home) } };

      ask (&client);
      ck_assert_int_ge (client.fd, 0);
      ck_assert (!client.window);
      ck_assert_uint_eq (waiting[i].asked, 1);
      sg_fd_clear (&client.fd);
    }
  for (int i = 0; i < 3; i++)
    wait_no_more (&waiting[i]);
}
END_TEST

START_TEST (one_that_says_no_leaves_it_to_the_next)
{
  Waiting one, other;
  Client client = { .wish = { 0 } };

  runtime_directory ();
  begin_to_wait (&one, SG_STANDBY_NO);
  begin_to_wait (&other, SG_STANDBY_TAKEN);
  client.wish.id = sg_home_id (one.home);
  ask (&client);
  ck_assert_int_ge (client.fd, 0);
  ck_assert_uint_eq (one.asked, 1);
  ck_assert_uint_eq (other.asked, 1);
  sg_fd_clear (&client.fd);
  wait_no_more (&one);
  wait_no_more (&other);
}
END_TEST

START_TEST (who_shows_no_window_leaves_those_with_one)
{
  Waiting one, other;
  Client client = { .wish = { 0 } };

  runtime_directory ();
  begin_to_wait (&one, SG_STANDBY_TAKEN);
  begin_to_wait (&other, SG_STANDBY_TAKEN);
  one.has_window = TRUE;
  client.wish.id = sg_home_id (one.home);
  ask (&client);
  ck_assert_int_ge (client.fd, 0);
  ck_assert (one.fd < 0 && other.fd >= 0);
  sg_fd_clear (&client.fd);
  /* But better that one than none. */
  client.done = FALSE;
  ask (&client);
  ck_assert_int_ge (client.fd, 0);
  ck_assert_int_ge (one.fd, 0);
  ck_assert_uint_eq (one.asked, 3);
  sg_fd_clear (&client.fd);
  wait_no_more (&one);
  wait_no_more (&other);
}
END_TEST

START_TEST (all_that_is_asked_is_told)
{
  static const char *const folders[] = { "/a b", "/c\xff", NULL };
  g_autofree char *file = g_build_filename (root, "a.wsb", NULL);
  g_autofree char *mark = NULL, *sha256 = NULL, *purpose = NULL, *config = NULL, *whom = NULL;
  g_auto (GStrv) writable = NULL;
  gboolean without = FALSE;
  Waiting one;
  Client client = { .wish = { .profile = file,
                              .sha256 = "0000",
                              .purpose = "command",
                              .config = "<Configuration/>",
                              .writable = folders,
                              .without_asks = TRUE } };

  runtime_directory ();
  put ("a.wsb", "<Configuration/>");
  begin_to_wait (&one, SG_STANDBY_TAKEN);
  ask (&client);
  ck_assert_int_lt (client.fd, 0); /* another file than the one that was agreed to */
  ck_assert_uint_eq (one.asked, 0);
  mark = sg_standby_mark (file, &sha256);
  client.wish.sha256 = sha256;
  client.done = FALSE;
  ask (&client);
  ck_assert_int_ge (client.fd, 0);
  ck_assert (g_variant_lookup (one.last, "purpose", "s", &purpose));
  ck_assert (g_variant_lookup (one.last, "config", "s", &config));
  ck_assert (g_variant_lookup (one.last, "for", "s", &whom));
  ck_assert (g_variant_lookup (one.last, "writable", "^aay", &writable));
  ck_assert (g_variant_lookup (one.last, "without", "b", &without) && without);
  ck_assert_str_eq (purpose, "command");
  ck_assert_str_eq (config, "<Configuration/>");
  ck_assert_str_eq (whom, mark);
  ck_assert (g_strv_equal ((const char *const *)writable, folders));
  sg_fd_clear (&client.fd);
  wait_no_more (&one);
}
END_TEST

/* The peer of whoever asks is this process, which has a child. */
START_TEST (those_that_wait_are_listed_with_what_they_take)
{
  static const char *const sleeper[] = { "sleep", "60", NULL };
  g_autoptr (GSubprocess) child
      = g_subprocess_newv (sleeper, G_SUBPROCESS_FLAGS_NONE, NULL);
  g_autoptr (GPtrArray) none = NULL, all = NULL;
  const SgStandbyOne *first, *second;
  Waiting one, other;

  runtime_directory ();
  none = sg_standby_list ();
  ck_assert_uint_eq (none->len, 0);
  begin_to_wait (&one, SG_STANDBY_TAKEN);
  begin_to_wait (&other, SG_STANDBY_TAKEN);
  all = sg_standby_list ();
  ck_assert_uint_eq (all->len, 2);
  first = all->pdata[0];
  second = all->pdata[1];
  ck_assert_str_ne (first->id, second->id);
  ck_assert (g_str_equal (first->id, sg_home_id (one.home))
             || g_str_equal (second->id, sg_home_id (one.home)));
  ck_assert_uint_gt (first->bytes, 0);
  ck_assert_uint_gt (sg_standby_memory (), first->bytes);
  g_subprocess_force_exit (child);
  wait_no_more (&one);
  wait_no_more (&other);
}
END_TEST

/* --- for whom it waits */

START_TEST (the_mark_is_of_path_bytes_and_environment)
{
  g_autofree char *file = g_build_filename (root, "a.wsb", NULL);
  g_autofree char *other = g_build_filename (root, "b.wsb", NULL);
  g_autofree char *none = sg_standby_mark (NULL, NULL);
  g_autofree char *missing = sg_standby_mark (file, NULL);
  g_autofree char *first = NULL, *again = NULL, *moved = NULL, *changed = NULL, *elsewhere = NULL;
  g_autofree char *sha256 = NULL, *there = NULL, *named = NULL;

  ck_assert_str_eq (none, "");
  ck_assert_ptr_null (missing);
  ck_assert_ptr_null (sg_standby_mark (root, NULL)); /* no file */
  put ("a.wsb", "<Configuration/>");
  put ("b.wsb", "<Configuration/>");
  g_unsetenv ("INVOICES");
  first = sg_standby_mark (file, &sha256);
  ck_assert_str_eq (sha256, "1cdd004b3b11745a7b43692fc3ef362ff4a743c3efa6a7150ed020bb4f21f447");
  again = sg_standby_mark (file, NULL);
  ck_assert_str_eq (first, again);
  moved = sg_standby_mark (other, NULL);
  ck_assert_str_ne (first, moved);
  g_setenv ("INVOICES", "/srv", TRUE); /* a path in it may name this variable */
  elsewhere = sg_standby_mark (file, NULL);
  ck_assert_str_ne (first, elsewhere);
  g_unsetenv ("INVOICES");
  g_setenv ("PWD", "/srv", TRUE);
  g_setenv ("_", "/bin/true", TRUE);
  there = sg_standby_mark (file, NULL);
  ck_assert_str_eq (first, there);
  put ("a.wsb", "<Configuration>$PWD</Configuration>");
  changed = sg_standby_mark (file, NULL);
  ck_assert_str_ne (first, changed);
  g_setenv ("PWD", "/mnt", TRUE);
  named = sg_standby_mark (file, NULL);
  ck_assert_str_ne (changed, named);
}
END_TEST

static gpointer
be_keeper (gpointer data)
{
  Client *client = data;

  client->fd = (int)sg_standby_stay (60, client->wish.profile);
  g_atomic_int_set (&client->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

START_TEST (those_that_stay_are_counted)
{
  Waiting waiting[3];
  Client keeper = { .fd = -1 };
  GThread *thread;

  runtime_directory ();
  for (int i = 0; i < 3; i++)
    begin_to_wait (&waiting[i], i == 1 ? SG_STANDBY_NO : SG_STANDBY_KEPT);
  thread = g_thread_new ("keeper", be_keeper, &keeper);
  while (!g_atomic_int_get (&keeper.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  ck_assert_int_eq (keeper.fd, 2);
  for (int i = 0; i < 3; i++)
    {
      ck_assert_uint_eq (waiting[i].asked, 1);
      wait_no_more (&waiting[i]);
    }
}
END_TEST

START_TEST (nobody_takes_one_by_a_profile_that_cannot_be_read)
{
  Waiting one;
  Client client = { .wish = { .profile = "/nonexistent.wsb" } };

  runtime_directory ();
  begin_to_wait (&one, SG_STANDBY_TAKEN);
  ask (&client);
  ck_assert_int_eq (client.fd, -1);
  ck_assert_uint_eq (one.asked, 0);
  wait_no_more (&one);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("standby");
  TCase *tcase = tcase_create ("standby");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, a_computer_that_tells_nothing_may);
  tcase_add_test (tcase, not_on_battery);
  tcase_add_test (tcase, a_mouse_has_no_say);
  tcase_add_test (tcase, not_with_little_memory);
  tcase_add_test (tcase, nobody_waits_where_there_is_no_runtime_directory);
  tcase_add_test (tcase, a_window_joins_and_is_taken_with_its_machine);
  tcase_add_test (tcase, the_one_that_is_named_is_asked_first);
  tcase_add_test (tcase, one_that_says_no_leaves_it_to_the_next);
  tcase_add_test (tcase, who_shows_no_window_leaves_those_with_one);
  tcase_add_test (tcase, all_that_is_asked_is_told);
  tcase_add_test (tcase, those_that_wait_are_listed_with_what_they_take);
  tcase_add_test (tcase, the_mark_is_of_path_bytes_and_environment);
  tcase_add_test (tcase, those_that_stay_are_counted);
  tcase_add_test (tcase, nobody_takes_one_by_a_profile_that_cannot_be_read);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
