/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandbox that stopped unexpectedly while its files are still there: the page that says so, and
 * Save Files from it.  The files are shown by the session (Rescue), the question about them is put
 * by the process that always puts it. */
#include "ui/viewer-internal.h"

#include <glib/gi18n.h>

static void
show_page (SgViewerWindow *self, const char *message)
{
  sg_viewer_fail_with (self, _ ("The sandbox stopped unexpectedly"), message,
                       _ ("Its files are still there until you close this window."));
  gtk_widget_set_visible (self->save, self->keeper != NULL);
  if (self->keeper != NULL)
    gtk_widget_grab_focus (self->save);
}

static void
set_waiting (SgViewerWindow *self, gboolean waiting)
{
  self->rescuing = waiting;
  gtk_widget_set_sensitive (self->save, !waiting);
  gtk_button_set_label (GTK_BUTTON (self->save),
                        waiting ? _ ("Getting the files ready…") : _ ("_Save Files…"));
  if (!waiting) /* it lost the keyboard when it could not be pressed */
    gtk_widget_grab_focus (self->save);
}

void
sg_viewer_stopped (SgViewerWindow *self)
{
  const char *failure = sg_link_failure (self->link);

  if (self->stopped || self->closing)
    return;
  self->stopped = TRUE;
  show_page (self, failure != NULL ? failure : "");
}

void
sg_viewer_stopped_is_over (SgViewerWindow *self)
{
  self->stopped = FALSE;
  gtk_widget_hide (self->save);
}

static void
rescued (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_link_rescue_finish (SG_LINK (source), result, &error);

  if (self->closing || !self->stopped)
    return;
  set_waiting (self, FALSE);
  if (ok)
    sg_viewer_ask_files (self);
  else
    {
      g_autofree char *words
          = g_strdup_printf (_ ("The files could not be shown: %s"), error->message);
      show_page (self, words);
    }
}

static void
on_save (GtkButton *button, gpointer data)
{
  SgViewerWindow *self = data;

  if (self->rescuing || self->asking || !self->stopped)
    return;
  set_waiting (self, TRUE);
  sg_link_rescue_async (self->link, rescued, g_object_ref (self));
}

void
sg_viewer_add_save_button (SgViewerWindow *self)
{
  self->save = gtk_button_new_with_mnemonic (_ ("_Save Files…"));
  g_signal_connect (self->save, "clicked", G_CALLBACK (on_save), self);
  sg_problem_page_add_button (self->problem_page, self->save);
  gtk_widget_hide (self->save);
}
