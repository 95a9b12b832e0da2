/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initramfs of a made-up kernel: what is in it, in which order modules go in, and what is
 * refused. */
#include "baseimage/guest-payload.h"
#include "baseimage/guest/cpio.h"
#include "baseimage/guest/modules.h"
#include "baseimage/guest/unpack.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RELEASE "9.9-made-up"

static char *root, *modules;

static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (modules, name, NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  g_mkdir_with_parents (dir, 0755);
  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

/* Everything that is needed; virtio and virtio_ring behind it, two names with dashes. */
static void
set_up (void)
{
  root = g_dir_make_tmp ("sg-initrd-XXXXXX", NULL);
  modules = g_build_filename (root, "usr/lib/modules", RELEASE, NULL);
  put ("modules.dep", "kernel/virtio.ko:\n"
                      "kernel/virtio_ring.ko: kernel/virtio.ko\n"
                      "kernel/virtio-pci.ko: kernel/virtio_ring.ko kernel/virtio.ko\n"
                      "kernel/virtio_console.ko: kernel/virtio_ring.ko kernel/virtio.ko\n"
                      "kernel/virtio_blk.ko: kernel/virtio_ring.ko kernel/virtio.ko\n"
                      "kernel/overlay.ko:\n"
                      "kernel/other.ko:\n"
                      "kernel/erofs.ko: kernel/libcrc.ko\n"
                      "kernel/libcrc.ko:\n");
  put ("modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/rng.ko\n");
  put ("kernel/virtio.ko", "virtio");
  put ("kernel/virtio_ring.ko", "ring");
  put ("kernel/virtio-pci.ko", "pci");
  put ("kernel/virtio_console.ko", "console");
  put ("kernel/virtio_blk.ko", "blk");
  put ("kernel/overlay.ko", "overlay");
  put ("kernel/erofs.ko", "erofs");
  put ("kernel/libcrc.ko", "crc");
}

static void
tear_down (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", root);

  ck_assert_int_eq (system (command), 0);
  g_free (root);
  g_free (modules);
}

/* ---- reading it back ---- */

typedef struct
{
  guint mode, size, major, minor;
  const char *name, *data;
} Entry;

static guint
field (const char *header, int number)
{
  char digits[9] = "";

  memcpy (digits, header + 6 + 8 * number, 8);
  return (guint)strtoul (digits, NULL, 16);
}

/* The entry at *AT, which is moved on; FALSE at the trailer. */
static gboolean
next_entry (const char *archive, gsize len, gsize *at, Entry *ret)
{
  const char *header = archive + *at;
  gsize name_len, data_at;

  ck_assert_uint_le (*at + 110, len);
  ck_assert_int_eq (memcmp (header, "070701", 6), 0);
  name_len = field (header, 11);
  *ret = (Entry){ field (header, 1),  field (header, 6), field (header, 9),
                  field (header, 10), header + 110,      NULL };
  ck_assert_uint_eq (strlen (ret->name) + 1, name_len);
  data_at = (*at + 110 + name_len + 3) & ~(gsize)3;
  ck_assert_uint_le (data_at + ret->size, len);
  ret->data = archive + data_at;
  *at = (data_at + ret->size + 3) & ~(gsize)3;
  return strcmp (ret->name, "TRAILER!!!") != 0;
}

static gboolean
find_entry (const char *archive, gsize len, const char *name, Entry *ret)
{
  gsize at = 0;

  while (next_entry (archive, len, &at, ret))
    if (strcmp (ret->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* As the kernel does. */
static char *
unpack_file (const char *path, gsize *ret_len)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) packed = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autoptr (GZlibDecompressor) gunzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) plain = g_converter_input_stream_new (packed, G_CONVERTER (gunzip));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  ck_assert_int_gt (
      g_output_stream_splice (memory, plain, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL), 0);
  *ret_len = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

static char *
write_initrd (gsize *ret_len)
{
  g_autofree char *path = g_build_filename (root, "initrd", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (sg_initrd_write (root, RELEASE, path, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  return unpack_file (path, ret_len);
}

static void
key_becomes (char **key, gboolean other)
{
  g_autoptr (GError) error = NULL;
  char *now = sg_initrd_key (root, RELEASE, &error);

  ck_assert_msg (now != NULL, "%s", error != NULL ? error->message : "");
  if (*key != NULL)
    ck_assert_int_eq (strcmp (*key, now) != 0, other);
  g_free (*key);
  *key = now;
}

/* An initramfs is used again as long as its key stays. */
START_TEST (the_key_changes_with_what_goes_in)
{
  g_autofree char *path = g_build_filename (root, "initrd", NULL);
  g_autofree char *key = NULL;

  key_becomes (&key, FALSE);
  key_becomes (&key, FALSE);
  put ("kernel/not-named-anywhere.ko", "x");
  key_becomes (&key, FALSE);
  put ("kernel/virtio-rng.ko", "rng");
  g_autofree char *table = NULL, *table_path = g_build_filename (modules, "modules.dep", NULL);
  ck_assert (g_file_get_contents (table_path, &table, NULL, NULL));
  g_autofree char *longer = g_strconcat (table, "kernel/virtio-rng.ko: kernel/virtio.ko\n", NULL);
  put ("modules.dep", longer);
  key_becomes (&key, TRUE);
  put ("kernel/virtio-rng.ko", "another");
  key_becomes (&key, TRUE);
}
END_TEST

/* The list that init goes through. */
static char *
order_in (const char *archive, gsize len)
{
  Entry entry;

  ck_assert (find_entry (archive, len, "modules/order", &entry));
  return g_strndup (entry.data, entry.size);
}

START_TEST (it_holds_init_the_console_and_the_modules)
{
  gsize len;
  g_autofree char *archive = write_initrd (&len);
  Entry entry;

  ck_assert (find_entry (archive, len, "init", &entry));
  ck_assert_uint_eq (entry.mode, S_IFREG | 0755);
  ck_assert_int_eq (memcmp (entry.data, "\177ELF", 4), 0);
  ck_assert (find_entry (archive, len, "dev/console", &entry));
  ck_assert_uint_eq (entry.mode, S_IFCHR | 0600);
  ck_assert_uint_eq (entry.major, 5);
  ck_assert_uint_eq (entry.minor, 1);
  ck_assert (find_entry (archive, len, "modules/virtio_pci.ko", &entry));
  ck_assert_int_eq (memcmp (entry.data, "pci", entry.size), 0);
  ck_assert (!find_entry (archive, len, "modules/other.ko", &entry)); /* nobody needs it */
  ck_assert (!find_entry (archive, len, "modules/ext4.ko", &entry));  /* built in */
}
END_TEST

START_TEST (a_module_comes_after_what_it_needs)
{
  gsize len;
  g_autofree char *archive = write_initrd (&len);
  g_autofree char *order = order_in (archive, len);

  ck_assert_str_eq (order, "virtio.ko\nvirtio_ring.ko\nvirtio_pci.ko\nvirtio_console.ko\n"
                           "virtio_blk.ko\nlibcrc.ko\nerofs.ko\noverlay.ko\n");
}
END_TEST

/* "virtio_rng" is wished for, not needed: init goes on without it. */
START_TEST (what_is_optional_is_marked)
{
  g_autofree char *table = NULL, *path = g_build_filename (modules, "modules.dep", NULL);
  g_autofree char *archive = NULL, *order = NULL, *longer = NULL;
  gsize len;

  ck_assert (g_file_get_contents (path, &table, NULL, NULL));
  longer = g_strconcat (table, "kernel/virtio-rng.ko: kernel/virtio.ko\n", NULL);
  put ("modules.dep", longer);
  put ("kernel/virtio-rng.ko", "rng");
  archive = write_initrd (&len);
  order = order_in (archive, len);
  ck_assert_ptr_nonnull (strstr (order, "\n-virtio_rng.ko\n"));
  ck_assert_ptr_null (strstr (order, "-virtio.ko"));
}
END_TEST

START_TEST (equal_inputs_give_equal_bytes)
{
  g_autofree char *path = g_build_filename (root, "initrd", NULL), *one = NULL, *two = NULL;
  gsize one_len, two_len;

  one = write_initrd (&one_len);
  ck_assert_int_eq (unlink (path), 0);
  two = write_initrd (&two_len);
  ck_assert_uint_eq (one_len, two_len);
  ck_assert_int_eq (memcmp (one, two, one_len), 0);
}
END_TEST

START_TEST (a_kernel_that_cannot_is_refused_in_words)
{
  g_autofree char *path = g_build_filename (root, "initrd", NULL);
  g_autoptr (GError) error = NULL;

  put ("modules.dep", "kernel/virtio.ko:\n");
  ck_assert (!sg_initrd_write (root, RELEASE, path, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "virtio_pci"));
  ck_assert_int_ne (access (path, F_OK), 0);
  g_clear_error (&error);
  ck_assert (!sg_initrd_write (root, "1.0-none", path, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "1.0-none"));
}
END_TEST

START_TEST (a_file_that_is_there_is_not_overwritten)
{
  g_autofree char *path = g_build_filename (root, "initrd", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert (g_file_set_contents (path, "mine", -1, NULL));
  ck_assert (!sg_initrd_write (root, RELEASE, path, NULL, &error));
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  ck_assert_str_eq (text, "mine");
}
END_TEST

/* ---- packed modules ---- */

static void
pack (const char *program, const char *file)
{
  g_autofree char *found = g_find_program_in_path (program);
  g_autofree char *command = g_strdup_printf (
      "cd '%s' && printf 'of a module' >m.ko && %s -q -c m.ko >%s", root, program, file);

  if (found != NULL)
    ck_assert_int_eq (system (command), 0);
}

START_TEST (packed_modules_are_unpacked)
{
  static const char *const ways[][2]
      = { { "gzip", "m.ko.gz" }, { "xz", "m.ko.xz" }, { "zstd", "m.ko.zst" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_build_filename (root, ways[i][1], NULL);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      gsize len;

      pack (ways[i][0], ways[i][1]);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_printerr ("skipped: %s is not installed\n", ways[i][0]);
          continue;
        }
      bytes = sg_unpack (path, NULL, &error);
      ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
      ck_assert_int_eq (memcmp (g_bytes_get_data (bytes, &len), "of a module", 11), 0);
      ck_assert_uint_eq (len, 11);
    }
}
END_TEST

START_TEST (a_damaged_module_is_refused)
{
  static const char *const names[] = { "bad.ko.gz", "bad.ko.xz", "bad.ko.zst" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (root, names[i], NULL);
      g_autoptr (GError) error = NULL;

      ck_assert (g_file_set_contents (path, "not packed at all", -1, NULL));
      ck_assert_ptr_null (sg_unpack (path, NULL, &error));
      ck_assert_ptr_nonnull (error);
    }
}
END_TEST

/* A gigabyte of zeros packs into a megabyte: it is no module, and must not fill the memory. */
START_TEST (a_packing_bomb_is_refused)
{
  g_autofree char *path = g_build_filename (root, "bomb.ko.gz", NULL);
  g_autofree char *command = g_strdup_printf ("head -c 200000000 /dev/zero | gzip -1 >'%s'", path);
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (system (command), 0);
  ck_assert_ptr_null (sg_unpack (path, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "too large"));
}
END_TEST

START_TEST (names_in_the_archive_are_aligned_at_every_length)
{
  for (gsize n = 1; n < 20; n++)
    {
      g_autoptr (GByteArray) archive = g_byte_array_new ();
      g_autofree char *name = g_strnfill (n, 'x');
      Entry entry;

      for (gsize len = 0; len < 6; len++)
        sg_cpio_file (archive, name, 0644, "abcdef", len);
      sg_cpio_end (archive);
      ck_assert_uint_eq (archive->len % 4, 0);
      gsize at = 0, files = 0;
      while (next_entry ((const char *)archive->data, archive->len, &at, &entry))
        ck_assert_uint_eq (entry.size, files++);
      ck_assert_uint_eq (files, 6);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("initrd");
  TCase *tc = tcase_create ("initrd");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, it_holds_init_the_console_and_the_modules);
  tcase_add_test (tc, a_module_comes_after_what_it_needs);
  tcase_add_test (tc, what_is_optional_is_marked);
  tcase_add_test (tc, equal_inputs_give_equal_bytes);
  tcase_add_test (tc, the_key_changes_with_what_goes_in);
  tcase_add_test (tc, a_kernel_that_cannot_is_refused_in_words);
  tcase_add_test (tc, a_file_that_is_there_is_not_overwritten);
  tcase_add_test (tc, packed_modules_are_unpacked);
  tcase_add_test (tc, a_damaged_module_is_refused);
  tcase_add_test (tc, a_packing_bomb_is_refused);
  tcase_add_test (tc, names_in_the_archive_are_aligned_at_every_length);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
