/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-internal.h"

#include "ui/stand-on.h"
#include "ui/undo.h"

#include <glib/gi18n.h>

static void
discarded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (sg_link_discard_finish (self->link, result, &error))
    {
      sg_viewer_finish (self);
      return;
    }
  sg_viewer_fail_with (self, _ ("Not everything of the sandbox is gone"), error->message,
                       _ ("Next: copy the details, then restart the computer: what is left can "
                          "then be removed by hand."));
}

static void
close_window (SgViewerWindow *self)
{
  if (self->closing)
    {
      if (self->failed)
        sg_viewer_finish (self);
      return;
    }
  self->closing = TRUE;
  gtk_widget_hide (GTK_WIDGET (self));
  gdk_display_flush (gtk_widget_get_display (GTK_WIDGET (self)));
  if (self->link == NULL)
    self->code = SG_VIEWER_CLOSED_EARLY;
  if (self->link == NULL || self->leaves_session || sg_link_is_over (self->link))
    sg_viewer_finish (self);
  else
    sg_link_discard_async (self->link, discarded, g_object_ref (self));
}

/* --- taking it back --- */

void
sg_viewer_end_undo (SgViewerWindow *self)
{
  g_clear_pointer (&self->undo, gtk_widget_destroy);
  sg_viewer_finish (self);
}

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!sg_link_resume_finish (SG_LINK (source), result, &error) && !sg_link_is_over (self->link))
    sg_viewer_notice (self, error->message);
}

static void
on_undo_decided (SgUndo *undo, gboolean undone, gpointer data)
{
  SgViewerWindow *self = data;

  g_clear_pointer (&self->undo, gtk_widget_destroy);
  if (!undone)
    {
      sg_link_discard_async (self->link, discarded, g_object_ref (self));
      return;
    }
  self->closing = FALSE;
  gtk_window_present (GTK_WINDOW (self));
  sg_viewer_display_enter (self->screen);
  sg_link_resume_async (self->link, resumed, g_object_ref (self));
}

static void
paused (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  /* Too little memory, say: then there is nothing to take back. */
  if (!sg_link_pause_finish (SG_LINK (source), result, &error))
    {
      g_info ("no undo: %s", error->message);
      sg_link_discard_async (self->link, discarded, g_object_ref (self));
      return;
    }
  self->undo = sg_undo_new (GTK_WINDOW (self));
  g_signal_connect (self->undo, "decided", G_CALLBACK (on_undo_decided), self);
}

/* Some seconds more than the person is shown: the session's time is for windows that died. */
static void
close_with_undo (SgViewerWindow *self)
{
  if (self->closing || self->leaves_session || sg_link_is_over (self->link))
    {
      close_window (self);
      return;
    }
  self->closing = TRUE;
  gtk_widget_hide (GTK_WIDGET (self));
  gdk_display_flush (gtk_widget_get_display (GTK_WIDGET (self)));
  sg_link_pause_async (self->link, SG_UNDO_SECONDS + 5, paused, g_object_ref (self));
}

/* --- what is asked before --- */

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  int code = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);

  self->asking = FALSE;
  if (self->closing || (self->failed && !self->stopped))
    return;
  if (code == SG_ASK_DISCARD)
    close_window (self);
  else if (code == SG_ASK_NOTHING)
    close_with_undo (self);
  else if (code != SG_ASK_KEEP)
    {
      self->asked_in_vain = TRUE;
      sg_viewer_hint (self, _ ("Sandglass cannot tell whether files were saved here. Close again "
                               "to discard the sandbox all the same."));
    }
  else if (self->stopped)
    gtk_widget_grab_focus (self->save);
  else
    sg_viewer_display_enter (self->screen);
}

static void
files_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  int code = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);

  self->asking = FALSE;
  if (code != SG_ASK_KEEP && code != SG_ASK_DISCARD && !self->closing)
    sg_viewer_hint (self, _ ("The files cannot be listed now."));
}

static void
ask (SgViewerWindow *self, SgAsk what, GAsyncReadyCallback callback)
{
  if (self->asking)
    {
      sg_viewer_hint (self, _ ("Close this sandbox's other window first."));
      return;
    }
  self->asking = TRUE;
  sg_viewer_display_leave (self->screen);
  if (!self->stopped)
    sg_viewer_hint (self, _ ("Looking for files that were saved here"));
  sg_keeper_ask_async (self->keeper, what, sg_window_number (GTK_WIDGET (self)), callback, g_object_ref (self));
}

static gboolean
can_ask (SgViewerWindow *self)
{
  return self->keeper != NULL && !self->closing && !self->asked_in_vain && self->link != NULL
         && !sg_link_is_over (self->link);
}

/* Nothing can have been saved where there was no desktop, and nothing can be where it is gone. */
static gboolean
is_worth_a_question (SgViewerWindow *self)
{
  return can_ask (self) && !self->failed && sg_viewer_shows_screen (self);
}

void
sg_viewer_close (SgViewerWindow *self)
{
  if (!self->leaves_session && (is_worth_a_question (self) || (self->stopped && can_ask (self))))
    ask (self, SG_ASK_CLOSE, answered);
  else
    close_window (self);
}

void
sg_viewer_on_asked (SgLink *link, const char *what, gpointer window)
{
  SgViewerWindow *self = window;

  if (self->closing)
    return;
  gtk_window_present (GTK_WINDOW (self)); /* a question stands on it */
  if (g_str_equal (what, "close") && !self->asking)
    sg_viewer_close (self);
}

/* --- from the beginning, in the same window --- */

static void
restarted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (sg_link_restart_finish (SG_LINK (source), result, &error))
    return;
  self->restarting = FALSE;
  if (!sg_link_is_over (self->link))
    sg_viewer_notice (self, error->message);
}

static void
restart_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  int code = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);

  self->asking = FALSE;
  if (self->closing || self->failed)
    return;
  if (code == SG_ASK_DISCARD || code == SG_ASK_NOTHING)
    {
      self->restarting = TRUE;
      sg_viewer_hint (self, _ ("A clean sandbox starts"));
      sg_link_restart_async (self->link, restarted, g_object_ref (self));
      return;
    }
  if (code != SG_ASK_KEEP)
    sg_viewer_hint (self, _ ("Sandglass cannot tell whether files were saved here, so the sandbox "
                             "was not restarted."));
  sg_viewer_display_enter (self->screen);
}

void
sg_viewer_restart (SgViewerWindow *self)
{
  if (is_worth_a_question (self))
    ask (self, SG_ASK_CLOSE, restart_answered);
}

void
sg_viewer_other_window_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  sg_keeper_ask_finish (SG_KEEPER (source), result, &error);
  self->asking = FALSE;
  if (!self->closing && !self->failed)
    sg_viewer_display_enter (self->screen);
}

void
sg_viewer_show_folders (SgViewerWindow *self)
{
  if (!is_worth_a_question (self) || self->asking)
    return;
  self->asking = TRUE;
  sg_viewer_display_leave (self->screen);
  sg_keeper_ask_async (self->keeper, SG_ASK_FOLDERS, sg_window_number (GTK_WIDGET (self)),
                       sg_viewer_other_window_closed, g_object_ref (self));
}

void
sg_viewer_ask_files (SgViewerWindow *self)
{
  ask (self, SG_ASK_SAVE, files_answered);
}

void
sg_viewer_save_files (SgViewerWindow *self)
{
  if (is_worth_a_question (self))
    sg_viewer_ask_files (self);
}
