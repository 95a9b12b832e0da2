/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-internal.h"

#include <glib/gi18n.h>

#define HINT_MSEC 3000
#define HINT_AGAIN_USEC (60 * G_USEC_PER_SEC)

static gboolean
hint_ends (gpointer data)
{
  SgViewerWindow *self = data;

  self->hint_source = 0;
  gtk_revealer_set_reveal_child (self->hint_revealer, FALSE);
  return G_SOURCE_REMOVE;
}

void
sg_viewer_hint (SgViewerWindow *self, const char *text)
{
  g_clear_handle_id (&self->hint_source, g_source_remove);
  gtk_label_set_text (self->hint, text);
  gtk_revealer_set_reveal_child (self->hint_revealer, TRUE);
  self->hint_source = g_timeout_add (HINT_MSEC, hint_ends, self);
}

void
sg_viewer_on_grabbed (SgViewerDisplay *screen, gboolean grabbed, gpointer data)
{
  SgViewerWindow *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *words = NULL;

  if (!grabbed || (self->hinted_at != 0 && now - self->hinted_at < HINT_AGAIN_USEC))
    return;
  self->hinted_at = now;
  words = g_strdup_printf (_ ("Press %s to leave"), _ (self->leave_key->label));
  sg_viewer_hint (self, words);
}

void
sg_viewer_notice (SgViewerWindow *self, const char *text)
{
  gtk_label_set_text (self->notice_text, text);
  gtk_revealer_set_reveal_child (self->notice, TRUE);
}

void
sg_viewer_on_notice_seen (GtkButton *button, gpointer data)
{
  gtk_revealer_set_reveal_child (SG_VIEWER_WINDOW (data)->notice, FALSE);
}
