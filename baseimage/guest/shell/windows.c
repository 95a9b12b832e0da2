/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any program can set any property to anything, and a window can go while we ask about it: each
 * property is read with a bound, its type and format compared, and errors of the server trapped. */
#include "windows.h"

#include <X11/Xatom.h>
#include <X11/Xutil.h>
#include <gdk/gdkx.h>
#include <string.h>

#define WINDOWS_MAX 256
#define TITLE_MAX_BYTES 1024
#define ICON_MAX_LONGS (256 * 256 + 64 * 64 + 4096)

enum
{
  NET_CLIENT_LIST,
  NET_ACTIVE_WINDOW,
  NET_WM_NAME,
  NET_WM_ICON,
  NET_WM_STATE,
  NET_WM_STATE_HIDDEN,
  NET_WM_STATE_SKIP_TASKBAR,
  NET_WM_STATE_DEMANDS_ATTENTION,
  NET_WM_WINDOW_TYPE,
  NET_WM_WINDOW_TYPE_DOCK,
  NET_WM_WINDOW_TYPE_DESKTOP,
  NET_CLOSE_WINDOW,
  NET_SUPPORTING_WM_CHECK,
  UTF8_STRING,
  N_ATOMS
};

static const char *const atom_names[N_ATOMS] = {
  "_NET_CLIENT_LIST",
  "_NET_ACTIVE_WINDOW",
  "_NET_WM_NAME",
  "_NET_WM_ICON",
  "_NET_WM_STATE",
  "_NET_WM_STATE_HIDDEN",
  "_NET_WM_STATE_SKIP_TASKBAR",
  "_NET_WM_STATE_DEMANDS_ATTENTION",
  "_NET_WM_WINDOW_TYPE",
  "_NET_WM_WINDOW_TYPE_DOCK",
  "_NET_WM_WINDOW_TYPE_DESKTOP",
  "_NET_CLOSE_WINDOW",
  "_NET_SUPPORTING_WM_CHECK",
  "UTF8_STRING",
};

typedef struct
{
  SgWindow window;
  gboolean listed; /* belongs on a panel */
} Client;

struct SgWindows
{
  GdkDisplay *gdk;
  Display *display;
  Window root;
  Atom atoms[N_ATOMS];
  GPtrArray *clients; /* owned Client, in the window manager's order (oldest first) */
  GPtrArray *shown;   /* what sg_windows_list() gave */
  gulong active;
  void (*changed) (gpointer data);
  gpointer data;
  guint idle;
};

static void
client_free (gpointer data)
{
  Client *client = data;

  g_free (client->window.title);
  g_free (client->window.class);
  g_clear_object (&client->window.icon);
  g_free (client);
}

/* A property of format 32 or 8, at most MAX items (longs for 32); NULL when it is not there or of
 * another type.  Free with XFree(). */
static void *
property (SgWindows *w, Window window, Atom name, Atom type, int format, long max, gulong *ret_n)
{
  Atom actual;
  int actual_format;
  gulong left;
  guchar *data = NULL;

  *ret_n = 0;
  if (XGetWindowProperty (w->display, window, name, 0, format == 8 ? max / 4 : max, False, type,
                          &actual, &actual_format, ret_n, &left, &data)
      != Success)
    return NULL;
  if (data && (actual != type || actual_format != format || *ret_n == 0))
    {
      XFree (data);
      *ret_n = 0;
      return NULL;
    }
  return data;
}

static gboolean
has_atom (SgWindows *w, Window window, Atom name, const Atom *wanted, guint n_wanted)
{
  gulong n;
  Atom *list = property (w, window, name, XA_ATOM, 32, 64, &n);
  gboolean found = FALSE;

  for (gulong i = 0; i < n; i++)
    for (guint k = 0; k < n_wanted; k++)
      found |= list[i] == wanted[k];
  if (list)
    XFree (list);
  return found;
}

static char *
read_title (SgWindows *w, Window window)
{
  gulong n;
  char *text
      = property (w, window, w->atoms[NET_WM_NAME], w->atoms[UTF8_STRING], 8, TITLE_MAX_BYTES, &n);
  char *title;

  if (!text)
    text = property (w, window, XA_WM_NAME, XA_STRING, 8, TITLE_MAX_BYTES, &n);
  if (!text)
    return g_strdup ("");
  title = g_utf8_make_valid (text, (gssize)n);
  XFree (text);
  for (char *p = title; *p; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return g_strstrip (title);
}

static char *
read_class (SgWindows *w, Window window)
{
  XClassHint hint = { 0 };
  char *class = NULL;

  if (!XGetClassHint (w->display, window, &hint))
    return NULL;
  if (hint.res_class && g_utf8_validate (hint.res_class, -1, NULL))
    class = g_strndup (hint.res_class, 200);
  XFree (hint.res_name);
  XFree (hint.res_class);
  return class;
}

/* _NET_WM_ICON is a run of (width, height, width * height pixels) in longs; the picture nearest to
 * what a panel shows is taken. */
static GdkPixbuf *
read_icon (SgWindows *w, Window window)
{
  const gulong ideal = 24;
  gulong n,
      *data = property (w, window, w->atoms[NET_WM_ICON], XA_CARDINAL, 32, ICON_MAX_LONGS, &n);
  gulong best = 0, best_size = 0;
  GdkPixbuf *icon = NULL;

  for (gulong at = 0; at + 2 <= n;)
    {
      gulong width = data[at], height = data[at + 1];
      gboolean sane = width > 0 && height > 0 && width <= 512 && height <= 512;

      if (!sane || width * height > n - at - 2)
        break;
      gulong size = MAX (width, height);
      if (!best_size || (best_size < ideal ? size > best_size : size >= ideal && size < best_size))
        {
          best = at;
          best_size = size;
        }
      at += 2 + width * height;
    }
  if (best_size)
    {
      gulong width = data[best], height = data[best + 1];
      icon = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, (int)width, (int)height);
      for (gulong y = 0; icon && y < height; y++)
        {
          guchar *row = gdk_pixbuf_get_pixels (icon) + y * (gulong)gdk_pixbuf_get_rowstride (icon);
          for (gulong x = 0; x < width; x++)
            {
              gulong argb = data[best + 2 + y * width + x];
              row[4 * x] = (guchar)(argb >> 16);
              row[4 * x + 1] = (guchar)(argb >> 8);
              row[4 * x + 2] = (guchar)argb;
              row[4 * x + 3] = (guchar)(argb >> 24);
            }
        }
    }
  if (data)
    XFree (data);
  return icon;
}

static void
read_state (SgWindows *w, Client *client)
{
  const Atom never[] = { w->atoms[NET_WM_WINDOW_TYPE_DOCK], w->atoms[NET_WM_WINDOW_TYPE_DESKTOP] };
  Window xid = client->window.xid;
  Atom state = w->atoms[NET_WM_STATE];

  client->window.minimized = has_atom (w, xid, state, &w->atoms[NET_WM_STATE_HIDDEN], 1);
  client->window.urgent = has_atom (w, xid, state, &w->atoms[NET_WM_STATE_DEMANDS_ATTENTION], 1);
  client->listed = !has_atom (w, xid, state, &w->atoms[NET_WM_STATE_SKIP_TASKBAR], 1)
                   && !has_atom (w, xid, w->atoms[NET_WM_WINDOW_TYPE], never, G_N_ELEMENTS (never));
}

static gboolean
report (gpointer data)
{
  SgWindows *w = data;

  w->idle = 0;
  w->changed (w->data);
  return G_SOURCE_REMOVE;
}

static void
report_soon (SgWindows *w)
{
  if (!w->idle)
    w->idle = g_idle_add (report, w);
}

static Client *
client_new (SgWindows *w, Window xid)
{
  Client *client = g_new0 (Client, 1);

  client->window.xid = xid;
  /* Our own windows have a mask of GDK's, which must not be taken away. */
  if (!gdk_x11_window_lookup_for_display (w->gdk, xid))
    XSelectInput (w->display, xid, PropertyChangeMask);
  client->window.title = read_title (w, xid);
  client->window.class = read_class (w, xid);
  client->window.icon = read_icon (w, xid);
  read_state (w, client);
  return client;
}

static void
read_list (SgWindows *w)
{
  gulong n;
  Window *list = property (w, w->root, w->atoms[NET_CLIENT_LIST], XA_WINDOW, 32, WINDOWS_MAX, &n);
  GPtrArray *now = g_ptr_array_new_with_free_func (client_free);

  /* Those that are known move over; what is then left behind is gone. */
  for (gulong i = 0; i < n; i++)
    {
      Client *client = NULL;
      for (guint k = 0; k < w->clients->len && !client; k++)
        if (((Client *)w->clients->pdata[k])->window.xid == list[i])
          client = g_ptr_array_steal_index (w->clients, k);
      g_ptr_array_add (now, client ? client : client_new (w, list[i]));
    }
  if (list)
    XFree (list);
  g_ptr_array_unref (w->clients);
  w->clients = now;
}

static void
read_active (SgWindows *w)
{
  gulong n;
  Window *active = property (w, w->root, w->atoms[NET_ACTIVE_WINDOW], XA_WINDOW, 32, 1, &n);

  w->active = active ? *active : 0;
  if (active)
    XFree (active);
}

static gboolean
read_property (SgWindows *w, Client *client, Atom atom)
{
  SgWindow *window = &client->window;

  if (atom == w->atoms[NET_WM_NAME] || atom == XA_WM_NAME)
    {
      g_free (window->title);
      window->title = read_title (w, window->xid);
    }
  else if (atom == w->atoms[NET_WM_STATE] || atom == w->atoms[NET_WM_WINDOW_TYPE])
    read_state (w, client);
  else if (atom == w->atoms[NET_WM_ICON])
    {
      g_clear_object (&window->icon);
      window->icon = read_icon (w, window->xid);
    }
  else if (atom == XA_WM_CLASS)
    {
      g_free (window->class);
      window->class = read_class (w, window->xid);
    }
  else
    return FALSE;
  return TRUE;
}

static gboolean
on_property (SgWindows *w, const XPropertyEvent *event)
{
  if (event->window == w->root)
    {
      if (event->atom == w->atoms[NET_CLIENT_LIST])
        read_list (w);
      else if (event->atom == w->atoms[NET_ACTIVE_WINDOW])
        read_active (w);
      else if (event->atom != w->atoms[NET_SUPPORTING_WM_CHECK])
        return FALSE;
      return TRUE;
    }
  for (guint i = 0; i < w->clients->len; i++)
    {
      Client *client = w->clients->pdata[i];
      if (client->window.xid == event->window)
        return read_property (w, client, event->atom);
    }
  return FALSE;
}

static GdkFilterReturn
filter (GdkXEvent *xevent, GdkEvent *unused, gpointer data)
{
  SgWindows *w = data;
  const XEvent *event = xevent;

  if (event->type == PropertyNotify)
    {
      gdk_x11_display_error_trap_push (w->gdk);
      if (on_property (w, &event->xproperty))
        report_soon (w);
      gdk_x11_display_error_trap_pop_ignored (w->gdk);
    }
  return GDK_FILTER_CONTINUE;
}

SgWindows *
sg_windows_new (void (*changed) (gpointer data), gpointer data)
{
  SgWindows *w = g_new0 (SgWindows, 1);
  GdkWindow *root = gdk_get_default_root_window ();

  w->gdk = gdk_display_get_default ();
  w->display = GDK_DISPLAY_XDISPLAY (w->gdk);
  w->root = GDK_WINDOW_XID (root);
  w->clients = g_ptr_array_new_with_free_func (client_free);
  w->shown = g_ptr_array_new ();
  w->changed = changed;
  w->data = data;
  XInternAtoms (w->display, (char **)atom_names, N_ATOMS, False, w->atoms);
  gdk_window_set_events (root, gdk_window_get_events (root) | GDK_PROPERTY_CHANGE_MASK);
  gdk_window_add_filter (NULL, filter, w);
  gdk_x11_display_error_trap_push (w->gdk);
  read_list (w);
  read_active (w);
  gdk_x11_display_error_trap_pop_ignored (w->gdk);
  report_soon (w);
  return w;
}

void
sg_windows_free (SgWindows *w)
{
  if (!w)
    return;
  gdk_window_remove_filter (NULL, filter, w);
  if (w->idle)
    g_source_remove (w->idle);
  g_ptr_array_unref (w->clients);
  g_ptr_array_unref (w->shown);
  g_free (w);
}

GPtrArray *
sg_windows_list (SgWindows *w)
{
  g_ptr_array_set_size (w->shown, 0);
  for (guint i = 0; i < w->clients->len; i++)
    {
      Client *client = w->clients->pdata[i];
      if (client->listed)
        g_ptr_array_add (w->shown, &client->window);
    }
  return w->shown;
}

gboolean
sg_windows_managed (SgWindows *w)
{
  gulong n;
  Window *check = property (w, w->root, w->atoms[NET_SUPPORTING_WM_CHECK], XA_WINDOW, 32, 1, &n);

  if (check)
    XFree (check);
  return check != NULL;
}

gulong
sg_windows_active (const SgWindows *w)
{
  return w->active;
}

static void
ask (SgWindows *w, Window xid, Atom what, long first, long second)
{
  XEvent event = { .xclient = { .type = ClientMessage,
                                .window = xid,
                                .message_type = what,
                                .format = 32,
                                .data.l = { first, second } } };

  gdk_x11_display_error_trap_push (w->gdk);
  XSendEvent (w->display, w->root, False, SubstructureNotifyMask | SubstructureRedirectMask,
              &event);
  gdk_x11_display_error_trap_pop_ignored (w->gdk);
}

/* 2: "a pager asks", which a window manager need not doubt. */
void
sg_windows_activate (SgWindows *w, gulong xid, guint32 timestamp)
{
  ask (w, xid, w->atoms[NET_ACTIVE_WINDOW], 2, (long)timestamp);
}

void
sg_windows_close (SgWindows *w, gulong xid, guint32 timestamp)
{
  ask (w, xid, w->atoms[NET_CLOSE_WINDOW], (long)timestamp, 2);
}

void
sg_windows_minimize (SgWindows *w, gulong xid)
{
  gdk_x11_display_error_trap_push (w->gdk);
  XIconifyWindow (w->display, xid, DefaultScreen (w->display));
  gdk_x11_display_error_trap_pop_ignored (w->gdk);
}
