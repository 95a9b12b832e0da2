/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/kernel.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root;

static void
put (const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);

  ck_assert_int_eq (g_mkdir_with_parents (folder, 0755), 0);
  ck_assert (g_file_set_contents (full, text, -1, NULL));
  chmod (full, 0644);
}

/* A kernel with all drivers as modules ending in SUFFIX, but LACKING. */
static void
put_kernel (const char *release, const char *suffix, const char *lacking)
{
  static const char *const drivers[] = { "fs/erofs/erofs",
                                         "fs/ext4/ext4",
                                         "fs/overlayfs/overlay",
                                         "drivers/virtio/virtio_pci",
                                         "drivers/block/virtio_blk",
                                         "drivers/char/virtio_console",
                                         "drivers/gpu/drm/virtio/virtio-gpu" };
  g_autoptr (GString) dep = g_string_new (NULL);
  g_autofree char *image = g_strdup_printf ("boot/vmlinuz-%s", release);
  g_autofree char *list = g_strdup_printf ("usr/lib/modules/%s/modules.dep", release);

  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    {
      if (lacking != NULL && strstr (drivers[i], lacking) != NULL)
        continue;
      g_string_append_printf (dep, "kernel/%s.ko%s: kernel/x.ko%s\n", drivers[i], suffix, suffix);
      g_autofree char *module
          = g_strdup_printf ("usr/lib/modules/%s/kernel/%s.ko%s", release, drivers[i], suffix);
      put (module, "module");
    }
  put (list, dep->str);
  put (image, "kernel");
}

static void
assert_found (const char *release)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgKernel) kernel = sg_kernel_find (root, &error);

  ck_assert_msg (kernel != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (kernel->release, release);
  ck_assert_int_eq (access (kernel->image, R_OK), 0);
  ck_assert (g_str_has_prefix (kernel->image, root));
  ck_assert (g_str_has_prefix (kernel->modules, root));
  ck_assert (g_str_has_suffix (kernel->modules, release));
}

static void
assert_missing (int code, const char *word)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (sg_kernel_find (root, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, code));
  ck_assert_msg (strstr (error->message, word) != NULL, "'%s' is not in: %s", word, error->message);
}

static void
set_up (void)
{
  root = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  ck_assert_ptr_nonnull (root);
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  return remove (path);
}

static void
tear_down (void)
{
  nftw (root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_clear_pointer (&root, g_free);
}

START_TEST (no_kernel_is_said) { assert_missing (G_IO_ERROR_NOT_FOUND, "No Linux kernel"); }
END_TEST

START_TEST (numbers_are_compared_as_numbers)
{
  put_kernel ("6.9.0-1-amd64", "", NULL);
  put_kernel ("6.10.0-1-amd64", "", NULL);
  assert_found ("6.10.0-1-amd64");
  put_kernel ("6.10.0-10-amd64", "", NULL);
  assert_found ("6.10.0-10-amd64");
  put_kernel ("6.11.0-rc3", "", NULL);
  assert_found ("6.11.0-rc3");
  put_kernel ("6.11.0", "", NULL);
  assert_found ("6.11.0");
}
END_TEST

START_TEST (packed_modules_count)
{
  put_kernel ("6.8.0-fc40", ".xz", NULL);
  put_kernel ("6.9.0-arch1", ".zst", NULL);
  assert_found ("6.9.0-arch1");
}
END_TEST

START_TEST (built_in_drivers_count)
{
  put_kernel ("6.1.0", "", "erofs");
  assert_missing (G_IO_ERROR_NOT_FOUND, "erofs");
  put ("usr/lib/modules/6.1.0/modules.builtin", "kernel/fs/erofs/erofs.ko\nkernel/lib/a.ko\n");
  assert_found ("6.1.0");
}
END_TEST

START_TEST (an_incomplete_kernel_is_passed_over)
{
  put_kernel ("6.1.0", "", NULL);
  put_kernel ("6.2.0-cloud", "", "virtio-gpu");
  put_kernel ("6.3.0-cloud", "", "overlay");
  assert_found ("6.1.0");
}
END_TEST

START_TEST (a_listed_module_must_be_there)
{
  put_kernel ("6.1.0", "", NULL);
  put_kernel ("6.2.0", "", NULL);
  g_autofree char *gone
      = g_build_filename (root, "usr/lib/modules/6.2.0/kernel/fs/erofs/erofs.ko", NULL);
  ck_assert_int_eq (unlink (gone), 0);
  assert_found ("6.1.0");
}
END_TEST

START_TEST (modules_without_a_kernel_are_passed_over)
{
  put_kernel ("6.1.0", "", NULL);
  put_kernel ("6.2.0", "", NULL);
  g_autofree char *gone = g_build_filename (root, "boot/vmlinuz-6.2.0", NULL);
  ck_assert_int_eq (unlink (gone), 0);
  assert_found ("6.1.0");
}
END_TEST

START_TEST (a_kernel_beside_its_modules_is_found_through_links_below_the_root)
{
  put_kernel ("6.1.0", "", NULL);
  g_autofree char *beside = g_build_filename (root, "usr/lib/modules/6.1.0/vmlinuz", NULL);
  g_autofree char *image = g_build_filename (root, "boot/vmlinuz-6.1.0", NULL);
  /* An absolute target counts from the root that is looked at, not from this computer's. */
  ck_assert_int_eq (symlink ("/boot/vmlinuz-6.1.0", beside), 0);
  g_autoptr (SgKernel) kernel = sg_kernel_find (root, NULL);
  ck_assert_ptr_nonnull (kernel);
  ck_assert_str_eq (kernel->image, image);
}
END_TEST

START_TEST (an_unmerged_system_is_searched_too)
{
  put ("lib/modules/5.10.0/modules.builtin",
       "kernel/erofs.ko\nkernel/ext4.ko\nkernel/overlay.ko\nkernel/virtio_pci.ko\nkernel/"
       "virtio_blk.ko\n"
       "kernel/virtio_console.ko\nkernel/virtio-gpu.ko\n");
  put ("boot/vmlinuz-5.10.0", "kernel");
  assert_found ("5.10.0");
}
END_TEST

START_TEST (a_kernel_for_root_only_is_said)
{
  if (geteuid () == 0)
    return; /* root reads everything; `make check` runs this as an ordinary user */
  put_kernel ("6.1.0", "", NULL);
  g_autofree char *image = g_build_filename (root, "boot/vmlinuz-6.1.0", NULL);
  ck_assert_int_eq (chmod (image, 0), 0);
  assert_missing (G_IO_ERROR_PERMISSION_DENIED, "chmod a+r");
}
END_TEST

START_TEST (nonsense_is_no_kernel)
{
  put ("usr/lib/modules/extra", "a file");
  put ("usr/lib/modules/empty/modules.dep", "");
  put ("usr/lib/modules/odd/modules.dep", ":\n\n:::\nno colon\n.ko: x\n");
  put ("boot/vmlinuz-odd", "kernel");
  assert_missing (G_IO_ERROR_NOT_FOUND, "erofs");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("kernel");
  TCase *tcase = tcase_create ("kernel");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, no_kernel_is_said);
  tcase_add_test (tcase, numbers_are_compared_as_numbers);
  tcase_add_test (tcase, packed_modules_count);
  tcase_add_test (tcase, built_in_drivers_count);
  tcase_add_test (tcase, an_incomplete_kernel_is_passed_over);
  tcase_add_test (tcase, a_listed_module_must_be_there);
  tcase_add_test (tcase, modules_without_a_kernel_are_passed_over);
  tcase_add_test (tcase, a_kernel_beside_its_modules_is_found_through_links_below_the_root);
  tcase_add_test (tcase, an_unmerged_system_is_searched_too);
  tcase_add_test (tcase, a_kernel_for_root_only_is_said);
  tcase_add_test (tcase, nonsense_is_no_kernel);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
