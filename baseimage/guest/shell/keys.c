/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Super is a modifier for others and a key for us.  It is grabbed synchronously: after its press
 * the server holds the next key back until we have looked at it.  Is it Super's release, the menu
 * was meant; anything else is replayed to whom it belongs, as if we were not there. */
#include "keys.h"

#include <X11/keysym.h>
#include <gdk/gdkx.h>

static const guint locks[] = { 0, LockMask, Mod2Mask, LockMask | Mod2Mask };

struct SgKeys
{
  Display *display;
  Window root;
  KeyCode super[2];
  KeyCode f1;
  gboolean super_down;
  void (*menu) (gpointer data, guint32 timestamp);
  gpointer data;
};

static void
grab (SgKeys *keys)
{
  GdkDisplay *gdk = gdk_display_get_default ();

  keys->super[0] = XKeysymToKeycode (keys->display, XK_Super_L);
  keys->super[1] = XKeysymToKeycode (keys->display, XK_Super_R);
  keys->f1 = XKeysymToKeycode (keys->display, XK_F1);
  gdk_x11_display_error_trap_push (gdk);
  for (guint i = 0; i < G_N_ELEMENTS (locks); i++)
    {
      for (int k = 0; k < 2; k++)
        if (keys->super[k])
          XGrabKey (keys->display, keys->super[k], locks[i], keys->root, False, GrabModeAsync,
                    GrabModeSync);
      if (keys->f1)
        XGrabKey (keys->display, keys->f1, Mod1Mask | locks[i], keys->root, False, GrabModeAsync,
                  GrabModeAsync);
    }
  gdk_x11_display_error_trap_pop_ignored (gdk);
}

static void
ungrab (SgKeys *keys)
{
  GdkDisplay *gdk = gdk_display_get_default ();

  gdk_x11_display_error_trap_push (gdk);
  XUngrabKey (keys->display, AnyKey, AnyModifier, keys->root);
  gdk_x11_display_error_trap_pop_ignored (gdk);
}

static gboolean
is_super (const SgKeys *keys, guint keycode)
{
  return keycode && (keycode == keys->super[0] || keycode == keys->super[1]);
}

static GdkFilterReturn
on_key (SgKeys *keys, const XKeyEvent *event)
{
  gboolean press = event->type == KeyPress, super = is_super (keys, event->keycode);

  if (super && press && !keys->super_down)
    {
      keys->super_down = TRUE;
      XAllowEvents (keys->display, SyncKeyboard, event->time);
      return GDK_FILTER_REMOVE;
    }
  if (keys->super_down)
    {
      keys->super_down = FALSE;
      if (super && !press)
        {
          XAllowEvents (keys->display, AsyncKeyboard, event->time);
          keys->menu (keys->data, (guint32)event->time);
        }
      else
        XAllowEvents (keys->display, ReplayKeyboard, event->time);
      XFlush (keys->display);
      return GDK_FILTER_REMOVE;
    }
  if (press && event->keycode == keys->f1 && (event->state & Mod1Mask))
    {
      keys->menu (keys->data, (guint32)event->time);
      return GDK_FILTER_REMOVE;
    }
  return GDK_FILTER_CONTINUE;
}

static GdkFilterReturn
filter (GdkXEvent *xevent, GdkEvent *unused, gpointer data)
{
  SgKeys *keys = data;
  XEvent *event = xevent;

  if ((event->type == KeyPress || event->type == KeyRelease) && event->xkey.window == keys->root)
    return on_key (keys, &event->xkey);
  return GDK_FILTER_CONTINUE;
}

/* Another keyboard layout can move the keys. */
static void
on_keys_changed (GdkKeymap *keymap, SgKeys *keys)
{
  ungrab (keys);
  grab (keys);
}

SgKeys *
sg_keys_new (void (*menu) (gpointer data, guint32 timestamp), gpointer data)
{
  SgKeys *keys = g_new0 (SgKeys, 1);
  GdkDisplay *gdk = gdk_display_get_default ();

  keys->display = GDK_DISPLAY_XDISPLAY (gdk);
  keys->root = GDK_WINDOW_XID (gdk_get_default_root_window ());
  keys->menu = menu;
  keys->data = data;
  gdk_window_add_filter (NULL, filter, keys);
  g_signal_connect (gdk_keymap_get_for_display (gdk), "keys-changed", G_CALLBACK (on_keys_changed),
                    keys);
  grab (keys);
  return keys;
}

void
sg_keys_free (SgKeys *keys)
{
  GdkDisplay *gdk = gdk_display_get_default ();

  if (!keys)
    return;
  ungrab (keys);
  g_signal_handlers_disconnect_by_data (gdk_keymap_get_for_display (gdk), keys);
  gdk_window_remove_filter (NULL, filter, keys);
  g_free (keys);
}
