/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spoils samples: for fuzzers of readers of files. */
#pragma once

#include <glib.h>

/* A copy of DATA with a few random changes: bytes, blocks, a cut, a splice of OTHER, or a word of
 * WORDS (NULL-terminated) put in. */
GByteArray *fuzz_mutate (GRand *random, GBytes *data, GBytes *other, const char *const *words);

/* The usual main() of such a fuzzer: `PROGRAM [RUNS [SEED]]` spoils the files of CORPUS,
 * `PROGRAM FILE...` replays files, `PROGRAM --truncate` tries every truncation of every file. */
int fuzz_main (int argc, char **argv, const char *corpus, const char *const *words, guint runs,
               void (*one) (const guint8 *data, gsize len));
