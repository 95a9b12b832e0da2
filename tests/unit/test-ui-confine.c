/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the viewer can no longer do once it is confined; each test is a process of its own.
 *
 * san: no: a build with AddressSanitizer has no filter, for the sanitizer makes calls that it
 * refuses. */
#include "common/fd.h"
#include "ui/confine.h"

#include <arpa/inet.h>
#include <asm/sockios.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *home;
static gboolean files;

/* In the runner, which is not confined. */
static void
make_home (void)
{
  g_autofree char *letter = NULL;

  home = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  letter = g_build_filename (home, "letter.txt", NULL);
  ck_assert (g_file_set_contents (letter, "secret", -1, NULL));
}

static void
remove_home (void)
{
  g_autofree char *letter = g_build_filename (home, "letter.txt", NULL);

  g_unlink (letter);
  ck_assert_int_eq (g_rmdir (home), 0);
  g_free (home);
}

/* With what a test made in it. */
static void
remove_all (void)
{
  const char *argv[] = { "rm", "-rf", home, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&home, g_free);
}

/* In each test's process. */
static void
confine (void)
{
  ck_assert (sg_confine_files (&files, NULL));
}

static void
confine_all (void)
{
  g_autoptr (GError) error = NULL;

  confine ();
  ck_assert_msg (sg_confine_calls (&error), "%s", error != NULL ? error->message : "");
}

START_TEST (test_no_program)
{
  char *argv[] = { (char *)"/bin/true", NULL };

  execv (argv[0], argv);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq (fork (), -1);
  ck_assert_int_eq (vfork (), -1);
}
END_TEST

START_TEST (test_no_connection)
{
  static const int families[] = { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK };

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    {
      ck_assert_int_eq (socket (families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0), -1);
      ck_assert_int_eq (errno, EPERM);
    }
}
END_TEST

START_TEST (test_no_other_process)
{
  ck_assert_int_eq (kill (getppid (), 0), -1);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq (ptrace (PTRACE_ATTACH, getppid (), NULL, NULL), -1);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq (prctl (PR_GET_DUMPABLE), 0);
  ck_assert_int_eq (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}
END_TEST

/* kill() has relatives: to a thread of another process; from the kernel, for a descriptor whose
 * owner it was made; and by a limit that another process cannot keep. */
START_TEST (test_no_signal_by_another_way)
{
  const pid_t other = getppid ();
  const struct f_owner_ex owner = { .type = F_OWNER_PID, .pid = other };
  struct rlimit limit;
  int pair[2], pid = other;

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  ck_assert_int_eq ((int)syscall (SYS_tgkill, other, other, 0), -1);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq (fcntl (pair[0], F_SETOWN, other), -1);
  ck_assert_int_eq (fcntl (pair[0], F_SETOWN_EX, &owner), -1);
  ck_assert_int_eq (fcntl (pair[0], F_SETSIG, SIGKILL), -1);
  ck_assert_int_eq (ioctl (pair[0], FIOSETOWN, &pid), -1);
  ck_assert_int_eq (ioctl (pair[0], SIOCSPGRP, &pid), -1);
  ck_assert_int_eq (prlimit (other, RLIMIT_CPU, NULL, &limit), -1);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq ((int)syscall (SYS_ioprio_set, 1, other, 0), -1);
  /* abort() and the C library's own look at limits go on working. */
  ck_assert_int_eq ((int)syscall (SYS_tgkill, getpid (), gettid (), 0), 0);
  ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
}
END_TEST

/* Landlock does not cover it: names of files as they are made and opened. */
START_TEST (test_nobody_is_watched)
{
  int fd = inotify_init1 (IN_CLOEXEC);

  ck_assert_int_eq (inotify_add_watch (fd, home, IN_ALL_EVENTS), -1);
  ck_assert_int_eq (errno, EPERM);
  ck_assert_int_eq ((int)syscall (SYS_fanotify_init, 0x200 /* FAN_REPORT_FID */, O_RDONLY), -1);
  ck_assert_int_eq (errno, EPERM);
}
END_TEST

START_TEST (test_no_file_written)
{
  g_autofree char *letter = g_build_filename (home, "letter.txt", NULL);
  g_autofree char *other = g_build_filename (home, "other", NULL);

  ck_assert_int_eq (open (letter, O_WRONLY | O_APPEND | O_CLOEXEC), -1);
  ck_assert_int_eq (open (letter, O_RDWR | O_CLOEXEC), -1);
  ck_assert_int_eq (open (letter, O_RDONLY | O_TRUNC | O_CLOEXEC), -1);
  ck_assert_int_eq (open (other, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), -1);
  ck_assert_int_eq (creat (other, 0600), -1);
  ck_assert_int_eq (unlink (letter), -1);
  ck_assert_int_eq (rename (letter, other), -1);
  ck_assert_int_eq (link (letter, other), -1);
  ck_assert_int_eq (symlink (letter, other), -1);
  ck_assert_int_eq (chmod (letter, 0777), -1);
  ck_assert_int_eq (truncate (letter, 0), -1);
  ck_assert_int_eq (mkdir (other, 0700), -1);
  ck_assert_int_eq (rmdir (home), -1);
}
END_TEST

/* Where the kernel has Landlock; elsewhere there is nothing to hold it to. */
START_TEST (test_no_file_read)
{
  g_autofree char *letter = g_build_filename (home, "letter.txt", NULL);

  if (!files)
    return;
  ck_assert_int_eq (open (letter, O_RDONLY | O_CLOEXEC), -1);
  ck_assert_int_eq (errno, EACCES);
  ck_assert_int_eq (open (home, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1);
  ck_assert_int_eq (open ("/proc/1/environ", O_RDONLY | O_CLOEXEC), -1);
}
END_TEST

static gpointer
try_program (gpointer data)
{
  char *argv[] = { (char *)"/bin/true", NULL };

  execv (argv[0], argv);
  return GINT_TO_POINTER (errno);
}

static GMutex lock;
static GCond go;
static gboolean going;

static gpointer
try_program_later (gpointer data)
{
  g_mutex_lock (&lock);
  while (!going)
    g_cond_wait (&go, &lock);
  g_mutex_unlock (&lock);
  return try_program (NULL);
}

/* A thread that was there before is confined too. */
START_TEST (test_every_thread)
{
  GThread *before = g_thread_new ("before", try_program_later, NULL), *after;

  ck_assert (sg_confine_calls (NULL));
  g_mutex_lock (&lock);
  going = TRUE;
  g_cond_signal (&go);
  g_mutex_unlock (&lock);
  ck_assert_int_eq (GPOINTER_TO_INT (g_thread_join (before)), EPERM);
  after = g_thread_new ("after", try_program, NULL);
  ck_assert_int_eq (GPOINTER_TO_INT (g_thread_join (after)), EPERM);
}
END_TEST

/* What the window needs goes on working. */
START_TEST (test_what_stays)
{
  int pair[2], fd;
  char byte = 'x';

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  ck_assert_int_eq (send (pair[0], &byte, 1, MSG_NOSIGNAL), 1);
  ck_assert_int_eq (recv (pair[1], &byte, 1, 0), 1);
  fd = memfd_create ("x", MFD_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (ftruncate (fd, 4096), 0);
  fd = open ("/usr/share", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  fd = open ("/etc/passwd", O_RDONLY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
}
END_TEST

/* The process that has the sound server reads its settings, and nothing else of the person's. */
START_TEST (test_sound_reads_its_settings)
{
  g_autofree char *pulse = g_build_filename (home, "config", "pulse", NULL);
  g_autofree char *cookie = g_build_filename (pulse, "cookie", NULL);
  g_autofree char *gtk = g_build_filename (home, "config", "gtk-3.0", NULL);
  g_autofree char *letter = g_build_filename (home, "letter.txt", NULL);
  g_autofree char *config = g_path_get_dirname (pulse);
  GError *error = NULL;
  int fd;

  g_mkdir_with_parents (pulse, 0700);
  g_mkdir_with_parents (gtk, 0700);
  ck_assert (g_file_set_contents (cookie, "x", 1, NULL));
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  ck_assert (sg_confine_sound_files (&files, &error));
  ck_assert_int_eq (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
  fd = open (cookie, O_RDONLY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  if (files)
    {
      char *argv[] = { (char *)"/bin/true", NULL };

      ck_assert_int_eq (open (letter, O_RDONLY | O_CLOEXEC), -1);
      ck_assert_int_eq (open (gtk, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1);
      ck_assert_int_eq (open (cookie, O_RDWR | O_CLOEXEC), -1);
      execv (argv[0], argv); /* as early as this: no sound server is started */
      ck_assert_int_eq (errno, EACCES);
    }
}
END_TEST

static int
run (void)
{
  Suite *suite = suite_create ("ui-confine");
  TCase *all = tcase_create ("all"), *threads = tcase_create ("threads");
  TCase *sound = tcase_create ("sound");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_unchecked_fixture (all, make_home, remove_home);
  tcase_add_checked_fixture (all, confine_all, NULL);
  tcase_add_test (all, test_no_program);
  tcase_add_test (all, test_no_connection);
  tcase_add_test (all, test_no_other_process);
  tcase_add_test (all, test_no_signal_by_another_way);
  tcase_add_test (all, test_nobody_is_watched);
  tcase_add_test (all, test_no_file_written);
  tcase_add_test (all, test_no_file_read);
  tcase_add_test (all, test_what_stays);
  tcase_add_checked_fixture (threads, confine, NULL);
  tcase_add_test (threads, test_every_thread);
  suite_add_tcase (suite, all);
  tcase_add_unchecked_fixture (sound, make_home, remove_all);
  tcase_add_test (sound, test_sound_reads_its_settings);
  suite_add_tcase (suite, threads);
  suite_add_tcase (suite, sound);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

int
main (void)
{
  if (!SANITIZED)
    return run ();
  puts ("skipped: under the address sanitizer there is no system call filter");
  return 77;
}
