/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open windows, as the window manager lists them (EWMH: _NET_CLIENT_LIST), over plain Xlib. */
#pragma once

#include <gtk/gtk.h>

typedef struct
{
  gulong xid;
  char *title; /* never NULL; valid UTF-8, bounded */
  char *class; /* WM_CLASS's second word, or NULL */
  gboolean minimized;
  gboolean urgent; /* asks for attention */
  GdkPixbuf *icon; /* the window's own, 16 to 64 pixels, or NULL */
} SgWindow;

typedef struct SgWindows SgWindows;

/* Watches the root window of the default display; CHANGED (DATA) is called, at most once per turn
 * of the main loop, when the list, a title, a state or the active window changes.  Free with
 * sg_windows_free(). */
SgWindows *sg_windows_new (void (*changed) (gpointer data), gpointer data);
void sg_windows_free (SgWindows *windows);

/* The windows that belong on a panel, oldest first: borrowed SgWindow's, valid until the next call
 * of CHANGED. */
GPtrArray *sg_windows_list (SgWindows *windows);

/* TRUE when a window manager has said that it is there. */
gboolean sg_windows_managed (SgWindows *windows);

/* The window that has the keyboard, 0 when none. */
gulong sg_windows_active (const SgWindows *windows);

/* Ask the window manager: to raise and focus, to minimise, to close. */
void sg_windows_activate (SgWindows *windows, gulong xid, guint32 timestamp);
void sg_windows_minimize (SgWindows *windows, gulong xid);
void sg_windows_close (SgWindows *windows, gulong xid, guint32 timestamp);
