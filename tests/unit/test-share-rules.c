/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which folders may be shared: on a small tree of folders with every way of naming one of them. */
#include "launcher/share-rules.h"

#include "common/fd.h"
#include "launcher/share.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top, *home, *runtime, *cache, *config;
static SgSharePlaces places;

static char *
in (const char *dir, const char *below)
{
  return g_build_filename (dir, below, NULL);
}

static void
make (const char *dir, const char *below)
{
  g_autofree char *path = in (dir, below);

  ck_assert_int_eq (g_mkdir_with_parents (path, 0700), 0);
}

static void
setup (void)
{
  g_autofree char *work = NULL;

  top = g_dir_make_tmp ("share-rules-XXXXXX", NULL);
  ck_assert_ptr_nonnull (top);
  home = in (top, "home/me");
  runtime = in (top, "run/1000");
  cache = in (home, ".cache/sandglass");
  config = in (home, ".config/sandglass");
  make (home, ".ssh/deep");
  make (home, ".local/share/keyrings");
  make (home, "bin");
  make (home, "tools/commands");
  make (home, "work/.git");
  make (home, "pictures/summer");
  make (runtime, "x");
  make (cache, "bases");
  make (config, "profiles");
  work = in (home, "tools/commands");
  places = (SgSharePlaces){ .home = home,
                            .runtime = runtime,
                            .cache = cache,
                            .config = config,
                            .path = g_strconcat (":relative:", work, ":/nowhere", NULL) };
}

static void
teardown (void)
{
  const char *argv[] = { "rm", "-rf", top, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static SgShareVerdict *
judge (const char *path, gboolean writable, GError **error)
{
  sg_fd int fd = sg_share_open (path, error);

  return fd >= 0 ? sg_share_judge (fd, writable, &places, error) : NULL;
}

static void
assert_refused (const char *dir, const char *below, gboolean writable, const char *words)
{
  g_autofree char *path = in (dir, below);
  g_autoptr (GError) error = NULL;
  g_autoptr (SgShareVerdict) verdict = judge (path, writable, &error);

  ck_assert_msg (verdict == NULL, "%s is shared", path);
  ck_assert_msg (strstr (error->message, words) != NULL, "%s: %s", path, error->message);
}

static SgShareVerdict *
allowed (const char *dir, const char *below, gboolean writable)
{
  g_autofree char *path = in (dir, below);
  g_autoptr (GError) error = NULL;
  SgShareVerdict *verdict = judge (path, writable, &error);

  ck_assert_msg (verdict != NULL, "%s: %s", path, error != NULL ? error->message : "");
  return verdict;
}

static gboolean
covers (const SgShareVerdict *verdict, const char *below)
{
  for (guint i = 0; i < verdict->covers->len; i++)
    if (g_str_equal (((SgShareCover *)g_ptr_array_index (verdict->covers, i))->below, below))
      return TRUE;
  return FALSE;
}

START_TEST (every_rule_has_a_reason)
{
  gsize n;
  const SgPlaceRule *rules = sg_share_rules (&n);

  ck_assert_uint_gt (n, 30);
  for (gsize i = 0; i < n; i++)
    {
      ck_assert_uint_gt (strlen (rules[i].why), 10);
      ck_assert (strchr ("/~@", rules[i].where[0]) != NULL);
      for (gsize k = 0; k < i; k++)
        ck_assert (!g_str_equal (rules[i].where, rules[k].where));
    }
}
END_TEST

START_TEST (what_is_never_shared)
{
  static const char *const kernels[]
      = { "/", "/proc", "/proc/1", "/sys", "/sys/class", "/dev", "/dev/shm" };

  for (gsize i = 0; i < G_N_ELEMENTS (kernels); i++)
    if (g_file_test (kernels[i], G_FILE_TEST_IS_DIR))
      assert_refused (kernels[i], "", FALSE, "not shared");
  for (int writable = 0; writable < 2; writable++)
    {
      assert_refused (home, ".ssh", writable, "keys and passwords");
      assert_refused (home, ".ssh/deep", writable, "keys and passwords");
      assert_refused (home, ".local/share/keyrings", writable, "keys and passwords");
      assert_refused (runtime, "", writable, "running programs");
      assert_refused (runtime, "x", writable, "running programs");
      assert_refused (cache, "bases", writable, "Sandglass keeps");
      assert_refused (config, "", writable, "Sandglass keeps");
    }
}
END_TEST

/* One that we cannot enter (another user's keys) neither stops us nor is forgotten. */
START_TEST (a_closed_place_is_covered)
{
  g_autofree char *keys = in (home, ".ssh");
  g_autoptr (SgShareVerdict) verdict = NULL;

  const char *argv[] = { "chown", "-R", "65534:65534", top, NULL };

  ck_assert_int_eq (chmod (keys, 0), 0);
  if (geteuid () == 0) /* who may enter everything */
    {
      g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                    NULL);
      ck_assert_int_eq (setgid (65534) | setuid (65534), 0);
    }
  verdict = allowed (home, "", FALSE);
  ck_assert (covers (verdict, ".ssh"));
  assert_refused (home, ".ssh", FALSE, "cannot be looked at");
  ck_assert_int_eq (chmod (keys, 0700), 0);
}
END_TEST

/* By the folder, not by its name. */
START_TEST (another_name_is_the_same_place)
{
  g_autofree char *link = in (top, "link"), *keys = in (home, ".ssh");
  g_autofree char *real = in (top, "elsewhere"), *gnupg = in (home, ".gnupg");

  ck_assert_int_eq (symlink (keys, link), 0);
  assert_refused (link, "", FALSE, "keys and passwords");
  assert_refused (link, "deep", FALSE, "keys and passwords");
  assert_refused (home, "pictures/../.ssh//deep/.", FALSE, "keys and passwords");
  /* The key store itself is a link: what it leads to is the place. */
  make (top, "elsewhere/store");
  ck_assert_int_eq (symlink (real, gnupg), 0);
  assert_refused (real, "store", FALSE, "keys and passwords");
  g_autoptr (SgShareVerdict) verdict = allowed (home, "pictures", FALSE);
  ck_assert_uint_eq (verdict->covers->len, 0);
}
END_TEST

START_TEST (magic_links_and_files_are_not_opened)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = in (top, "file"), *loop = in (top, "loop");

  ck_assert_int_lt (sg_share_open ("/proc/self/cwd", &error), 0);
  g_clear_error (&error);
  ck_assert_int_lt (sg_share_open ("/proc/self/root/tmp", &error), 0);
  g_clear_error (&error);
  g_file_set_contents (file, "", 0, NULL);
  ck_assert_int_lt (sg_share_open (file, &error), 0);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY));
  g_clear_error (&error);
  ck_assert_int_eq (symlink (loop, loop), 0);
  ck_assert_int_lt (sg_share_open (loop, &error), 0);
}
END_TEST

START_TEST (what_lies_below_is_covered)
{
  g_autoptr (SgShareVerdict) mine = allowed (home, "", FALSE);
  g_autoptr (SgShareVerdict) all = allowed (top, "", FALSE);

  ck_assert (covers (mine, ".ssh") && covers (mine, ".local/share/keyrings")
             && covers (mine, ".cache/sandglass") && covers (mine, ".config/sandglass"));
  ck_assert_uint_eq (mine->covers->len, 4);
  ck_assert_uint_eq (g_strv_length (mine->warnings), 4);
  ck_assert_ptr_nonnull (strstr (mine->warnings[0], "is empty inside"));
  ck_assert (covers (all, "home/me/.ssh") && covers (all, "run/1000"));
}
END_TEST

/* Browsers that came as a Flatpak or as a snap keep what one is logged in to elsewhere. */
START_TEST (logins_are_covered_wherever_a_browser_came_from)
{
  g_autoptr (SgShareVerdict) all = NULL;

  make (home, ".var/app/org.mozilla.firefox/.mozilla");
  make (home, "snap/firefox/common/.mozilla");
  make (home, ".config/microsoft-edge");
  all = allowed (home, "", FALSE);
  ck_assert (covers (all, ".var/app") && covers (all, "snap")
             && covers (all, ".config/microsoft-edge"));
  assert_refused (home, "snap/firefox/common", FALSE, "what you are logged in to");
  assert_refused (home, ".var/app/org.mozilla.firefox/.mozilla", FALSE,
                  "what you are logged in to");
}
END_TEST

START_TEST (where_programs_start_from_is_not_writable)
{
  static const char *const refused[]
      = { "", ".config", ".local", ".local/share", "bin", "tools/commands", "tools" };

  make (home, ".local/share/other");
  make (home, ".config/other");
  make (home, ".some-editor/extensions");
  assert_refused (home, ".some-editor/extensions", TRUE,
                  "/.some-editor': programs that run outside");
  sg_share_verdict_free (allowed (home, ".some-editor/extensions", FALSE));
  make (home, "pictures/.hidden");
  sg_share_verdict_free (allowed (home, "pictures/.hidden", TRUE));
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused (home, refused[i], TRUE, "not shared for writing");
  assert_refused (home, ".local/share/other", TRUE, "It can be shared for reading");
  assert_refused (top, "home", TRUE, "not shared for writing because of");
  assert_refused ("/usr", "share", TRUE, "this computer's system");
  sg_share_verdict_free (allowed (home, ".config/other", FALSE));
  sg_share_verdict_free (allowed (home, "bin", FALSE));
  sg_share_verdict_free (allowed (home, "pictures", TRUE));
}
END_TEST

START_TEST (a_repository_is_warned_of)
{
  g_autoptr (SgShareVerdict) writable = allowed (home, "work", TRUE);
  g_autoptr (SgShareVerdict) readable = allowed (home, "work", FALSE);
  g_autofree char *path = in (home, "work");

  ck_assert_uint_eq (g_strv_length (writable->warnings), 1);
  ck_assert_ptr_nonnull (strstr (writable->warnings[0], "Git"));
  ck_assert_uint_eq (g_strv_length (readable->warnings), 0);
  ck_assert_str_eq (writable->path, path);
}
END_TEST

static gboolean
nothing_of_pictures (const char *path, gboolean writable, gpointer data, GError **error)
{
  if (writable || strstr (path, "/pictures") == NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the administrator says no to %s",
               path);
  return FALSE;
}

/* A policy is asked with the real path, and cannot allow what the table refuses. */
START_TEST (a_policy_narrows)
{
  g_autofree char *link = in (top, "harmless"), *real = in (home, "pictures/summer");

  places.allow = nothing_of_pictures;
  ck_assert_int_eq (symlink (real, link), 0);
  assert_refused (link, "", FALSE, "the administrator says no to");
  assert_refused (home, ".ssh", FALSE, "keys and passwords");
  sg_share_verdict_free (allowed (home, "work", FALSE));
}
END_TEST

START_TEST (places_inside)
{
  static const struct
  {
    const char *place, *path, *wanted;
  } cases[] = {
    { "", "/home/me/photos", "/home/sandbox/Desktop/photos" },
    { "x/y", "/a", "/home/sandbox/Desktop/x/y" },
    { "x///", "/a", "/home/sandbox/Desktop/x" },
    { "/srv/x", "/a", "/srv/x" },
    { "", "/a/bad\xff", "/home/sandbox/Desktop/bad\xef\xbf\xbd" },
    { "", "/a/new\nline", "/home/sandbox/Desktop/new\nline" },
    { "/", "/a", NULL },
    { "..", "/a", NULL },
    { "a/../b", "/a", NULL },
    { "/a/./b", "/a", NULL },
    { "", "/", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *place = sg_share_place (cases[i].place, cases[i].path, &error);

      ck_assert_msg (g_strcmp0 (place, cases[i].wanted) == 0, "%s: %s", cases[i].place, place);
      ck_assert ((place == NULL) == (error != NULL));
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("share rules");
  TCase *tcase = tcase_create ("rules");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, every_rule_has_a_reason);
  tcase_add_test (tcase, what_is_never_shared);
  tcase_add_test (tcase, a_closed_place_is_covered);
  tcase_add_test (tcase, another_name_is_the_same_place);
  tcase_add_test (tcase, magic_links_and_files_are_not_opened);
  tcase_add_test (tcase, what_lies_below_is_covered);
  tcase_add_test (tcase, logins_are_covered_wherever_a_browser_came_from);
  tcase_add_test (tcase, where_programs_start_from_is_not_writable);
  tcase_add_test (tcase, a_repository_is_warned_of);
  tcase_add_test (tcase, a_policy_narrows);
  tcase_add_test (tcase, places_inside);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
