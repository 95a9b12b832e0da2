/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window that is ready before anybody asks for it.  It is realized, so that styles, fonts and its
 * own window at the display server are there, and never mapped: no window manager hears of it.  Its
 * machine stands still, and was used by nobody; its picture is the template's. */
#include "ui/viewer-internal.h"

void
sg_viewer_window_wait (SgViewerWindow *window)
{
  GtkRequisition size;

  window->waits = TRUE;
  g_clear_handle_id (&window->patience_source, g_source_remove);
  gtk_widget_realize (GTK_WIDGET (window));
  gtk_widget_get_preferred_size (GTK_WIDGET (window), NULL, &size); /* lays text out, loads icons */
}

void
sg_viewer_wait_looks (SgViewerWindow *self)
{
  if (!self->may_connect || self->connected || self->failed
      || g_str_equal (sg_link_state (self->link), "preparing"))
    return;
  self->connected = TRUE;
  sg_viewer_display_connect (self->screen, self->link, self->leave_key->sequence);
  sg_viewer_display_expect_picture (self->screen); /* a template has a desktop */
}

void
sg_viewer_wait_in_vain (SgViewerWindow *self)
{
  self->code = SG_VIEWER_NO_SESSION;
  sg_viewer_finish (self);
}

void
sg_viewer_window_come (SgViewerWindow *window)
{
  window->waits = FALSE;
  if (!sg_viewer_shows_screen (window))
    sg_viewer_begin_patience (window);
  gtk_window_present (GTK_WINDOW (window));
}

gboolean
sg_viewer_window_waits (SgViewerWindow *window)
{
  return window->waits;
}
