/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What small pictures of ten sandboxes cost: QEMU's and ours, processor time by getrusage() for
 * QEMU's side as it is (a screen of 1280x800, written by `screendump`) and for reading it small.
 * Prints "0.4 %". */
#include "common/fd.h"
#include "ui/thumbnail.h"

#include <glib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROUNDS 100
#define SANDBOXES 10
#define EVERY 5.0 /* seconds */

static double
used (void)
{
  struct rusage u;

  getrusage (RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec)
         + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int
main (void)
{
  static const char header[] = "P6\n1280 800\n255\n";
  g_autofree guint8 *row = g_malloc (1280 * 3), *screen = g_malloc (1280 * 4);
  double began = used ();

  for (int i = 0; i < 1280 * 4; i++)
    screen[i] = (guint8)i;
  for (int round = 0; round < ROUNDS; round++)
    {
      sg_fd int fd = memfd_create ("picture", MFD_CLOEXEC);
      g_autoptr (GdkPixbuf) small = NULL;

      /* As QEMU does: each row out of the screen's four bytes, and written. */
      sg_write_all (fd, header, sizeof header - 1, NULL);
      for (int y = 0; y < 800; y++)
        {
          for (int x = 0; x < 1280; x++)
            for (int c = 0; c < 3; c++)
              row[x * 3 + c] = screen[x * 4 + 2 - c];
          sg_write_all (fd, row, 1280 * 3, NULL);
        }
      small = sg_thumbnail_read (fd, 96, 60, NULL);
      if (small == NULL)
        return 1;
    }
  printf ("%.2f %%", (used () - began) / ROUNDS * SANDBOXES / EVERY * 100);
  return 0;
}
