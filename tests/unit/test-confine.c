/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walls: as a list of words, and (where this computer allows them) around a real process. */
#include "launcher/confine.h"

#include "baseimage/rules.h"
#include "common/fd.h"
#include "launcher/spawn.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const command[] = { "/bin/true", "--", "x y", NULL };

static gboolean
has_door (const SgConfinement *c, const char *outside, SgDoorKind kind)
{
  for (guint i = 0; i < c->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (c->doors, i);
      if (g_str_equal (door->outside, outside) && door->kind == kind)
        return TRUE;
    }
  return FALSE;
}

START_TEST (every_wall_is_there_whatever_the_doors)
{
  static const char *const walls[]
      = { "--unshare-user", "--unshare-pid",    "--unshare-ipc",    "--unshare-uts",
          "--unshare-net",  "--unshare-cgroup", "--disable-userns", "--die-with-parent",
          "--new-session",  "--clearenv",       "--cap-drop" };
  g_autoptr (SgConfinement) c = sg_confinement_new ();
  g_auto (GStrv) argv = sg_confinement_arguments (c, "/usr/bin/bwrap", command);
  guint n = g_strv_length (argv);

  for (gsize i = 0; i < G_N_ELEMENTS (walls); i++)
    ck_assert_msg (g_strv_contains ((const char *const *)argv, walls[i]), "%s", walls[i]);
  ck_assert_str_eq (argv[0], "/usr/bin/bwrap");
  ck_assert_str_eq (argv[n - 4], "--");
  for (guint i = 0; command[i] != NULL; i++)
    ck_assert_str_eq (argv[n - 3 + i], command[i]);
  ck_assert (!g_strv_contains ((const char *const *)argv, "--bind"));
  ck_assert (!g_strv_contains ((const char *const *)argv, "--share-net"));
}
END_TEST

START_TEST (nobody_but_passt_is_where_the_network_is)
{
  SgConfinement *all[]
      = { sg_confine_qemu ("/q", "/k", "/i", TRUE), sg_confine_nbdkit ("/n", "/p", "/b", "/"),
          sg_confine_relay ("/r"), sg_confine_netgate ("/g"), sg_confine_passt ("/t") };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_auto (GStrv) argv = sg_confinement_arguments (all[i], "/usr/bin/bwrap", command);
      const char *const *words = (const char *const *)argv;
      gboolean passt = i + 1 == G_N_ELEMENTS (all);

      ck_assert_int_eq (g_strv_contains (words, "--unshare-net"), !passt);
      ck_assert_int_eq (g_strv_contains (words, "--disable-userns"), !passt);
      ck_assert (g_strv_contains (words, "--unshare-user"));
      ck_assert (g_strv_contains (words, "--unshare-pid"));
      ck_assert (g_strv_contains (words, "--cap-drop"));
      sg_confinement_free (all[i]);
    }
}
END_TEST

START_TEST (doors_are_read_only_and_have_reasons)
{
  SgConfinement *all[]
      = { sg_confine_qemu ("/q", "/k", "/i", TRUE), sg_confine_nbdkit ("/n", "/p", "/b", "/"),
          sg_confine_relay ("/r"), sg_confine_netgate ("/g"), sg_confine_passt ("/t") };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    for (guint k = 0; k < all[i]->doors->len; k++)
      {
        const SgDoor *door = g_ptr_array_index (all[i]->doors, k);
        ck_assert_msg (*door->why != '\0', "%s", door->outside);
        ck_assert (door->kind == SG_DOOR_READ || door->kind == SG_DOOR_READ_IF_THERE
                   || g_str_equal (door->outside, "/dev/kvm"));
      }
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    sg_confinement_free (all[i]);
}
END_TEST

START_TEST (kvm_is_a_door_only_where_it_works)
{
  g_autoptr (SgConfinement) with = sg_confine_qemu ("/q", "/k", "/i", TRUE);
  g_autoptr (SgConfinement) without = sg_confine_qemu ("/q", "/k", "/i", FALSE);

  ck_assert (has_door (with, "/dev/kvm", SG_DOOR_DEVICE));
  ck_assert (!has_door (without, "/dev/kvm", SG_DOOR_DEVICE));
}
END_TEST

/* Private places, and whatever holds them. */
START_TEST (nothing_private_is_a_door)
{
  static const char *const never[]
      = { "/",    "/home", "/root",  "/etc",  "/var", "/var/lib", "/var/log",
          "/srv", "/mnt",  "/media", "/proc", "/sys", "/run",     "/tmp" };
  g_autoptr (SgConfinement) nbdkit = sg_confine_nbdkit ("/n", "/p", "/b", "/");
  g_autoptr (SgConfinement) qemu = sg_confine_qemu ("/q", "/k", "/i", FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
    {
      ck_assert_msg (!has_door (nbdkit, never[i], SG_DOOR_READ_IF_THERE), "%s", never[i]);
      ck_assert_msg (!has_door (qemu, never[i], SG_DOOR_READ_IF_THERE), "%s", never[i]);
    }
}
END_TEST

static gboolean
is_served (const SgConfinement *c, const char *path)
{
  for (guint i = 0; i < c->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (c->doors, i);
      gsize n = strlen (door->outside);
      if (strncmp (path, door->outside, n) == 0 && (path[n] == '/' || path[n] == '\0'))
        return TRUE;
    }
  return FALSE;
}

/* A file that a rule links and the server cannot open is an error inside, for good. */
START_TEST (whatever_the_rules_link_is_served)
{
  g_autoptr (SgConfinement) c = sg_confine_nbdkit ("/n", "/p", "/b", "/");
  gsize n;
  const SgRule *rules = sg_rules_all (&n);
  guint checked = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_auto (GStrv) words = g_strsplit (rules[i].where, " ", -1);

      for (char **word = words; rules[i].verdict == SG_RULE_LINKED && *word != NULL; word++)
        if (**word == '/' && g_str_has_suffix (*word, "/"))
          {
            ck_assert_msg (is_served (c, *word), "%s of rule %s", *word, rules[i].id);
            checked++;
          }
    }
  ck_assert_uint_gt (checked, 20);
}
END_TEST

START_TEST (another_root_is_served_from_there)
{
  g_autoptr (SgConfinement) c = sg_confine_nbdkit ("/n", "/p", "/b", "/srv/tree");

  ck_assert (has_door (c, "/srv/tree/usr", SG_DOOR_READ_IF_THERE));
  ck_assert (!has_door (c, "/opt", SG_DOOR_READ_IF_THERE));
}
END_TEST

/* --- real walls ---------------------------------------------------------------------------------
 */

typedef struct
{
  gboolean ended;
  int status;
} End;

static void
ended (SgChild *child, int status, gpointer data)
{
  *(End *)data = (End){ TRUE, status };
}

/* Runs ARGV with a filter as descriptor 3; what it writes. */
static char *
run (char **argv, int filter, int *ret_status)
{
  End end = { 0 };
  int out[2];
  int fds[] = { filter };
  char text[4096];
  gssize n;
  SgSpawn spawn = { .name = "bwrap",
                    .argv = (const char *const *)argv,
                    .in = -1,
                    .err = 2,
                    .fds = fds,
                    .n_fds = filter >= 0 ? 1 : 0 };
  g_autoptr (SgChild) child = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (pipe2 (out, O_CLOEXEC), 0);
  spawn.out = out[1];
  child = sg_spawn (&spawn, ended, &end, &error);
  ck_assert_msg (child != NULL, "%s", error != NULL ? error->message : "");
  close (out[1]);
  n = sg_read_all (out[0], text, sizeof text - 1, NULL);
  close (out[0]);
  while (!end.ended)
    g_main_context_iteration (NULL, TRUE);
  text[MAX (n, 0)] = '\0';
  *ret_status = end.status;
  return g_strdup (text);
}

static SgConfinement *
with_shell (void)
{
  static const char *const places[] = { "/usr", "/lib", "/lib64", "/bin" };
  SgConfinement *c = sg_confinement_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    sg_confinement_add (c, SG_DOOR_READ_IF_THERE, places[i], places[i], "for the test");
  return c;
}

static char *
bwrap (void)
{
  g_autofree char *path = g_find_program_in_path ("bwrap");
  g_autofree char *probe
      = path != NULL ? g_strdup_printf ("%s --unshare-all --ro-bind / / true", path) : NULL;
  int status = 1;

  if (path == NULL || !g_spawn_command_line_sync (probe, NULL, NULL, &status, NULL) || status != 0)
    return NULL;
  return g_steal_pointer (&path);
}

START_TEST (inside_nothing_can_be_written_or_reached)
{
  const char *script[] = {
    "/bin/sh", "-c",
    "for p in / /dev /dev/shm /usr /tmp; do (: >$p/x) 2>/dev/null && echo wrote $p; done; "
    "[ -e /etc/passwd ] && echo sees /etc/passwd; [ -e /home ] && echo sees /home; "
    "[ -n \"$HOME$USER\" ] && echo has environment; unshare -U true 2>/dev/null && echo userns; "
    "echo done $(ulimit -c)",
    NULL
  };
  g_autofree char *program = bwrap ();
  g_autoptr (SgConfinement) c = with_shell ();
  int status;

  if (program == NULL)
    return;
  g_setenv ("HOME", "/somewhere", TRUE);
  g_auto (GStrv) argv = sg_confinement_arguments (c, program, script);
  g_autofree char *said = run (argv, -1, &status);
  ck_assert_str_eq (said, "done 0\n");
  ck_assert_int_eq (status, 0);
}
END_TEST

/* The test's own program asks for what the filter refuses.  (The sanitizer's runtime would, too.)
 */
#ifndef __SANITIZE_ADDRESS__
START_TEST (filter_refuses_sockets_and_processes_but_not_files)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *helper[] = { "/helper", "--ask", NULL };
  g_autofree char *program = bwrap ();
  g_autoptr (SgConfinement) c = with_shell ();
  g_autoptr (GError) error = NULL;
  sg_fd int filter = sg_confine_filter (&error);
  int status;

  ck_assert_msg (filter >= 0, "%s", error != NULL ? error->message : "");
  if (program == NULL)
    return;
  sg_confinement_add (c, SG_DOOR_READ, self, "/helper", "for the test");
  c->seccomp_fd = 3;
  g_auto (GStrv) argv = sg_confinement_arguments (c, program, helper);
  g_autofree char *said = run (argv, filter, &status);
  ck_assert_str_eq (said,
                    "socket 1\nfork 1\nunshare 1\nptrace 1\nbpf 1\nmemfd 1\nfile 0\nthread 0\n");
}
END_TEST
#endif

static void *
idle (void *data)
{
  return data;
}

/* Inside: the errno of each call, 0 where it worked. */
static int
ask (void)
{
  pthread_t thread;
  int fd;

  printf ("socket %d\n", syscall (SYS_socket, 1, 1, 0) < 0 ? errno : 0);
  printf ("fork %d\n", syscall (SYS_fork) < 0 ? errno : 0);
  printf ("unshare %d\n", syscall (SYS_unshare, 0x10000000) < 0 ? errno : 0);
  printf ("ptrace %d\n", syscall (SYS_ptrace, 0, 0, 0, 0) < 0 ? errno : 0);
  printf ("bpf %d\n", syscall (SYS_bpf, 0, NULL, 0) < 0 ? errno : 0);
  printf ("memfd %d\n", syscall (SYS_memfd_create, "x", 0) < 0 ? errno : 0);
  fd = open ("/usr", O_RDONLY);
  printf ("file %d\n", fd < 0 ? errno : 0);
  printf ("thread %d\n", pthread_create (&thread, NULL, idle, NULL));
  return 0;
}

int
main (int argc, char **argv)
{
  Suite *suite = suite_create ("confine");
  TCase *tc = tcase_create ("confine");
  SRunner *runner;
  int failed;

  if (argc == 2 && g_str_equal (argv[1], "--ask"))
    return ask ();
  runner = srunner_create (suite);
  tcase_add_test (tc, every_wall_is_there_whatever_the_doors);
  tcase_add_test (tc, doors_are_read_only_and_have_reasons);
  tcase_add_test (tc, nobody_but_passt_is_where_the_network_is);
  tcase_add_test (tc, kvm_is_a_door_only_where_it_works);
  tcase_add_test (tc, nothing_private_is_a_door);
  tcase_add_test (tc, whatever_the_rules_link_is_served);
  tcase_add_test (tc, another_root_is_served_from_there);
  tcase_add_test (tc, inside_nothing_can_be_written_or_reached);
#ifndef __SANITIZE_ADDRESS__
  tcase_add_test (tc, filter_refuses_sockets_and_processes_but_not_files);
#endif
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
