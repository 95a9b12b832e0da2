/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The accelerator probe, with made-up devices and made-up QEMUs; one real boot under emulation
 * shows that the probing machine's userspace speaks. */
#include "launcher/accel-boot.h"
#include "launcher/accel.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;

static void
set_up (void)
{
  dir = g_dir_make_tmp ("sg-accel-XXXXXX", NULL);
}

static void
tear_down (void)
{
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      g_unlink (path);
    }
  g_rmdir (dir);
  g_free (dir);
}

static char *
in_dir (const char *name)
{
  return g_build_filename (dir, name, NULL);
}

/* A QEMU that counts its starts in DIR/starts and then does `body`. */
static char *
make_qemu (const char *body)
{
  char *path = in_dir ("qemu");
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho x >>%s/starts\n%s\n", dir, body);

  ck_assert (g_file_set_contents (path, script, -1, NULL));
  ck_assert_int_eq (chmod (path, 0755), 0);
  return path;
}

static int
starts (void)
{
  g_autofree char *path = in_dir ("starts"), *text = NULL;
  gsize len = 0;

  g_file_get_contents (path, &text, &len, NULL);
  return (int)len / 2;
}

static SgAccel *
probe (const char *qemu, const char *device, gboolean fresh)
{
  SgAccelOptions options = { .qemu = qemu,
                             .kernel = "/dev/null",
                             .cache = dir,
                             .device = device,
                             .fresh = fresh,
                             .deadline_msec = 700 };
  g_autoptr (GError) error = NULL;
  SgAccel *accel = sg_accel_probe (&options, NULL, &error);

  ck_assert_msg (accel != NULL, "%s", error != NULL ? error->message : "");
  return accel;
}

START_TEST (no_device_is_told_at_once_without_a_boot)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm");
  g_autoptr (SgAccel) accel = probe (qemu, device, FALSE);

  ck_assert_int_eq (accel->kind, SG_ACCEL_TCG);
  ck_assert_ptr_nonnull (strstr (accel->reason, "is missing"));
  ck_assert_ptr_nonnull (strstr (accel->reason, "less strongly separated"));
  ck_assert_int_eq (starts (), 0);
}
END_TEST

START_TEST (a_closed_device_names_the_permission_and_the_command)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm");
  g_autoptr (SgAccel) accel = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  ck_assert_int_eq (chmod (device, 0), 0);
  ck_assert_int_eq (chmod (dir, 0755), 0);
  if (geteuid () == 0)
    ck_assert_int_eq (seteuid (65534), 0); /* permissions mean nothing to root */
  {
    SgAccelOptions options = { .qemu = qemu, .cache = dir, .device = device };
    accel = sg_accel_peek (&options);
  }
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_ptr_nonnull (accel);
  ck_assert_int_eq (accel->kind, SG_ACCEL_TCG);
  ck_assert_ptr_nonnull (strstr (accel->reason, "may not use hardware virtualization"));
  ck_assert_ptr_nonnull (accel->fix);
}
END_TEST

START_TEST (a_machine_that_speaks_means_kvm_and_is_remembered)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm");
  g_autoptr (SgAccel) first = NULL, second = NULL, third = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  first = probe (qemu, device, FALSE);
  ck_assert_int_eq (first->kind, SG_ACCEL_KVM);
  ck_assert (!first->cached);
  second = probe (qemu, device, FALSE);
  ck_assert_int_eq (second->kind, SG_ACCEL_KVM);
  ck_assert (second->cached);
  ck_assert_int_eq (starts (), 1);
  third = probe (qemu, device, TRUE);
  ck_assert (!third->cached);
  ck_assert_int_eq (starts (), 2);
}
END_TEST

/* The command line asks, and the session, which is in a user namespace, must know the answer. */
START_TEST (what_is_remembered_holds_in_a_user_namespace)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm");
  SgAccelOptions options = { .qemu = qemu, .cache = dir, .device = device };
  g_autoptr (SgAccel) first = NULL;
  int status;
  pid_t child;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  first = probe (qemu, device, FALSE);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (SgAccel) again = NULL;
      if (unshare (CLONE_NEWUSER) < 0)
        _exit (77);
      again = sg_accel_peek (&options);
      _exit (again != NULL && again->cached && again->kind == SG_ACCEL_KVM ? 0 : 1);
    }
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  ck_assert (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    return; /* this computer makes none */
  ck_assert_int_eq (WEXITSTATUS (status), 0);
}
END_TEST

START_TEST (another_qemu_is_probed_anew)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm"), *other = NULL;
  g_autoptr (SgAccel) first = NULL, second = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  first = probe (qemu, device, FALSE);
  other = make_qemu ("echo 'qemu: could not start' >&2; exit 1");
  second = probe (other, device, FALSE);
  ck_assert_int_eq (first->kind, SG_ACCEL_KVM);
  ck_assert_int_eq (second->kind, SG_ACCEL_TCG);
}
END_TEST

START_TEST (a_machine_that_hangs_means_emulation_within_the_deadline)
{
  g_autofree char *qemu = make_qemu ("exec sleep 60"), *device = in_dir ("kvm");
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (SgAccel) accel = NULL, again = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  accel = probe (qemu, device, FALSE);
  ck_assert_int_eq (accel->kind, SG_ACCEL_TCG);
  ck_assert_int_lt (g_get_monotonic_time () - begun, 5 * G_USEC_PER_SEC);
  ck_assert_ptr_nonnull (strstr (accel->reason, "did not start"));
  again = probe (qemu, device, FALSE);
  ck_assert (again->cached);
  ck_assert_str_eq (again->reason, accel->reason);
}
END_TEST

START_TEST (qemu_that_gives_up_is_quoted_safely)
{
  g_autofree char *qemu = make_qemu ("printf 'qemu: bad \\033[2Jcpu\\nmore\\n' >&2; kill -ABRT $$");
  g_autofree char *device = in_dir ("kvm"), *cache = in_dir ("accelerator"), *kept = NULL;
  g_autoptr (SgAccel) accel = NULL, again = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  accel = probe (qemu, device, FALSE);
  ck_assert_int_eq (accel->kind, SG_ACCEL_TCG);
  ck_assert_ptr_nonnull (strstr (accel->reason, "bad ?[2Jcpu"));
  ck_assert_ptr_null (strstr (accel->reason, "more"));
  /* What is kept is QEMU's word and none of ours, which would be in today's language. */
  again = probe (qemu, device, FALSE);
  ck_assert (again->cached);
  ck_assert_str_eq (again->reason, accel->reason);
  ck_assert (g_file_get_contents (cache, &kept, NULL, NULL));
  ck_assert_ptr_null (strstr (kept, "separated"));
}
END_TEST

START_TEST (a_damaged_cache_is_no_answer)
{
  static const char *const damaged[] = { "", "[accelerator]\nkind=kvm\n",
                                         "[accelerator]\nkind=kvm\nkey=0\nsaid=x\n", "\xff\xfe" };
  g_autofree char *device = in_dir ("kvm"), *cache = in_dir ("accelerator");
  g_autofree char *qemu = make_qemu ("exit 85");

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      SgAccelOptions options = { .qemu = qemu, .cache = dir, .device = device };
      ck_assert (g_file_set_contents (cache, damaged[i], -1, NULL));
      ck_assert_ptr_null (sg_accel_peek (&options));
    }
}
END_TEST

START_TEST (a_cache_that_cannot_be_written_changes_nothing)
{
  g_autofree char *qemu = make_qemu ("exit 85"), *device = in_dir ("kvm");
  SgAccelOptions options
      = { .qemu = qemu, .kernel = "/dev/null", .cache = "/proc/nowhere", .device = device };
  g_autoptr (SgAccel) accel = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  accel = sg_accel_probe (&options, NULL, NULL);
  ck_assert_ptr_nonnull (accel);
  ck_assert_int_eq (accel->kind, SG_ACCEL_KVM);
}
END_TEST

static gboolean
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (200000);
  cancel (data);
  return NULL;
}

START_TEST (it_can_be_cancelled)
{
  g_autofree char *qemu = make_qemu ("exec sleep 60"), *device = in_dir ("kvm");
  SgAccelOptions options = { .qemu = qemu, .kernel = "/dev/null", .cache = dir, .device = device };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  ck_assert_ptr_null (sg_accel_probe (&options, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_thread_join (thread);
}
END_TEST

START_TEST (qemu_missing_is_an_error_in_words)
{
  g_autofree char *device = in_dir ("kvm");
  SgAccelOptions options
      = { .qemu = "/nonexistent/qemu", .kernel = "/dev/null", .cache = dir, .device = device };
  g_autoptr (GError) error = NULL;

  ck_assert (g_file_set_contents (device, "", 0, NULL));
  ck_assert_ptr_null (sg_accel_probe (&options, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "QEMU"));
}
END_TEST

static void
keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

/* The newest kernel of this system, or NULL. */
static char *
some_kernel (void)
{
  g_autoptr (GDir) boot = g_dir_open ("/boot", 0, NULL);
  const char *name;

  while (boot != NULL && (name = g_dir_read_name (boot)) != NULL)
    if (g_str_has_prefix (name, "vmlinuz-"))
      {
        g_autofree char *path = g_build_filename ("/boot", name, NULL);
        if (access (path, R_OK) == 0)
          return g_steal_pointer (&path);
      }
  return NULL;
}

START_TEST (the_probing_machine_really_boots)
{
  g_autofree char *kernel = some_kernel ();
  g_autofree char *qemu = g_find_program_in_path ("qemu-system-x86_64");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (kernel == NULL || qemu == NULL)
    {
      g_printerr ("skipped: no readable kernel in /boot, or no QEMU\n");
      return;
    }
  sg_accel_boot_async (qemu, kernel, "tcg", 90000, NULL, keep, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  ck_assert_msg (sg_accel_boot_finish (result, &error), "%s", error != NULL ? error->message : "");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("accel");
  TCase *tc = tcase_create ("accel");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, no_device_is_told_at_once_without_a_boot);
  tcase_add_test (tc, a_closed_device_names_the_permission_and_the_command);
  tcase_add_test (tc, a_machine_that_speaks_means_kvm_and_is_remembered);
  tcase_add_test (tc, another_qemu_is_probed_anew);
  tcase_add_test (tc, what_is_remembered_holds_in_a_user_namespace);
  tcase_add_test (tc, a_machine_that_hangs_means_emulation_within_the_deadline);
  tcase_add_test (tc, qemu_that_gives_up_is_quoted_safely);
  tcase_add_test (tc, a_damaged_cache_is_no_answer);
  tcase_add_test (tc, a_cache_that_cannot_be_written_changes_nothing);
  tcase_add_test (tc, it_can_be_cancelled);
  tcase_add_test (tc, qemu_missing_is_an_error_in_words);
  tcase_add_test (tc, the_probing_machine_really_boots);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
