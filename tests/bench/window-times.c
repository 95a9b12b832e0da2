/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person waits for, in milliseconds, as the X server sees it: keys are pressed as a keyboard
 * does (XTest), and windows and pixels are looked at; nothing that a program says is believed.
 *
 *   window-times appears KEYS TITLE   until a window whose title begins so is mapped, and until
 *                                     something is drawn in it: "MAPPED DRAWN"
 *   window-times goes KEYS TITLE...   until none with any of these titles can be seen
 *   window-times changes KEYS ROUNDS  until a spot in blink.c's first colour has another one, and
 * back until it is still; a line for each round window-times frames SECONDS       how often a
 * second that spot changes, once it has begun to
 *
 * KEYS: "Return", "alt+d".  DISPLAY should be nobody else's. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XTest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 60.0 /* seconds */
#define LOOK_USEC 500
#define FIRST_COLOUR 0x1e5f3cul /* of blink.c */
#define BLOCK 12                /* pixels each way of it: none of this size is anything else */
#define STILL 0.15              /* seconds without a change */

static Display *display;

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fail (const char *what)
{
  fprintf (stderr, "window-times: %s\n", what);
  exit (1);
}

/* A window goes while it is looked at. */
static int
no_error (Display *d, XErrorEvent *event)
{
  return 0;
}

/* --- keys --- */

/* Returns when they were pressed. */
static double
press (const char *keys)
{
  char *copy = strdup (keys), *rest = copy, *name;
  KeyCode codes[4];
  int n = 0;
  double at;

  while (n < 4 && (name = strsep (&rest, "+")) != NULL)
    {
      const char *symbol = strcmp (name, "alt") == 0    ? "Alt_L"
                           : strcmp (name, "ctrl") == 0 ? "Control_L"
                                                        : name;
      codes[n] = XKeysymToKeycode (display, XStringToKeysym (symbol));
      if (codes[n++] == 0)
        fail ("no such key");
    }
  free (copy);
  at = now ();
  for (int i = 0; i < n; i++)
    XTestFakeKeyEvent (display, codes[i], True, 0);
  for (int i = n; i-- > 0;)
    XTestFakeKeyEvent (display, codes[i], False, 0);
  XFlush (display);
  return at;
}

/* --- windows --- */

static int
is_titled (Window window, const char *title)
{
  XTextProperty property = { 0 };
  XWindowAttributes a;
  int same = 0;

  if (XGetTextProperty (display, window, &property, XInternAtom (display, "_NET_WM_NAME", False))
          != 0
      && property.value != NULL)
    {
      same = strncmp ((char *)property.value, title, strlen (title)) == 0;
      XFree (property.value);
    }
  return same && XGetWindowAttributes (display, window, &a) && a.map_state == IsViewable
         && a.width > 1;
}

/* The visible window whose title begins so, among those of the root and of the window manager. */
static Window
find (Window parent, const char *title, int depth)
{
  Window root, above, *children = NULL, found = None;
  unsigned n = 0;

  if (XQueryTree (display, parent, &root, &above, &children, &n) == 0)
    return None;
  for (unsigned i = 0; i < n && found == None; i++)
    if (is_titled (children[i], title))
      found = children[i];
    else if (depth > 0)
      found = find (children[i], title, depth - 1);
  if (children != NULL)
    XFree (children);
  return found;
}

static Window
find_window (const char *title)
{
  return find (DefaultRootWindow (display), title, 1);
}

/* Whether anything in it is not black, as the display is behind it. */
static int
is_drawn (Window window)
{
  XWindowAttributes a;
  XImage *image = NULL;
  int drawn = 0;

  if (XGetWindowAttributes (display, window, &a))
    image = XGetImage (display, window, 0, 0, (unsigned)a.width, (unsigned)a.height, AllPlanes,
                       ZPixmap);
  for (int y = 0; image != NULL && !drawn && y < image->height; y += 8)
    for (int x = 0; !drawn && x < image->width; x += 8)
      drawn = (XGetPixel (image, x, y) & 0xffffff) != 0;
  if (image != NULL)
    XDestroyImage (image);
  return drawn;
}

static void
appears (const char *keys, const char *title)
{
  double pressed, mapped = 0, drawn = 0;
  Window window;

  if (find_window (title) != None)
    fail ("it is there already");
  pressed = press (keys);
  while (drawn == 0 && now () - pressed < LONGEST)
    {
      window = find_window (title);
      if (window != None && mapped == 0)
        mapped = now ();
      if (window != None && is_drawn (window))
        drawn = now ();
      usleep (LOOK_USEC);
    }
  if (drawn == 0)
    fail ("no window");
  printf ("%.1f %.1f\n", (mapped - pressed) * 1e3, (drawn - pressed) * 1e3);
}

static void
goes (const char *keys, char **titles)
{
  int there = 1;
  double pressed;

  for (char **title = titles; *title != NULL; title++)
    if (find_window (*title) == None)
      fail ("it is not there");
  pressed = press (keys);
  while (there && now () - pressed < LONGEST)
    {
      there = 0;
      for (char **title = titles; *title != NULL && !there; title++)
        there = find_window (*title) != None;
      usleep (LOOK_USEC);
    }
  if (there)
    fail ("the window stays");
  printf ("%.1f\n", (now () - pressed) * 1e3);
}

/* --- pixels --- */

static unsigned long
colour (int x, int y)
{
  XImage *image = XGetImage (display, DefaultRootWindow (display), x, y, 1, 1, AllPlanes, ZPixmap);
  unsigned long pixel;

  if (image == NULL)
    fail ("the display cannot be looked at");
  pixel = XGetPixel (image, 0, 0) & 0xffffff;
  XDestroyImage (image);
  return pixel;
}

static int
is_block (XImage *image, int x, int y)
{
  for (int j = 0; j < BLOCK; j++)
    for (int i = 0; i < BLOCK; i++)
      if ((XGetPixel (image, x + i, y + j) & 0xffffff) != FIRST_COLOUR)
        return 0;
  return 1;
}

/* The middle of a block in blink.c's first colour. */
static void
await_spot (int *ret_x, int *ret_y)
{
  double began = now ();
  unsigned width = (unsigned)DisplayWidth (display, 0),
           height = (unsigned)DisplayHeight (display, 0);

  while (now () - began < LONGEST)
    {
      XImage *image = XGetImage (display, DefaultRootWindow (display), 0, 0, width, height,
                                 AllPlanes, ZPixmap);

      for (int y = 0; image != NULL && y + BLOCK <= image->height; y += BLOCK)
        for (int x = 0; x + BLOCK <= image->width; x += BLOCK)
          if (is_block (image, x, y))
            {
              *ret_x = x + BLOCK / 2;
              *ret_y = y + BLOCK / 2;
              XDestroyImage (image);
              return;
            }
      if (image != NULL)
        XDestroyImage (image);
      usleep (50000);
    }
  fail ("blink is not seen");
}

/* Until the spot has not changed for a while. */
static unsigned long
await_still (int x, int y)
{
  double since = now ();
  unsigned long was = colour (x, y), is;

  while (now () - since < STILL)
    {
      usleep (LOOK_USEC);
      is = colour (x, y);
      if (is != was)
        since = now ();
      was = is;
    }
  return was;
}

/* A new window gets another size once it is there, and then the spot is elsewhere. */
static void
await_settled_spot (int *x, int *y)
{
  await_spot (x, y);
  sleep (3);
  await_spot (x, y);
}

static void
changes (const char *keys, int rounds)
{
  int x, y;

  await_settled_spot (&x, &y);
  for (int i = 0; i < rounds; i++)
    {
      unsigned long was = await_still (x, y);
      double pressed;

      /* Not in step with anybody's tick. */
      usleep ((useconds_t)(rand () % 60000));
      pressed = press (keys);
      while (colour (x, y) == was && now () - pressed < LONGEST)
        usleep (LOOK_USEC);
      printf ("%.1f\n", (now () - pressed) * 1e3);
      fflush (stdout);
    }
}

static void
frames (double seconds)
{
  int x, y, n = 0;
  unsigned long was, is;
  double began;

  await_settled_spot (&x, &y);
  while (colour (x, y) == FIRST_COLOUR)
    usleep (LOOK_USEC);
  sleep (2);
  was = colour (x, y);
  began = now ();
  while (now () - began < seconds)
    {
      is = colour (x, y);
      n += is != was;
      was = is;
      usleep (LOOK_USEC);
    }
  printf ("%.1f\n", n / seconds);
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";

  display = XOpenDisplay (NULL);
  if (display == NULL)
    fail ("no display");
  XSetErrorHandler (no_error);
  if (argc == 4 && strcmp (what, "appears") == 0)
    appears (argv[2], argv[3]);
  else if (argc >= 4 && strcmp (what, "goes") == 0)
    goes (argv[2], argv + 3);
  else if (argc == 4 && strcmp (what, "changes") == 0)
    changes (argv[2], atoi (argv[3]));
  else if (argc == 3 && strcmp (what, "frames") == 0)
    frames (atof (argv[2]));
  else
    fail ("appears, goes, changes or frames?");
  return 0;
}
