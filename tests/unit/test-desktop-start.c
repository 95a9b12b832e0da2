/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sandglass-desktop makes before it starts anything: cookie, keyboard, environment. */
#include "baseimage/guest/desktop/child.h"
#include "baseimage/guest/desktop/cookie.h"
#include "baseimage/guest/desktop/keyboard.h"
#include "baseimage/guest/desktop/server.h"
#include "baseimage/guest/desktop/session-env.h"
#include "baseimage/guest/desktop/sound.h"
#include "baseimage/guest/desktop/vars.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *top;

static void
setup (void)
{
  top = g_dir_make_tmp ("desktop-start-XXXXXX", NULL);
  ck_assert_ptr_nonnull (top);
}

static void
teardown (void)
{
  const char *argv[] = { "rm", "-rf", top, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&top, g_free);
}

static void
put (const char *path, const char *text, gssize length)
{
  g_autofree char *full = g_build_filename (top, path, NULL);
  g_autofree char *dir = g_path_get_dirname (full);

  g_mkdir_with_parents (dir, 0755);
  ck_assert (g_file_set_contents (full, text, length, NULL));
}

static void
assert_keyboard (const char *layout, const char *variant)
{
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_read (top);

  ck_assert_str_eq (keyboard->layout, layout);
  ck_assert_str_eq (keyboard->variant, variant);
}

START_TEST (keyboard_from_the_host)
{
  assert_keyboard ("us", "");
  put ("etc/vconsole.conf", "KEYMAP=de-latin1-nodeadkeys\nFONT=eurlatgr\n", -1);
  assert_keyboard ("us", ""); /* no table to look it up */
  put ("usr/share/systemd/kbd-model-map",
       "# console\tlayout\tmodel\tvariant\toptions\n"
       "de-latin1\t\tde\tpc105\t-\tterminate:ctrl_alt_bksp\n"
       "de-latin1-nodeadkeys\tde\tpc105\tnodeadkeys\tterminate:ctrl_alt_bksp\nshort\tde\n",
       -1);
  assert_keyboard ("de", "nodeadkeys");
  put ("etc/vconsole.conf", "KEYMAP=de-latin1\nXKBLAYOUT=fr\nXKBVARIANT=\"bepo\"\n", -1);
  assert_keyboard ("fr", "bepo");
  put ("etc/default/keyboard",
       "# x\nXKBMODEL=\"pc105\"\nXKBLAYOUT=\"us,ru\"\nXKBVARIANT=',phonetic'\n", -1);
  assert_keyboard ("us,ru", ",phonetic");
}
END_TEST

START_TEST (keyboard_that_would_break_the_configuration)
{
  put ("etc/default/keyboard",
       "XKBLAYOUT='us\"\nEndSection\nSection \"Module'\nXKBVARIANT=dvorak\n", -1);
  assert_keyboard ("us", "");
  put ("etc/default/keyboard", "XKBLAYOUT=de\nXKBOPTIONS='a\" \"b'\n", -1);
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_read (top);
  g_autofree char *section = sg_keyboard_section (keyboard);

  ck_assert_str_eq (section, "Section \"InputClass\"\n"
                             "  Identifier \"keyboard layout\"\n"
                             "  MatchIsKeyboard \"on\"\n"
                             "  Option \"XkbLayout\" \"de\"\n"
                             "EndSection\n");
}
END_TEST

START_TEST (keyboard_words)
{
  static const char *const wrong[]
      = { "", " ", "de nodeadkeys extra", "de;reboot", "-option x y", "de \n", "$(id)", "\xff" };
  g_autoptr (SgKeyboard) one = sg_keyboard_parse ("de nodeadkeys", NULL);
  g_autoptr (SgKeyboard) two = sg_keyboard_parse ("us,ru", NULL);

  ck_assert_str_eq (one->layout, "de");
  ck_assert_str_eq (one->variant, "nodeadkeys");
  ck_assert_str_eq (two->layout, "us,ru");
  ck_assert_str_eq (two->variant, "");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (sg_keyboard_parse (wrong[i], &error));
      ck_assert_ptr_nonnull (error);
    }
}
END_TEST

START_TEST (files_of_words)
{
  g_autofree char *path = g_build_filename (top, "vars", NULL);

  put ("vars", "A=1\n#B=2\n C=\"two words\"  # said\nexport D=x\nbad \"line\n=novalue\nE=\n\0F=1\n",
       -1);
  g_autoptr (GHashTable) vars = sg_vars_read (path);
  ck_assert_str_eq (g_hash_table_lookup (vars, "A"), "1");
  ck_assert_ptr_null (g_hash_table_lookup (vars, "B"));
  ck_assert_str_eq (g_hash_table_lookup (vars, "C"), "two words");
  ck_assert_str_eq (g_hash_table_lookup (vars, "D"), "x");
  ck_assert_str_eq (g_hash_table_lookup (vars, "E"), "");
  ck_assert_uint_eq (g_hash_table_size (vars), 4);

  put ("vars", "A=\xff\xfe\n", -1);
  g_autoptr (GHashTable) binary = sg_vars_read (path);
  ck_assert_uint_eq (g_hash_table_size (binary), 0);
  g_autoptr (GHashTable) folder = sg_vars_read (top);
  ck_assert_uint_eq (g_hash_table_size (folder), 0);
}
END_TEST

/* As libXau would read it: family, then four counted strings. */
START_TEST (cookie_file)
{
  static const guint8 cookie[SG_COOKIE_BYTES] = "0123456789abcdef";
  static const guint8 head[] = { 0xff, 0xff, 0, 0, 0, 0, 0, 18 };
  g_autoptr (GBytes) file = sg_cookie_file (cookie);
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  ck_assert_uint_eq (size, 8 + 18 + 2 + SG_COOKIE_BYTES);
  ck_assert_mem_eq (data, head, sizeof head);
  ck_assert_mem_eq (data + 8, "MIT-MAGIC-COOKIE-1", 18);
  ck_assert_mem_eq (data + 26, "\0\x10", 2);
  ck_assert_mem_eq (data + 28, cookie, SG_COOKIE_BYTES);
}
END_TEST

START_TEST (cookie_is_roots_alone)
{
  g_autofree char *path = g_build_filename (top, "auth", NULL);
  guint8 one[SG_COOKIE_BYTES], two[SG_COOKIE_BYTES];
  struct stat st;

  ck_assert (sg_cookie_new (one, NULL) && sg_cookie_new (two, NULL));
  ck_assert (memcmp (one, two, sizeof one) != 0);
  g_autoptr (GBytes) file = sg_cookie_file (one);
  put ("auth", "an old one that everybody can read", -1);
  ck_assert (sg_cookie_write (path, file, NULL));
  ck_assert_int_eq (stat (path, &st), 0);
  ck_assert_uint_eq (st.st_mode & 07777, 0600);
  ck_assert_int_eq (st.st_size, (off_t)g_bytes_get_size (file));
}
END_TEST

START_TEST (environment)
{
  SgUser user
      = { .name = "sandbox", .home = "/home/sandbox", .shell = "/bin/sh", .uid = 1234, .gid = 5 };

  put ("etc/default/locale",
       "LANG=de_DE.UTF-8\nLC_TIME=\"fr_FR.UTF-8\"\nLC_ALL=../../x\nLD_PRELOAD=/x.so\n", -1);
  g_auto (GStrv) env = sg_session_env (top, &user, ":0");
  ck_assert_str_eq (g_environ_getenv (env, "LANG"), "de_DE.UTF-8");
  ck_assert_str_eq (g_environ_getenv (env, "LC_TIME"), "fr_FR.UTF-8");
  ck_assert_ptr_null (g_environ_getenv (env, "LC_ALL"));
  ck_assert_ptr_null (g_environ_getenv (env, "LD_PRELOAD"));
  ck_assert_str_eq (g_environ_getenv (env, "XDG_RUNTIME_DIR"), "/run/user/1234");
  ck_assert_str_eq (g_environ_getenv (env, "DBUS_SESSION_BUS_ADDRESS"),
                    "unix:path=/run/user/1234/bus");
  ck_assert_ptr_null (g_environ_getenv (env, "XAUTHORITY")); /* no secret to clone */
  for (guint i = 0; env[i]; i++)
    ck_assert_ptr_null (strchr (env[i], '\n'));
}
END_TEST

START_TEST (starts_are_bounded)
{
  gint64 times[SG_CHILD_STARTS];

  for (guint i = 0; i < SG_CHILD_STARTS; i++)
    times[i] = (gint64)(10 + i) * G_USEC_PER_SEC;
  ck_assert (sg_child_may_start (times, 0, 0));
  ck_assert (sg_child_may_start (times, SG_CHILD_STARTS - 1, times[SG_CHILD_STARTS - 1]));
  ck_assert (!sg_child_may_start (times, SG_CHILD_STARTS, times[SG_CHILD_STARTS - 1]));
  ck_assert (sg_child_may_start (times, SG_CHILD_STARTS,
                                 times[0] + (SG_CHILD_WINDOW + 1) * G_USEC_PER_SEC));
}
END_TEST

static void
on_gave_up (gpointer data, const char *why)
{
  g_main_loop_quit (data);
}

/* A program that always ends is started five times, without a pause, and given up. */
START_TEST (a_crashing_program_is_given_up)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *count = g_build_filename (top, "count", NULL);
  g_autofree char *script = g_strdup_printf ("echo x >>'%s'; exit 1", count);
  g_autofree char *lines = NULL;
  const char *argv[] = { "sh", "-c", script, NULL };
  g_auto (GStrv) env = g_get_environ ();
  SgChildSpec spec = { .name = "crasher",
                       .argv = argv,
                       .env = (const char *const *)env,
                       .fd = -1,
                       .gave_up = on_gave_up,
                       .data = loop };
  SgChild *child = sg_child_start (&spec);

  g_main_loop_run (loop);
  sg_child_stop (child);
  ck_assert (g_file_get_contents (count, &lines, NULL, NULL));
  ck_assert_str_eq (lines, "x\nx\nx\nx\nx\n");
}
END_TEST

START_TEST (server_command_line)
{
  g_auto (GStrv) argv = sg_server_argv ("/usr/bin/X", 3);

  ck_assert_str_eq (argv[0], "/usr/bin/X");
  ck_assert (g_strv_contains ((const char *const *)argv, "-noreset"));
  ck_assert (g_strv_contains ((const char *const *)argv, "-auth"));
  for (guint i = 0; argv[i]; i++)
    ck_assert_str_ne (argv[i], "-ac"); /* never without a cookie */
}
END_TEST

/* A program that says how it was started; then it waits. */
static void
put_server (const char *name)
{
  g_autofree char *path = g_build_filename ("bin", name, NULL);
  g_autofree char *full = g_build_filename (top, path, NULL);
  g_autofree char *script = g_strdup_printf (
      "#!/bin/sh\n"
      "n=\"%s $((LISTEN_PID - $$)) ${LISTEN_FDS:-none}\"\n"
      "test -z \"$LISTEN_FDS\" || test -e /proc/$$/fd/3 && echo \"$n\" >\"%s/%s.started\"\n"
      "exec sleep 20\n",
      name, top, name);

  put (path, script, -1);
  g_chmod (full, 0755);
}

static gboolean
started (const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.started", top, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
iterate_for (guint msec, const char *until)
{
  for (guint i = 0; i < msec / 10 && (until == NULL || !started (until)); i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (10000);
    }
}

static void
connect_to (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/run/%s", top, name);
  ck_assert_int_eq (connect (fd, (struct sockaddr *)&address, sizeof address), 0);
  iterate_for (5000, "pulseaudio");
  close (fd);
}

/* No sandbox carries a sound server before a program wants to be heard. */
START_TEST (a_sound_server_starts_when_somebody_connects)
{
  g_autofree char *bin = g_build_filename (top, "bin", NULL);
  g_autofree char *path = g_strdup_printf ("%s:/usr/bin:/bin", bin);
  g_autofree char *line = g_strconcat ("PATH=", path, NULL);
  g_autofree char *runtime = g_build_filename (top, "run", NULL);
  g_autofree char *said = g_build_filename (top, "pulseaudio.started", NULL);
  g_autofree char *text = NULL;
  const char *env[] = { line, NULL };
  struct stat st;

  g_mkdir (runtime, 0700);
  g_mkdir (bin, 0755);
  g_setenv ("PATH", bin, TRUE);
  ck_assert_ptr_null (sg_sound_watch (NULL, runtime, env));
  put_server ("pulseaudio");
  put_server ("pipewire"); /* and nobody who speaks PulseAudio's language for it */
  SgSound *sound = sg_sound_watch (NULL, runtime, env);
  ck_assert_ptr_nonnull (sound);
  g_setenv ("PATH", path, TRUE);
  iterate_for (200, "pulseaudio");
  ck_assert (!started ("pulseaudio"));
  connect_to ("pulse/native");
  ck_assert (g_file_get_contents (said, &text, NULL, NULL));
  ck_assert_str_eq (text, "pulseaudio 0 1\n");
  ck_assert (!started ("pipewire"));
  g_autofree char *socket_path = g_build_filename (runtime, "pulse/native", NULL);
  ck_assert_int_eq (g_stat (socket_path, &st), 0);
  ck_assert_int_eq (st.st_mode & 077, 0);
  sg_sound_free (sound);

  /* PipeWire, where it is whole; and again, where the sockets of the last time lie */
  g_unlink (said);
  put_server ("wireplumber");
  put_server ("pipewire-pulse");
  sound = sg_sound_watch (NULL, runtime, env);
  ck_assert_ptr_nonnull (sound);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/pipewire-0", runtime);
  ck_assert_int_eq (connect (fd, (struct sockaddr *)&address, sizeof address), 0);
  iterate_for (5000, "pipewire-pulse");
  iterate_for (5000, "wireplumber");
  iterate_for (5000, "pipewire");
  ck_assert (started ("pipewire") && started ("wireplumber") && started ("pipewire-pulse"));
  ck_assert (!started ("pulseaudio"));
  close (fd);
  sg_sound_free (sound);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("desktop-start");
  TCase *tests = tcase_create ("start");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tests, 30);
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, keyboard_from_the_host);
  tcase_add_test (tests, keyboard_that_would_break_the_configuration);
  tcase_add_test (tests, keyboard_words);
  tcase_add_test (tests, files_of_words);
  tcase_add_test (tests, cookie_file);
  tcase_add_test (tests, cookie_is_roots_alone);
  tcase_add_test (tests, environment);
  tcase_add_test (tests, starts_are_bounded);
  tcase_add_test (tests, a_crashing_program_is_given_up);
  tcase_add_test (tests, server_command_line);
  tcase_add_test (tests, a_sound_server_starts_when_somebody_connects);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
