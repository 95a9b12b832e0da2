/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens and reads link maps that somebody made up, with checksums put right, and checks what must
 * hold whatever they say: no crash, no read outside, no file served that is not the one named by
 * its identity.
 *
 *   fuzz-map [RUNS [SEED]]   mutates a good map; prints the seed
 *   fuzz-map 0 FILE...       replays files
 *
 * With -fsanitize=fuzzer (clang) LLVMFuzzerTestOneInput() is driven by libFuzzer instead. */
#include "baseimage/crc32c.h"
#include "baseimage/identity.h"
#include "baseimage/map.h"
#include "baseimage/serve.h"
#include "common/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_RUNS 2000
#define N_FILES 150u
#define INPUT_MAX (256 * 1024)
#define OWN_BYTES_MAX (1u << 20) /* meta and blob are made as large as the map says, up to this */

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static char *dir; /* base and host tree of this process */

static void
require (gboolean holds, const char *what)
{
  if (!holds)
    {
      fprintf (stderr, "fuzz-map: violated: %s\n", what);
      abort ();
    }
}

static void
put_file (const char *name, const void *data, gsize len, guint64 size)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  sg_fd int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  require (fd >= 0 && sg_write_all (fd, data, len, NULL), "the test can write its files");
  if (size > len)
    require (ftruncate (fd, (off_t)size) == 0, "the test can size its files");
}

static void
remove_dir (void)
{
  static const char *const names[] = { "map", "meta", "blob", "usr/a", "usr/b", "usr" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      remove (path);
    }
  rmdir (dir);
  g_free (dir);
}

static void
make_dir (void)
{
  if (dir != NULL)
    return;
  dir = g_dir_make_tmp ("sandglass-fuzz-XXXXXX", NULL);
  require (dir != NULL, "there is a temporary directory");
  atexit (remove_dir);
  g_autofree char *usr = g_build_filename (dir, "usr", NULL);
  mkdir (usr, 0755);
  put_file ("usr/a", "the first file", 14, 0);
  put_file ("usr/b", "the second one", 14, 9000);
}

/* Puts the checksums right, and makes meta and blob fit. */
static void
write_map (const guint8 *data, size_t len)
{
  g_autofree guint8 *map = g_malloc (MAX (len, 1));
  SgMapHeader header;
  guint64 meta = 0, blob = 0;

  memcpy (map, data, len);
  if (len >= sizeof header)
    {
      memcpy (&header, map, sizeof header);
      header.body_crc
          = GUINT32_TO_LE (sg_crc32c (SG_CRC32C_INIT, map + sizeof header, len - sizeof header));
      header.header_crc = GUINT32_TO_LE (
          sg_crc32c (SG_CRC32C_INIT, &header, G_STRUCT_OFFSET (SgMapHeader, header_crc)));
      memcpy (map, &header, sizeof header);
      meta = GUINT64_FROM_LE (header.meta_bytes);
      blob = GUINT64_FROM_LE (header.blob_bytes);
    }
  put_file ("map", map, len, 0);
  put_file ("meta", "", 0, MIN (meta, OWN_BYTES_MAX));
  put_file ("blob", "", 0, MIN (blob, OWN_BYTES_MAX));
}

static void
look_at_runs (int rootfd)
{
  g_autoptr (SgMap) map = sg_map_open (dir, NULL);

  if (map == NULL || !sg_map_resolve (map, rootfd, NULL, NULL))
    return;
  for (guint i = 0; i < MIN (sg_map_n_runs (map), 1000); i++)
    {
      g_autoptr (SgMapRun) run = sg_map_run (map, i, NULL);
      guint64 block = sg_map_run_block (map, i);
      require (block < sg_map_image_bytes (map) / SG_MAP_BLOCK, "a run starts inside");
      require (sg_map_run_block (map, i + 1) > block, "runs are in order");
      require (sg_map_find (map, block) == i, "a run is found by its block");
      require (run == NULL || strlen (run->path) <= 2 * 4096 + 1, "a path is bounded");
    }
  sg_map_verify (map, NULL);
}

static void
read_at (SgDisk *disk, guint64 offset)
{
  static guint8 data[16384];
  guint64 size = sg_disk_size (disk);
  gboolean first;

  for (guint64 count = 1; count <= sizeof data; count = count * 5 + 3)
    {
      gboolean ok = sg_disk_read (disk, data, count, offset, &first, NULL);
      require (!ok || (offset <= size && count <= size - offset), "no read outside");
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  make_dir ();
  sg_fd int rootfd = open (dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

  write_map (data, MIN (len, INPUT_MAX));
  look_at_runs (rootfd);
  g_autoptr (SgDisk) disk = sg_disk_open (dir, dir, -1, NULL);
  if (disk == NULL)
    return 0;
  const guint64 size = sg_disk_size (disk);
  const guint64 offsets[] = { 0,          4095,
                              8192,       65535,
                              size / 2,   size - 1,
                              size,       size + 1,
                              G_MAXINT64, G_MAXUINT64 - 4096,
                              16384,      16384 + 4096 * 2,
                              G_MAXUINT64 };
  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    read_at (disk, offsets[i]);
  return 0;
}

#ifndef SG_LIBFUZZER

/* The identity of the two files that are there, and of others that are not. */
static void
fill_identity (const char *path, guint index, SgIdentity *ret_identity)
{
  g_autofree char *full = g_build_filename (dir, path, NULL);
  sg_fd int fd = open (full, O_PATH | O_CLOEXEC);

  if (index < 2)
    require (fd >= 0 && sg_identity_of_fd (fd, ret_identity, NULL), "the test sees its files");
  else
    *ret_identity = (SgIdentity){ .dev = index % 3 == 0,
                                  .ino = index * 0x100000001ull,
                                  .mtime_sec = (gint64)index - 9,
                                  .btime_nsec = index,
                                  .size = index };
}

/* A good map of two files that are there, and enough others for several groups and folders. */
static GByteArray *
good_map (void)
{
  g_autoptr (SgMapWriter) writer = sg_map_writer_new (dir, 3);
  g_autofree char *path = g_build_filename (dir, "map", NULL);
  const guint32 sums[] = { 1, 2 };
  SgMapLayout layout = { .meta_bytes = 8192,
                         .blob_bytes = 4096,
                         .image_bytes = N_FILES * 4 * 4096,
                         .sums = sums,
                         .n_sums = 2 };
  guint32 block = 4, crc;
  guint64 bytes;
  char *text;
  gsize len;

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = i < 2 ? g_strdup_printf ("/usr/%c", 'a' + i)
                                    : g_strdup_printf ("/usr/%u/in/%u", i / 10, i);
      SgInode inode = { .host_path = name };
      fill_identity (name, i, &inode.identity);
      sg_map_writer_add (writer, block, &inode);
      block += 3;
    }
  sg_fd int out = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  require (sg_map_writer_write (writer, &layout, out, &bytes, &crc, NULL), "a map is written");
  require (g_file_get_contents (path, &text, &len, NULL), "and read");
  return g_byte_array_new_take ((guint8 *)text, len);
}

static GByteArray *
make_input (const GByteArray *good, GRand *rand)
{
  static const guint32 odd[] = { 0, 1, 2, 4096, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, good->data, good->len);
  for (int n = g_rand_int_range (rand, 1, 5); n > 0 && out->len > 12; n--)
    {
      guint at = (guint)g_rand_int_range (rand, 8, (gint32)out->len - 3);
      guint32 word = g_rand_boolean (rand) ? odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))]
                                           : g_rand_int (rand);
      switch (g_rand_int_range (rand, 0, 5))
        {
        case 0:
          out->data[at] ^= (guint8)(1 << g_rand_int_range (rand, 0, 8));
          break;
        case 1:
          g_byte_array_set_size (out, at);
          break;
        case 2:
          g_byte_array_remove_range (out, at, MIN (out->len - at, 4));
          break;
        default: /* a number where numbers are */
          memcpy (out->data + (at & ~3u), &word, MIN (sizeof word, out->len - (at & ~3u)));
        }
    }
  return out;
}

static int
mutate (guint64 runs, guint32 seed)
{
  make_dir ();
  g_autoptr (GByteArray) good = good_map ();

  for (guint64 i = 0; i < runs; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed + (guint32)i);
      g_autoptr (GByteArray) input = make_input (good, rand);
      if (g_getenv ("SG_FUZZ_TRACE") != NULL)
        fprintf (stderr, "fuzz-map: run with: 1 %u\n", seed + (guint32)i);
      LLVMFuzzerTestOneInput (input->data, input->len);
    }
  printf ("fuzz-map: %" G_GUINT64_FORMAT " inputs from seed %u: nothing broke\n", runs, seed);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  guint64 runs = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : DEFAULT_RUNS;

  if (runs > 0)
    return mutate (runs, argc > 2 ? (guint32)g_ascii_strtoull (argv[2], NULL, 10) : 1);
  for (int i = 2; i < argc; i++)
    {
      g_autofree char *data = NULL;
      g_autoptr (GError) error = NULL;
      gsize len;
      if (!g_file_get_contents (argv[i], &data, &len, &error))
        {
          fprintf (stderr, "fuzz-map: %s\n", error->message);
          return EXIT_FAILURE;
        }
      LLVMFuzzerTestOneInput ((const guint8 *)data, len);
    }
  return EXIT_SUCCESS;
}
#endif
