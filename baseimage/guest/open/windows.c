/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asked a few times a second, over one connection: a window can go between two questions, so the
 * server's errors are not ours.  One that comes and goes between two questions is still told, by
 * the change of the list. */
#include "windows.h"

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>

#define WINDOWS_MAX 256
#define TYPES_MAX 16

struct SgOpenWindows
{
  Display *display;
  Atom client_list, type, dock, desktop, splash, notification;
};

static int
ignore_error (Display *display, XErrorEvent *event)
{
  return 0;
}

SgOpenWindows *
sg_open_windows_new (const char *name)
{
  Display *display = XOpenDisplay (name);
  SgOpenWindows *windows;

  if (display == NULL)
    return NULL;
  XSetErrorHandler (ignore_error);
  windows = g_new0 (SgOpenWindows, 1);
  windows->display = display;
  windows->client_list = XInternAtom (display, "_NET_CLIENT_LIST", False);
  windows->type = XInternAtom (display, "_NET_WM_WINDOW_TYPE", False);
  windows->dock = XInternAtom (display, "_NET_WM_WINDOW_TYPE_DOCK", False);
  windows->desktop = XInternAtom (display, "_NET_WM_WINDOW_TYPE_DESKTOP", False);
  windows->splash = XInternAtom (display, "_NET_WM_WINDOW_TYPE_SPLASH", False);
  windows->notification = XInternAtom (display, "_NET_WM_WINDOW_TYPE_NOTIFICATION", False);
  XSelectInput (display, DefaultRootWindow (display), PropertyChangeMask);
  return windows;
}

static gulong *
longs (SgOpenWindows *windows, Window window, Atom name, Atom type, long max, gulong *ret_n)
{
  Atom actual;
  int format;
  gulong left;
  guchar *data = NULL;

  *ret_n = 0;
  if (XGetWindowProperty (windows->display, window, name, 0, max, False, type, &actual, &format,
                          ret_n, &left, &data)
      != Success)
    return NULL;
  if (data != NULL && (actual != type || format != 32))
    {
      XFree (data);
      data = NULL;
    }
  if (data == NULL)
    *ret_n = 0;
  return (gulong *)(gpointer)data;
}

/* The shell's own windows say so by their class. */
static gboolean
is_shell (SgOpenWindows *windows, Window window)
{
  XClassHint hint = { 0 };
  gboolean shell;

  if (!XGetClassHint (windows->display, window, &hint))
    return FALSE;
  shell = hint.res_name != NULL && g_str_has_prefix (hint.res_name, "sandglass-");
  XFree (hint.res_name);
  XFree (hint.res_class);
  return shell;
}

static gboolean
counts (SgOpenWindows *windows, Window window)
{
  gulong n;
  gulong *types = longs (windows, window, windows->type, XA_ATOM, TYPES_MAX, &n);
  gboolean ours = FALSE;

  for (gulong i = 0; i < n; i++)
    ours |= types[i] == windows->dock || types[i] == windows->desktop || types[i] == windows->splash
            || types[i] == windows->notification;
  if (types != NULL)
    XFree (types);
  return !ours && !is_shell (windows, window);
}

guint
sg_open_windows_count (SgOpenWindows *windows)
{
  gulong n;
  gulong *list = longs (windows, DefaultRootWindow (windows->display), windows->client_list,
                        XA_WINDOW, WINDOWS_MAX, &n);
  guint found = 0;

  for (gulong i = 0; i < n; i++)
    found += counts (windows, list[i]);
  if (list != NULL)
    XFree (list);
  return found;
}

gboolean
sg_open_windows_changed (SgOpenWindows *windows)
{
  gboolean changed = FALSE;

  while (XPending (windows->display) > 0)
    {
      XEvent event;

      XNextEvent (windows->display, &event);
      changed |= event.type == PropertyNotify && event.xproperty.atom == windows->client_list;
    }
  return changed;
}

void
sg_open_windows_free (SgOpenWindows *windows)
{
  XCloseDisplay (windows->display);
  g_free (windows);
}
