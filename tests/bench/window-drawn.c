/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long programs take until their window is drawn, on a display without a window manager.
 *
 *   window-drawn ROUNDS PROGRAM-A PROGRAM-B     takes turns; prints a line for each round:
 *       "A-frame A-done B-frame B-done" in milliseconds: the first frame, and the last change of
 * the picture within a second after it.
 *
 * The X server's own pictures are looked at, so nothing that a program says is believed. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define QUIET 1.0 /* seconds without a change: it is done */
#define LONGEST 20.0

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The first window that is mapped and large. */
static Window
wait_for_window (Display *display, double until)
{
  while (now () < until)
    {
      XEvent event;

      if (XPending (display) == 0)
        {
          usleep (500);
          continue;
        }
      XNextEvent (display, &event);
      if (event.type == MapNotify)
        {
          XWindowAttributes a;

          if (XGetWindowAttributes (display, event.xmap.window, &a) && a.width > 100)
            return event.xmap.window;
        }
    }
  return None;
}

/* A sum over the picture; 0: nothing is drawn (the root is black). */
static uint64_t
look (Display *display, Window window)
{
  XWindowAttributes a;
  XImage *image;
  uint64_t sum = 0;

  if (!XGetWindowAttributes (display, window, &a))
    return 0;
  image = XGetImage (display, window, 0, 0, (unsigned)a.width, (unsigned)a.height, AllPlanes,
                     ZPixmap);
  if (image == NULL)
    return 0;
  for (int i = 0; i < image->bytes_per_line * image->height; i += 7)
    sum = sum * 31 + (uint8_t)image->data[i];
  XDestroyImage (image);
  return sum;
}

static int
no_error (Display *display, XErrorEvent *event)
{
  return 0;
}

static int
measure (Display *display, const char *program)
{
  double began = now (), frame = 0, done = 0;
  pid_t pid = fork ();
  uint64_t before = 0;
  Window window;

  if (pid == 0)
    {
      execl (program, program, (char *)NULL);
      _exit (127);
    }
  window = wait_for_window (display, began + LONGEST);
  while (window != None && now () < began + LONGEST && (done == 0 || now () < done + QUIET))
    {
      uint64_t sum = look (display, window);

      if (sum != before)
        {
          done = now ();
          if (before == 0)
            frame = done;
          before = sum;
        }
      usleep (2000);
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  printf ("%.1f %.1f ", (frame - began) * 1e3, (done - began) * 1e3);
  XSync (display, False);
  while (XPending (display) > 0)
    {
      XEvent event;
      XNextEvent (display, &event);
    }
  return frame > 0;
}

int
main (int argc, char **argv)
{
  Display *display = XOpenDisplay (NULL);
  int ok = 1;

  if (argc != 4 || display == NULL)
    {
      fprintf (stderr, "usage: window-drawn ROUNDS PROGRAM-A PROGRAM-B   (with a display)\n");
      return 2;
    }
  XSetErrorHandler (no_error);
  XSelectInput (display, DefaultRootWindow (display), SubstructureNotifyMask);
  XSync (display, False);
  for (int i = 0; i < atoi (argv[1]); i++)
    {
      ok &= measure (display, argv[2]);
      ok &= measure (display, argv[3]);
      putchar ('\n');
      fflush (stdout);
    }
  return ok ? 0 : 1;
}
