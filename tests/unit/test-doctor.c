/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doctor's checks on made-up computers: a folder as root, scripts as programs. */
#include "launcher/doctor.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root, *bin;
static SgDoctorHost host;
static const char *environment[4];

static void
set_up (void)
{
  root = g_dir_make_tmp ("sg-doctor-XXXXXX", NULL);
  bin = g_build_filename (root, "bin", NULL);
  ck_assert_int_eq (g_mkdir (bin, 0755), 0);
  memset (environment, 0, sizeof environment);
  host = (SgDoctorHost){ .root = root, .search = bin, .environment = environment, .cache = root };
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      dir = g_dir_open (path, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);
          remove_tree (child);
        }
    }
  g_remove (path);
}

static void
tear_down (void)
{
  remove_tree (root);
  g_free (root);
  g_free (bin);
}

static void
make_file (const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autofree char *dir = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (dir, 0755), 0);
  ck_assert (g_file_set_contents (full, text, -1, NULL));
}

static void
make_program (const char *name, const char *body)
{
  g_autofree char *path = g_build_filename ("bin", name, NULL);
  g_autofree char *full = g_build_filename (bin, name, NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\n%s\n", body);

  make_file (path, script);
  ck_assert_int_eq (chmod (full, 0755), 0);
}

static SgFinding *
check (const char *id)
{
  SgFinding *finding = sg_doctor_check (&host, id, NULL);

  ck_assert_ptr_nonnull (finding);
  ck_assert_ptr_nonnull (finding->found);
  if (!finding->met)
    ck_assert_msg (finding->means != NULL, "%s: not met, and nobody says what that means", id);
  return finding;
}

static void
expect_met (const char *id, gboolean met)
{
  g_autoptr (SgFinding) finding = check (id);

  ck_assert_msg (finding->met == met, "%s: %s", id, finding->found);
}

START_TEST (versions_are_compared_as_numbers)
{
  static const struct
  {
    const char *said;
    gboolean met;
  } cases[] = {
    { "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)", TRUE },
    { "QEMU emulator version 10.0.2", TRUE },
    { "QEMU emulator version 7.1.9", FALSE },
    { "QEMU emulator version 6.9", FALSE },
    { "something else", FALSE },
    { "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = g_strdup_printf ("echo '%s'", cases[i].said);
      make_program ("qemu-system-x86_64", body);
      expect_met ("qemu", cases[i].met);
    }
  make_program ("nbdkit", "echo 'nbdkit 1.32.5'");
  expect_met ("nbdkit", TRUE);
  make_program ("nbdkit", "echo 'nbdkit 1.8.1'");
  expect_met ("nbdkit", FALSE);
}
END_TEST

START_TEST (a_program_that_is_missing_comes_with_the_command_of_this_distribution)
{
  static const struct
  {
    const char *os_release, *mend;
  } cases[] = {
    { "ID=debian\nVERSION_ID=\"12\"\n", "sudo apt install nbdkit" },
    { "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "sudo apt install nbdkit" },
    { "ID=fedora\n", "sudo dnf install nbdkit" },
    { "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "sudo dnf install nbdkit" },
    { "ID=arch\n", "sudo pacman -S nbdkit" },
    { "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "sudo zypper install nbdkit" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgFinding) finding = NULL;
      make_file ("etc/os-release", cases[i].os_release);
      finding = check ("nbdkit");
      ck_assert_str_eq (finding->found, "not installed");
      ck_assert_str_eq (finding->mend, cases[i].mend);
    }
  make_file ("etc/os-release", "ID=plan9\n");
  g_autoptr (SgFinding) unknown = check ("nbdkit");
  ck_assert_ptr_null (unknown->mend);
}
END_TEST

START_TEST (a_setuid_bubblewrap_is_refused)
{
  g_autofree char *path = g_build_filename (bin, "bwrap", NULL);

  make_program ("bwrap", "echo 'bubblewrap 0.8.0'");
  expect_met ("bubblewrap", TRUE);
  ck_assert_int_eq (chmod (path, 04755), 0);
  g_autoptr (SgFinding) finding = check ("bubblewrap");
  ck_assert (!finding->met);
  ck_assert_ptr_nonnull (strstr (finding->mend, "chmod u-s"));
}
END_TEST

START_TEST (refused_namespaces_name_the_switch_that_refuses)
{
  make_program ("bwrap", "exit 0");
  expect_met ("user-namespaces", TRUE);

  make_program ("bwrap", "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1");
  {
    g_autoptr (SgFinding) finding = check ("user-namespaces");
    ck_assert (!finding->met);
    ck_assert_ptr_nonnull (strstr (finding->found, "Permission denied"));
  }
  make_file ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  {
    g_autoptr (SgFinding) finding = check ("user-namespaces");
    ck_assert_ptr_nonnull (strstr (finding->found, "AppArmor"));
    ck_assert_ptr_nonnull (strstr (finding->mend, "apparmor_restrict_unprivileged_userns=0"));
  }
  make_file ("proc/sys/user/max_user_namespaces", "0\n");
  {
    g_autoptr (SgFinding) finding = check ("user-namespaces");
    ck_assert_ptr_nonnull (strstr (finding->mend, "max_user_namespaces"));
  }
}
END_TEST

START_TEST (qemu_without_its_spice_module_is_found_out)
{
  make_program ("qemu-system-x86_64",
                "case \"$*\" in *'-spice help'*) echo 'spice options:'; echo "
                "'  disable-ticketing=<bool>'; exit 1;; *) echo \"Device 'virtio-vga' not found\" >&2; exit 1;; esac");
  expect_met ("qemu-spice", FALSE); /* its sound's part is a module of its own */
  make_program ("qemu-system-x86_64",
                "case \"$*\" in *'-spice help'*) echo '  disable-ticketing=<bool>'; exit 1;; "
                "*'-audiodev help'*) echo 'module audio-spice not found' >&2;; esac");
  expect_met ("qemu-spice", FALSE);
  make_program ("qemu-system-x86_64",
                "case \"$*\" in *'-spice help'*) echo '  disable-ticketing=<bool>'; exit 1;; "
                "*'-audiodev help'*) echo drivers:; echo none; echo spice; echo wav;; "
                "*) echo \"Device 'virtio-vga' not found\" >&2; exit 1;; esac");
  expect_met ("qemu-spice", TRUE);
  expect_met ("qemu-display", FALSE);
  make_program ("qemu-system-x86_64", "echo 'There is no option group spice' >&2; exit 1");
  expect_met ("qemu-spice", FALSE);
}
END_TEST

/* A card that cannot be used, or a QEMU without its modules: each says which. */
START_TEST (a_graphics_card_is_looked_at_with_what_it_needs)
{
  static const char whole[]
      = "case \"$*\" in *virtio-vga-gl,help) echo 'virtio-vga-gl options:' ;; *) echo egl-headless;; "
        "esac";
  g_autofree char *driver = g_build_filename (root, "sys/class/drm/renderD129/device/driver", NULL);
  g_autoptr (SgFinding) none = check ("vgpu");

  ck_assert (!none->met);
  ck_assert_ptr_nonnull (strstr (none->found, "no graphics card"));
  make_file ("etc/os-release", "ID=debian\n");
  make_file ("dev/dri/renderD129", "");
  make_file ("sys/class/drm/renderD129/device/uevent", "");
  g_autoptr (SgFinding) no_qemu = check ("vgpu");
  ck_assert_ptr_nonnull (strstr (no_qemu->found, "virtio-vga-gl"));
  make_program ("qemu-system-x86_64", "echo \"missing object type 'virtio-gpu-gl-device'\"; exit 1");
  g_autoptr (SgFinding) no_module = check ("vgpu");
  ck_assert_ptr_nonnull (strstr (no_module->found, "virtio-vga-gl"));
  ck_assert_str_eq (no_module->mend, "sudo apt install qemu-system-gui");
  make_program ("qemu-system-x86_64", "echo 'virtio-vga-gl options:'");
  g_autoptr (SgFinding) no_egl = check ("vgpu");
  ck_assert (!no_egl->met);
  ck_assert_ptr_nonnull (strstr (no_egl->found, "egl-headless"));
  make_program ("qemu-system-x86_64", whole);
  expect_met ("vgpu", TRUE);
  ck_assert_int_eq (symlink ("/sys/bus/pci/drivers/i915", driver), 0);
  g_autoptr (SgFinding) good = check ("vgpu");
  ck_assert_str_eq (good->found, "/dev/dri/renderD129, driver i915");
  ck_assert_int_eq (unlink (driver), 0);
  ck_assert_int_eq (symlink ("/sys/bus/pci/drivers/nvidia", driver), 0);
  g_autoptr (SgFinding) other = check ("vgpu");
  ck_assert (!other->met);
  ck_assert_ptr_nonnull (strstr (other->found, "NVIDIA"));
}
END_TEST

START_TEST (printers_are_looked_for)
{
  expect_met ("printers", FALSE);
  make_file ("run/cups/cups.sock", "no socket");
  expect_met ("printers", FALSE);
}
END_TEST

START_TEST (little_memory_is_told)
{
  make_file ("proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable:  1000000 kB\n");
  expect_met ("memory", FALSE);
  make_file ("proc/meminfo", "MemTotal: 9000000 kB\nMemAvailable:  8000000 kB\n");
  expect_met ("memory", TRUE);
}
END_TEST

START_TEST (plain_swap_is_told_and_zram_is_not)
{
  make_file ("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
  expect_met ("swap", TRUE);
  make_file ("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n"
                           "/dev/zram0                              partition\t8388604\t0\t100\n");
  expect_met ("swap", FALSE); /* only its name says so */
  make_file ("sys/class/block/zram0/disksize", "8388604\n");
  expect_met ("swap", TRUE);
  make_file ("sys/class/block/zram0/backing_dev", "none\n");
  expect_met ("swap", TRUE);
  make_file ("sys/class/block/zram0/backing_dev", "/dev/sda3\n");
  expect_met ("swap", FALSE); /* what does not fit goes to a disk */
  make_file ("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n"
                           "/swap\\040file                           file\t\t8388604\t0\t-2\n");
  g_autoptr (SgFinding) finding = check ("swap");
  ck_assert (!finding->met);
  ck_assert_ptr_nonnull (strstr (finding->found, "/swap file"));
}
END_TEST

START_TEST (hibernation_counts_only_when_it_would_reach_plain_disk)
{
  expect_met ("hibernation", TRUE);
  make_file ("sys/power/state", "freeze mem disk\n");
  make_file ("sys/power/disk", "[platform] shutdown reboot\n");
  make_file ("sys/power/resume", "0:0\n");
  expect_met ("hibernation", TRUE);
  make_file ("sys/power/resume", "254:1\n");
  expect_met ("hibernation", FALSE);
  make_file ("sys/dev/block/254:1/dm/uuid", "CRYPT-LUKS2-abc\n");
  expect_met ("hibernation", TRUE);
}
END_TEST

START_TEST (the_session_s_environment_is_looked_at)
{
  g_autofree char *runtime = g_strdup_printf ("XDG_RUNTIME_DIR=%s", root);

  expect_met ("display", FALSE);
  expect_met ("runtime-directory", FALSE);
  environment[0] = "DISPLAY=:0";
  environment[1] = runtime;
  expect_met ("display", TRUE);
  expect_met ("runtime-directory", TRUE);
  environment[1] = "XDG_RUNTIME_DIR=/nonexistent";
  expect_met ("runtime-directory", FALSE);
}
END_TEST

START_TEST (a_cache_that_cannot_be_written_is_named)
{
  ck_assert_int_eq (chmod (root, 0555), 0);
  if (geteuid () == 0)
    ck_assert_int_eq (seteuid (65534), 0); /* permissions mean nothing to root */
  g_autoptr (SgFinding) finding = check ("disk");
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_int_eq (chmod (root, 0755), 0);
  ck_assert (!finding->met);
  ck_assert_ptr_nonnull (strstr (finding->means, "XDG_CACHE_HOME"));
}
END_TEST

START_TEST (a_program_that_hangs_or_prints_rubbish_does_no_harm)
{
  make_program ("nbdkit", "head -c 100000 /dev/urandom; printf '\\033[2J'");
  g_autoptr (SgFinding) finding = check ("nbdkit");
  ck_assert (!finding->met);
  ck_assert_ptr_null (strchr (finding->found, '\033'));
}
END_TEST

START_TEST (an_empty_computer_fails_and_every_line_says_what_it_means)
{
  static const SgAccelOptions accel = { .device = "/nonexistent/kvm", .cache = "/nonexistent" };
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  host.accel = &accel;
  findings = sg_doctor_run (&host, FALSE, NULL);
  ck_assert_uint_gt (findings->len, 15);
  ck_assert (!sg_doctor_fine (findings));
  for (guint i = 0; i < findings->len; i++)
    {
      const SgFinding *finding = g_ptr_array_index (findings, i);
      ck_assert (g_hash_table_add (ids, (gpointer)finding->id));
      ck_assert_ptr_nonnull (finding->found);
      ck_assert (finding->met || finding->means != NULL);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("doctor");
  TCase *tc = tcase_create ("doctor");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 30);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, versions_are_compared_as_numbers);
  tcase_add_test (tc, a_program_that_is_missing_comes_with_the_command_of_this_distribution);
  tcase_add_test (tc, a_setuid_bubblewrap_is_refused);
  tcase_add_test (tc, refused_namespaces_name_the_switch_that_refuses);
  tcase_add_test (tc, qemu_without_its_spice_module_is_found_out);
  tcase_add_test (tc, a_graphics_card_is_looked_at_with_what_it_needs);
  tcase_add_test (tc, printers_are_looked_for);
  tcase_add_test (tc, little_memory_is_told);
  tcase_add_test (tc, plain_swap_is_told_and_zram_is_not);
  tcase_add_test (tc, hibernation_counts_only_when_it_would_reach_plain_disk);
  tcase_add_test (tc, the_session_s_environment_is_looked_at);
  tcase_add_test (tc, a_cache_that_cannot_be_written_is_named);
  tcase_add_test (tc, a_program_that_hangs_or_prints_rubbish_does_no_harm);
  tcase_add_test (tc, an_empty_computer_fails_and_every_line_says_what_it_means);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
