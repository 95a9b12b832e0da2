/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (64 * 1024)

static void
change (GByteArray *out, GRand *random, GBytes *other, const char *const *words)
{
  guint at = out->len > 0 ? (guint)g_rand_int_range (random, 0, (gint32)out->len) : 0;
  guint wish = (guint)g_rand_int_range (random, 1, 64), n = MIN (wish, out->len - at);
  gsize other_len;
  const guint8 *foreign = g_bytes_get_data (other, &other_len);

  switch (g_rand_int_range (random, 0, 7))
    {
    case 0:
      if (out->len > 0)
        out->data[at] ^= (guint8)(1 << g_rand_int_range (random, 0, 8));
      break;
    case 1:
      if (out->len > 0)
        out->data[at] = (guint8)g_rand_int_range (random, 0, 256);
      break;
    case 2:
      if (n > 0)
        g_byte_array_remove_range (out, at, n);
      break;
    case 3: /* twice */
      if (n > 0 && out->len + n < INPUT_MAX)
        {
          g_autofree guint8 *copy = g_memdup2 (out->data + at, n);
          g_byte_array_append (out, copy, n);
        }
      break;
    case 4:
      g_byte_array_set_size (out, at);
      break;
    case 5:
      if (other_len > 0)
        {
          gsize from = (gsize)g_rand_int_range (random, 0, (gint32)other_len);
          g_byte_array_set_size (out, at);
          g_byte_array_append (out, foreign + from, (guint)MIN (other_len - from, INPUT_MAX - at));
        }
      break;
    default:
      {
        guint count = 0;
        while (words[count] != NULL)
          count++;
        const char *word = words[g_rand_int_range (random, 0, (gint32)count)];
        g_autofree guint8 *rest = n > 0 ? g_memdup2 (out->data + at, out->len - at) : NULL;
        guint rest_len = n > 0 ? out->len - at : 0;
        g_byte_array_set_size (out, at);
        g_byte_array_append (out, (const guint8 *)word, (guint)strlen (word));
        if (rest != NULL)
          g_byte_array_append (out, rest, rest_len);
      }
    }
}

GByteArray *
fuzz_mutate (GRand *random, GBytes *data, GBytes *other, const char *const *words)
{
  GByteArray *out = g_byte_array_new ();
  gsize len;
  const guint8 *bytes = g_bytes_get_data (data, &len);

  g_byte_array_append (out, bytes, (guint)MIN (len, INPUT_MAX));
  for (int n = g_rand_int_range (random, 1, 6); n > 0; n--)
    change (out, random, other, words);
  return out;
}

static GPtrArray *
load (char *const *files)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

  for (; *files != NULL; files++)
    {
      char *data;
      gsize len;

      if (g_file_get_contents (*files, &data, &len, NULL))
        g_ptr_array_add (out, g_bytes_new_take (data, len));
    }
  return out;
}

static char **
list_corpus (const char *corpus)
{
  GPtrArray *files = g_ptr_array_new ();
  g_autoptr (GDir) dir = g_dir_open (corpus, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (files, g_build_filename (corpus, name, NULL));
  g_ptr_array_add (files, NULL);
  return (char **)g_ptr_array_free (files, FALSE);
}

static void
truncate_all (GPtrArray *samples, void (*one) (const guint8 *data, gsize len))
{
  for (guint i = 0; i < samples->len; i++)
    {
      gsize len;
      const guint8 *data = g_bytes_get_data (samples->pdata[i], &len);

      for (gsize cut = 0; cut <= MIN (len, INPUT_MAX); cut++)
        one (data, cut);
    }
}

int
fuzz_main (int argc, char **argv, const char *corpus, const char *const *words, guint runs,
           void (*one) (const guint8 *data, gsize len))
{
  guint32 seed = g_random_int ();
  gboolean replay = argc > 1 && !g_ascii_isdigit (argv[1][0]);
  g_auto (GStrv) files = replay ? g_strdupv (argv + 1) : list_corpus (corpus);
  g_autoptr (GPtrArray) samples = load (files);

  if (replay)
    {
      for (guint i = 0; i < samples->len; i++)
        one (g_bytes_get_data (samples->pdata[i], NULL), g_bytes_get_size (samples->pdata[i]));
      return samples->len == g_strv_length (files) ? 0 : 1;
    }
  if (samples->len == 0)
    {
      fprintf (stderr, "%s: no samples in %s (run it from the top of the tree)\n", argv[0], corpus);
      return 1;
    }
  if (argc > 1)
    runs = (guint)strtoul (argv[1], NULL, 10);
  if (argc > 2)
    seed = (guint32)strtoul (argv[2], NULL, 10);
  printf ("%s: %u runs, seed %u\n", argv[0], runs, seed);
  fflush (stdout);
  truncate_all (samples, one);
  GRand *random = g_rand_new_with_seed (seed);
  for (guint i = 0; i < runs; i++)
    {
      GBytes *a = samples->pdata[g_rand_int_range (random, 0, (gint32)samples->len)];
      GBytes *b = samples->pdata[g_rand_int_range (random, 0, (gint32)samples->len)];
      g_autoptr (GByteArray) spoilt = fuzz_mutate (random, a, b, words);

      one (spoilt->data, spoilt->len);
    }
  g_rand_free (random);
  return 0;
}
