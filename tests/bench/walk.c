/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer of a base build: nothing but a walk of the tree with nftw(3), one lstat per entry. */
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

static unsigned long entries;

static int
visit (const char *path, const struct stat *st, int kind, struct FTW *where)
{
  entries++;
  return 0;
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (nftw (argv[i], visit, 64, FTW_PHYS) != 0)
      {
        perror (argv[i]);
        return 1;
      }
  printf ("%lu\n", entries);
  return 0;
}
