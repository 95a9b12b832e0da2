/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blink keys|RATE: a small window in one colour, which is another one with each key that is
 * pressed, or RATE times a second, after eight seconds in the first; for window-times.c, which sees
 * it from outside. */
#include <X11/Xlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_COLOUR 0x1e5f3cul
#define SIDE 160

static void
sleep_until (struct timespec *t)
{
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, t, NULL) != 0)
    ;
}

int
main (int argc, char **argv)
{
  Display *display = XOpenDisplay (NULL);
  XSetWindowAttributes attributes
      = { .override_redirect = True, .background_pixel = FIRST_COLOUR, .event_mask = KeyPressMask };
  int keys = argc == 2 && strcmp (argv[1], "keys") == 0;
  double rate = argc == 2 ? atof (argv[1]) : 0;
  struct timespec next;
  Window window;
  GC gc;

  if (display == NULL || (!keys && rate <= 0))
    return 1;
  window = XCreateWindow (display, DefaultRootWindow (display), 120, 120, SIDE, SIDE, 0,
                          CopyFromParent, InputOutput, CopyFromParent,
                          CWOverrideRedirect | CWBackPixel | CWEventMask, &attributes);
  gc = XCreateGC (display, window, 0, NULL);
  XMapRaised (display, window);
  XSync (display, False);
  while (keys
         && XGrabKeyboard (display, window, True, GrabModeAsync, GrabModeAsync, CurrentTime)
                != GrabSuccess)
    usleep (10000);
  if (!keys)
    sleep (8);
  clock_gettime (CLOCK_MONOTONIC, &next);
  for (unsigned n = 1;; n++)
    {
      XEvent event;

      if (keys)
        do
          XNextEvent (display, &event);
        while (event.type != KeyPress);
      else
        {
          next.tv_nsec += (long)(1e9 / rate);
          next.tv_sec += next.tv_nsec / 1000000000;
          next.tv_nsec %= 1000000000;
          sleep_until (&next);
        }
      /* Far apart, and none of them twice in a row. */
      XSetForeground (display, gc, (FIRST_COLOUR + n * 0x334455ul) & 0xfffffful);
      XFillRectangle (display, window, gc, 0, 0, SIDE, SIDE);
      XFlush (display);
    }
}
