/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's window tells its size to the virtual graphics card; the card offers it as the mode it
 * prefers and sends a hotplug event, which the X server turns into RandR events.  Nobody sets the
 * mode by itself: a desktop environment would, and here that is us.
 *
 * A mode is set only when the *preference* changes.  So spice-vdagent, or a person with xrandr, can
 * choose another one and is not fought.  Nothing is polled. */
#include "display.h"

#include <X11/extensions/Xrandr.h>
#include <gdk/gdkx.h>

#define OUTPUTS_MAX 16

typedef struct
{
  RROutput output;
  RRCrtc crtc;
  RRMode mode;
  int width, height;
  unsigned mm_width, mm_height;
} Head;

struct SgFollow
{
  Display *display;
  Window root;
  int event_base;
  guint idle;
  Head last[OUTPUTS_MAX]; /* what was preferred when we looked last */
  int n_last;
};

static const XRRModeInfo *
mode_info (const XRRScreenResources *resources, RRMode id)
{
  for (int i = 0; i < resources->nmode; i++)
    if (resources->modes[i].id == id)
      return &resources->modes[i];
  return NULL;
}

/* The output's own CRTC, or the first that can drive it and is not TAKEN. */
static RRCrtc
crtc_for (const XRROutputInfo *info, const Head *heads, int n)
{
  if (info->crtc)
    return info->crtc;
  for (int i = 0; i < info->ncrtc; i++)
    {
      gboolean taken = FALSE;
      for (int k = 0; k < n; k++)
        taken |= heads[k].crtc == info->crtcs[i];
      if (!taken)
        return info->crtcs[i];
    }
  return None;
}

static int
preferred_heads (SgFollow *f, XRRScreenResources *resources, Head *heads)
{
  int n = 0;

  for (int i = 0; i < resources->noutput && n < OUTPUTS_MAX; i++)
    {
      XRROutputInfo *info = XRRGetOutputInfo (f->display, resources, resources->outputs[i]);
      if (!info)
        continue;
      if (info->connection != RR_Disconnected && info->npreferred > 0 && info->nmode > 0)
        {
          const XRRModeInfo *mode = mode_info (resources, info->modes[0]);
          RRCrtc crtc = crtc_for (info, heads, n);
          if (mode && crtc && mode->width > 0 && mode->height > 0)
            heads[n++] = (Head){ .output = resources->outputs[i],
                                 .crtc = crtc,
                                 .mode = mode->id,
                                 .width = (int)mode->width,
                                 .height = (int)mode->height,
                                 .mm_width = (unsigned)info->mm_width,
                                 .mm_height = (unsigned)info->mm_height };
        }
      XRRFreeOutputInfo (info);
    }
  return n;
}

static gboolean
same_preference (const SgFollow *f, const Head *heads, int n)
{
  if (n != f->n_last)
    return FALSE;
  for (int i = 0; i < n; i++)
    if (heads[i].output != f->last[i].output || heads[i].width != f->last[i].width
        || heads[i].height != f->last[i].height)
      return FALSE;
  return TRUE;
}

/* CRTCs that do not fit into the new screen, or would overlap, are switched off before it shrinks.
 */
static void
set_heads (SgFollow *f, XRRScreenResources *resources, const Head *heads, int n)
{
  int width = 0, height = 0, x = 0;

  for (int i = 0; i < n; i++)
    {
      width += heads[i].width;
      height = MAX (height, heads[i].height);
    }
  XGrabServer (f->display);
  for (int i = 0; i < resources->ncrtc; i++)
    {
      XRRCrtcInfo *info = XRRGetCrtcInfo (f->display, resources, resources->crtcs[i]);
      if (info && info->mode != None
          && (info->x + (int)info->width > width || info->y + (int)info->height > height || n > 1))
        XRRSetCrtcConfig (f->display, resources, resources->crtcs[i], CurrentTime, 0, 0, None,
                          RR_Rotate_0, NULL, 0);
      if (info)
        XRRFreeCrtcInfo (info);
    }
  /* 96 dots per inch, whatever a virtual monitor says of its size. */
  XRRSetScreenSize (f->display, f->root, width, height, (int)(width * 25.4 / 96),
                    (int)(height * 25.4 / 96));
  for (int i = 0; i < n; i++)
    {
      RROutput output = heads[i].output;
      XRRSetCrtcConfig (f->display, resources, heads[i].crtc, CurrentTime, x, 0, heads[i].mode,
                        RR_Rotate_0, &output, 1);
      x += heads[i].width;
    }
  XUngrabServer (f->display);
}

/* TRUE when the heads are on already, side by side: the server starts with what is preferred. */
static gboolean
already_set (SgFollow *f, XRRScreenResources *resources, const Head *heads, int n)
{
  gboolean same = TRUE;
  int x = 0;

  for (int i = 0; i < n && same; i++)
    {
      XRRCrtcInfo *info = XRRGetCrtcInfo (f->display, resources, heads[i].crtc);
      same = info && info->mode == heads[i].mode && info->x == x && info->y == 0
             && info->noutput == 1 && info->outputs[0] == heads[i].output;
      x += heads[i].width;
      if (info)
        XRRFreeCrtcInfo (info);
    }
  return same;
}

static gboolean
apply (gpointer data)
{
  SgFollow *f = data;
  GdkDisplay *gdk = gdk_display_get_default ();
  Head heads[OUTPUTS_MAX];
  XRRScreenResources *resources;

  f->idle = 0;
  gdk_x11_display_error_trap_push (gdk);
  resources = XRRGetScreenResourcesCurrent (f->display, f->root);
  if (resources)
    {
      int n = preferred_heads (f, resources, heads);
      if (n > 0 && !same_preference (f, heads, n))
        {
          if (!already_set (f, resources, heads, n))
            set_heads (f, resources, heads, n);
          memcpy (f->last, heads, sizeof heads[0] * (gsize)n);
          f->n_last = n;
        }
      XRRFreeScreenResources (resources);
    }
  gdk_x11_display_error_trap_pop_ignored (gdk);
  return G_SOURCE_REMOVE;
}

static GdkFilterReturn
filter (GdkXEvent *xevent, GdkEvent *unused, gpointer data)
{
  SgFollow *f = data;
  const XEvent *event = xevent;

  if (event->type == f->event_base + RRScreenChangeNotify
      || event->type == f->event_base + RRNotify)
    if (!f->idle)
      f->idle = g_idle_add (apply, f);
  return GDK_FILTER_CONTINUE;
}

SgFollow *
sg_follow_new (void)
{
  Display *display = GDK_DISPLAY_XDISPLAY (gdk_display_get_default ());
  Window root = GDK_WINDOW_XID (gdk_get_default_root_window ());
  int event_base, error_base, major, minor;
  SgFollow *f;

  if (!XRRQueryExtension (display, &event_base, &error_base)
      || !XRRQueryVersion (display, &major, &minor) || major < 1 || (major == 1 && minor < 3))
    return NULL;
  f = g_new0 (SgFollow, 1);
  f->display = display;
  f->root = root;
  f->event_base = event_base;
  /* One mask per client and window: this one holds what GDK has asked for, too. */
  XRRSelectInput (display, root,
                  RRScreenChangeNotifyMask | RROutputChangeNotifyMask | RRCrtcChangeNotifyMask
                      | RROutputPropertyNotifyMask);
  gdk_window_add_filter (NULL, filter, f);
  apply (f);
  return f;
}

void
sg_follow_free (SgFollow *f)
{
  if (!f)
    return;
  gdk_window_remove_filter (NULL, filter, f);
  if (f->idle)
    g_source_remove (f->idle);
  g_free (f);
}
