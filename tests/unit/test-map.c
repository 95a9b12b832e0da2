/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A base on the disk can be cut short, flipped, or made by somebody who knows the checksums: it is
 * refused or a read fails, and nothing worse happens (run these under SAN=1 as well). */
#include "baseimage/crc32c.h"
#include "baseimage/map-code.h"
#include "baseimage/map.h"
#include "baseimage/serve.h"
#include "common/fd.h"
#include "tests/unit/image-kit.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char *host;
static char *base;

static void
add_generated (SgTree *tree, const char *name, gsize len)
{
  g_autofree guint8 *data = kit_noise (len, (guint32)len);
  SgInode *inode = sg_tree_inode (tree);

  inode->mode = S_IFREG | 0644;
  inode->content = SG_CONTENT_GENERATED;
  inode->data = g_bytes_new (data, len);
  inode->size = len;
  ck_assert_ptr_nonnull (sg_tree_add (tree, sg_tree_root (tree), name, inode, NULL));
}

/* A small base with every part in it: two directories, a few files, contents of our own. */
static void
setup (void)
{
  g_autofree char *sub = NULL;
  SgErofsResult result;

  dir = kit_dir ();
  host = g_build_filename (dir, "host", NULL);
  base = g_build_filename (dir, "base", NULL);
  sub = g_build_filename (host, "usr", NULL);
  ck_assert_int_eq (g_mkdir_with_parents (sub, 0755), 0);
  kit_file (host, "first", "first file", 10);
  kit_file (sub, "second", "second file", 11);
  g_autofree guint8 *noise = kit_noise (20000, 7);
  kit_file (sub, "third", noise, 20000);
  g_autoptr (SgTree) tree = kit_tree_of (host);
  add_generated (tree, "generated", 6000);
  add_generated (tree, "generated-too", 70000);
  sg_tree_seal (tree);
  kit_write (tree, host, base, &result);
}

static void
teardown (void)
{
  kit_remove (dir);
  g_free (dir);
  g_free (host);
  g_free (base);
}

static GByteArray *
load (const char *name)
{
  g_autofree char *path = g_build_filename (base, name, NULL);
  char *text;
  gsize len;

  ck_assert (g_file_get_contents (path, &text, &len, NULL));
  return g_byte_array_new_take ((guint8 *)text, len);
}

/* Opens the base and reads every byte of it. */
static gboolean
read_everything (GError **error)
{
  g_autoptr (SgDisk) disk = sg_disk_open (base, host, -1, error);
  guint8 piece[4096];
  gboolean first;

  if (disk == NULL)
    return FALSE;
  for (guint64 at = 0; at < MIN (sg_disk_size (disk), 1u << 20); at += sizeof piece)
    if (!sg_disk_read (disk, piece, sizeof piece, at, &first, error))
      return FALSE;
  return TRUE;
}

START_TEST (a_whole_base_is_read)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (read_everything (&error), "%s", error != NULL ? error->message : "");
}
END_TEST

START_TEST (a_run_names_its_file)
{
  g_autoptr (SgMap) map = sg_map_open (base, NULL);
  sg_fd int rootfd = open (host, O_PATH | O_DIRECTORY | O_CLOEXEC);
  guint missing;

  ck_assert_ptr_nonnull (map);
  ck_assert (sg_map_resolve (map, rootfd, &missing, NULL));
  ck_assert_uint_eq (missing, 0);
  ck_assert_uint_eq (sg_map_n_runs (map), 3);
  g_autoptr (SgMapRun) first = sg_map_run (map, 0, NULL);
  g_autoptr (SgMapRun) last = sg_map_run (map, 2, NULL);
  ck_assert_str_eq (first->path, "/first");
  ck_assert_str_eq (last->path, "/usr/third");
  ck_assert_uint_eq (last->identity.size, 20000);
  ck_assert_uint_ne (last->identity.dev, 0);
  ck_assert_int_eq (sg_map_find (map, first->block), 0);
  ck_assert_int_eq (sg_map_find (map, first->block - 1), -1);
  ck_assert_int_eq (sg_map_find (map, last->block + 4), 2);
  ck_assert_int_eq (sg_map_find (map, G_MAXUINT64), 2);
}
END_TEST

START_TEST (every_truncation_is_refused)
{
  const char *names[] = { "map", "meta", "blob" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) whole = load (names[i]);
      guint step = i == 0 ? 1 : 997;
      for (guint len = 0; len < whole->len; len += step)
        {
          g_autoptr (GError) error = NULL;
          kit_file (base, names[i], whole->data, len);
          ck_assert_msg (!read_everything (&error), "%s of %u bytes", names[i], len);
          ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
        }
      kit_file (base, names[i], whole->data, whole->len);
    }
  ck_assert (read_everything (NULL));
}
END_TEST

START_TEST (bytes_too_many_are_refused)
{
  const char *names[] = { "map", "meta", "blob" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) whole = load (names[i]);
      g_byte_array_append (whole, (const guint8 *)"x", 1);
      kit_file (base, names[i], whole->data, whole->len);
      ck_assert (!read_everything (NULL));
      kit_file (base, names[i], whole->data, whole->len - 1);
    }
}
END_TEST

START_TEST (every_flipped_bit_is_found)
{
  const char *names[] = { "map", "meta", "blob" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) whole = load (names[i]);
      guint step = i == 0 ? 5 : 1009;
      for (guint bit = 0; bit < whole->len * 8; bit += step)
        {
          g_autoptr (GError) error = NULL;
          whole->data[bit / 8] ^= (guint8)(1u << (bit % 8));
          kit_file (base, names[i], whole->data, whole->len);
          ck_assert_msg (!read_everything (&error), "%s, bit %u", names[i], bit);
          ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
          whole->data[bit / 8] ^= (guint8)(1u << (bit % 8));
        }
      kit_file (base, names[i], whole->data, whole->len);
    }
  ck_assert (read_everything (NULL));
}
END_TEST

/* Gives a changed map the right checksums again. */
static void
seal_map (GByteArray *map)
{
  SgMapHeader header;

  memcpy (&header, map->data, sizeof header);
  header.body_crc = GUINT32_TO_LE (
      sg_crc32c (SG_CRC32C_INIT, map->data + sizeof header, map->len - sizeof header));
  header.header_crc = GUINT32_TO_LE (
      sg_crc32c (SG_CRC32C_INIT, &header, G_STRUCT_OFFSET (SgMapHeader, header_crc)));
  memcpy (map->data, &header, sizeof header);
}

START_TEST (wrong_numbers_with_right_checksums_do_no_harm)
{
  g_autoptr (GByteArray) whole = load ("map");
  GRand *rand = g_rand_new_with_seed (42);
  guint refused = 0;

  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (GByteArray) map = g_byte_array_new ();
      g_byte_array_append (map, whole->data, whole->len);
      for (guint n = 1 + i % 3; n > 0; n--)
        {
          static const guint32 odd[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe };
          guint at = (guint)g_rand_int_range (rand, 8, (gint32)map->len - 4) & ~3u;
          guint32 value = i % 2 == 0 ? odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))]
                                     : g_rand_int (rand);
          memcpy (map->data + at, &value, sizeof value);
        }
      seal_map (map);
      kit_file (base, "map", map->data, map->len);
      refused += !read_everything (NULL);
    }
  ck_assert_uint_gt (refused, 1000);
  g_rand_free (rand);
}
END_TEST

START_TEST (reads_outside_are_errors)
{
  g_autoptr (SgDisk) disk = sg_disk_open (base, host, -1, NULL);
  guint64 size = sg_disk_size (disk);
  const struct
  {
    guint64 count, offset;
  } ranges[] = { { 1, size },        { 2, size - 1 },           { 1, G_MAXUINT64 },
                 { G_MAXUINT64, 1 }, { G_MAXUINT64, size - 1 }, { 4096, G_MAXUINT64 - 4095 },
                 { 1, G_MAXINT64 },  { 1, 1ull << 63 } };
  guint8 bytes[4096];
  gboolean first;

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autoptr (GError) error = NULL;
      ck_assert (!sg_disk_read (disk, bytes, ranges[i].count, ranges[i].offset, &first, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
    }
  ck_assert (sg_disk_read (disk, bytes, 0, size, &first, NULL));
  ck_assert (sg_disk_read (disk, bytes, 1, size - 1, &first, NULL));
}
END_TEST

START_TEST (a_missing_file_system_is_said)
{
  g_autofree char *elsewhere = g_build_filename (dir, "elsewhere", NULL);
  g_autoptr (SgMap) map = sg_map_open (base, NULL);
  guint missing;

  ck_assert_int_eq (mkdir (elsewhere, 0755), 0);
  sg_fd int rootfd = open (elsewhere, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ck_assert (sg_map_resolve (map, rootfd, &missing, NULL));
  ck_assert_uint_eq (missing, 1);
  g_autoptr (SgMapRun) run = sg_map_run (map, 0, NULL);
  ck_assert_uint_eq (run->identity.dev, 0);
}
END_TEST

static const SgMapRecord hard_ones[] = {
  { .gap = 1, .size = 1, .name_len = 1, .name = "a" },
  { .gap = 0, .size = G_MAXUINT64, .ino = G_MAXUINT64, .name_len = 2, .name = "ab" },
  { .gap = G_MAXUINT64, .ino = 1, .dir = G_MAXUINT32, .name_len = 2, .name = "ab" },
  { .gap = 1, .btime = G_MAXUINT64, .mtime = 1, .device = G_MAXUINT32, .name_len = 1, .name = "b" },
  { .gap = 1, .btime = 1, .mtime = G_MAXUINT64, .dir = 7, .device = 3, .name_len = 255 },
  { .gap = 1, .ino = 1ull << 63, .size = 127, .name_len = 1, .name = "\377" },
  { .gap = 2,
    .ino = 5,
    .size = 128,
    .mtime = SG_MAP_TIME (-1, 999999999),
    .name_len = 1,
    .name = "c" },
};

START_TEST (what_is_coded_is_read_again)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SgMapRecord last = { 0 }, again = { 0 };

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < G_N_ELEMENTS (hard_ones); i++)
      {
        guint before = out->len;
        SgMapRecord one = hard_ones[i];
        if (one.name[0] == '\0')
          memset (one.name, 'x', one.name_len);
        sg_map_put_record (out, &last, &one);
        ck_assert_uint_le (out->len - before, SG_MAP_RECORD_MAX);
        ck_assert_uint_ge (out->len - before, SG_MAP_RUN_MIN);
      }
  const guint8 *at = out->data, *end = out->data + out->len;
  for (guint i = 0; i < 2 * G_N_ELEMENTS (hard_ones); i++)
    {
      const SgMapRecord *one = &hard_ones[i % G_N_ELEMENTS (hard_ones)];
      ck_assert (sg_map_take_record (&at, end, &again));
      ck_assert_uint_eq (again.gap, one->gap);
      ck_assert_uint_eq (again.size, one->size);
      ck_assert_uint_eq (again.ino, one->ino);
      ck_assert_uint_eq (again.btime, one->btime);
      ck_assert_uint_eq (again.mtime, one->mtime);
      ck_assert_uint_eq (again.dir, one->dir);
      ck_assert_uint_eq (again.device, one->device);
      ck_assert_uint_eq (again.name_len, one->name_len);
      ck_assert (one->name[0] == '\0' || memcmp (again.name, one->name, one->name_len) == 0);
    }
  ck_assert_ptr_eq (at, end);
  ck_assert (!sg_map_take_record (&at, end, &again));
}
END_TEST

/* Each stands for what a map could hold that somebody made up. */
START_TEST (nonsense_is_not_taken)
{
  static const struct
  {
    const char *bytes;
    gsize len;
  } bad[] = {
    { "", 0 },
    { "\x80\x02\x02\x00\x01x", 6 },                                      /* a flag that is not */
    { "\x00\x02\x02\x01\x01x", 6 },                                      /* as in no name before */
    { "\x00\x02\x02\x00\x00", 5 },                                       /* no name */
    { "\x00\x02\x02\x00\x02x", 6 },                                      /* cut short */
    { "\x00\x02\x02\x00\x01/", 6 },                                      /* no name */
    { "\x00\x02\x02\x00\x01\x00", 6 },                                   /* nor this */
    { "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x02\x00\x01x", 15 }, /* 65 bits */
    { "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x01x", 15 }, /* eleven bytes */
    { "\x02\x01\x02\x02\x00\x01x", 7 },                                  /* a folder below 0 */
    { "\x10\x01\x02\x02\x00\x01x", 7 },                                  /* nanoseconds below 0 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      SgMapRecord run = { 0 };
      const guint8 *at = (const guint8 *)bad[i].bytes;
      ck_assert_msg (!sg_map_take_record (&at, at + bad[i].len, &run), "number %u", i);
    }
  SgMapRecord run = { 0 };
  const guint8 good[] = { 0, 2, 2, 0, 1, 'x' }, *at = good;
  ck_assert (sg_map_take_record (&at, good + sizeof good, &run));
}
END_TEST

/* A folder lies in one before it: no way up is endless. */
START_TEST (folders_lead_to_the_root)
{
  static const struct
  {
    const char *bytes;
    gsize len;
    gboolean good;
  } dirs[] = { { "\x01\x01x", 3, TRUE },  { "\x03\x01x", 3, TRUE },  { "\x00\x01x", 3, FALSE },
               { "\x04\x01x", 3, FALSE }, { "\x01\x00x", 3, FALSE }, { "\x01\x02x", 3, FALSE },
               { "\x01\x01/", 3, FALSE }, { "\x01", 1, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (dirs); i++)
    {
      const guint8 *at = (const guint8 *)dirs[i].bytes;
      SgMapDir taken;
      ck_assert_msg (sg_map_take_dir (&at, at + dirs[i].len, 3, &taken) == dirs[i].good, "%u", i);
      if (dirs[i].good)
        ck_assert_uint_lt (taken.parent, 3);
    }
}
END_TEST

START_TEST (crc32c_is_the_standard_one)
{
  /* RFC 3720, B.4, and the table way against the processor's. */
  guint8 zeros[32] = { 0 };

  ck_assert_uint_eq (~sg_crc32c (SG_CRC32C_INIT, "123456789", 9), 0xe3069283u);
  ck_assert_uint_eq (~sg_crc32c (SG_CRC32C_INIT, zeros, 32), 0x8a9136aau);
  for (guint len = 0; len < 200; len++)
    {
      g_autofree guint8 *noise = kit_noise (len, len);
      guint32 crc = SG_CRC32C_INIT;
      for (guint i = 0; i < len; i++)
        {
          crc ^= noise[i];
          for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
        }
      ck_assert_uint_eq (sg_crc32c (SG_CRC32C_INIT, noise, len), crc);
      ck_assert_uint_eq (sg_crc32c_by_table (SG_CRC32C_INIT, noise, len), crc);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("map");
  TCase *tc = tcase_create ("map");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 300);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, a_whole_base_is_read);
  tcase_add_test (tc, a_run_names_its_file);
  tcase_add_test (tc, every_truncation_is_refused);
  tcase_add_test (tc, bytes_too_many_are_refused);
  tcase_add_test (tc, every_flipped_bit_is_found);
  tcase_add_test (tc, wrong_numbers_with_right_checksums_do_no_harm);
  tcase_add_test (tc, reads_outside_are_errors);
  tcase_add_test (tc, a_missing_file_system_is_said);
  tcase_add_test (tc, what_is_coded_is_read_again);
  tcase_add_test (tc, nonsense_is_not_taken);
  tcase_add_test (tc, folders_lead_to_the_root);
  tcase_add_test (tc, crc32c_is_the_standard_one);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
