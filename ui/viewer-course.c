/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-internal.h"

#include "ui/viewer-usb.h"
#include "ui/words.h"

#include <glib/gi18n.h>

#define LOST_MSEC 400
#define PATIENCE_MSEC 2000 /* then a slow start is explained */

/* --- what goes wrong --- */

void
sg_viewer_window_fail (SgViewerWindow *window, const SgProblem *problem)
{
  if (window->waits)
    {
      sg_viewer_wait_in_vain (window);
      return;
    }
  window->failed = TRUE;
  g_clear_handle_id (&window->patience_source, g_source_remove);
  sg_viewer_display_leave (window->screen);
  gtk_window_unfullscreen (GTK_WINDOW (window));
  sg_problem_page_show (window->problem_page, problem);
  gtk_stack_set_visible_child_name (window->stack, "problem");
  sg_problem_page_focus (window->problem_page);
  gtk_window_present (GTK_WINDOW (window));
}

void
sg_viewer_fail_with (SgViewerWindow *self, const char *title, const char *message, const char *next)
{
  g_autofree char *details = sg_link_details (self->link);
  g_autoptr (SgProblem) problem = sg_problem_new (title, message, next, details);

  sg_viewer_window_fail (self, problem);
}

void
sg_viewer_on_gone (SgLink *link, gpointer data)
{
  SgViewerWindow *self = data;
  const char *failure = sg_link_failure (link);
  gboolean had_desktop = sg_viewer_shows_screen (self) || self->stopped;

  if (self->undo != NULL)
    sg_viewer_end_undo (self);
  if (self->closing || (self->failed && !self->stopped))
    return;
  sg_viewer_stopped_is_over (self);
  if (self->waits)
    sg_viewer_wait_in_vain (self);
  else if (*sg_link_id (link) == '\0')
    {
      self->code = SG_VIEWER_NO_SESSION; /* whoever started us knows more, and tells */
      sg_viewer_finish (self);
    }
  else if (failure == NULL)
    sg_viewer_finish (self);
  else if (had_desktop)
    sg_viewer_fail_with (
        self, _ ("The sandbox stopped"), failure,
        _ ("Everything in it is gone; nothing on this computer was changed. Next: close this "
           "window and open a new sandbox."));
  else
    sg_viewer_fail_with (
        self, _ ("The sandbox could not start"), failure,
        _ ("Next: look at Check This Computer in Sandglass's menu; it names what is missing and "
           "what mends it."));
}

/* --- the course of a sandbox --- */

static gboolean
explain_wait (gpointer data)
{
  SgViewerWindow *self = data;
  const char *reason = self->link != NULL ? sg_link_accelerator_reason (self->link) : "";

  self->patience_source = 0;
  gtk_widget_show (self->starting);
  gtk_widget_set_visible (GTK_WIDGET (self->patience), !self->has_first_picture || *reason != '\0');
  if (self->link != NULL && g_str_equal (sg_link_accelerator (self->link), "tcg")
      && *reason != '\0')
    gtk_label_set_text (self->patience, reason);
  return G_SOURCE_REMOVE;
}

void
sg_viewer_begin_patience (SgViewerWindow *self)
{
  if (self->patience_source == 0)
    self->patience_source = g_timeout_add (PATIENCE_MSEC, explain_wait, self);
}

void
sg_viewer_show_title (SgViewerWindow *self)
{
  const char *title = self->link != NULL ? sg_link_title (self->link) : NULL;
  g_autofree char *window_title = sg_words_title (title);
  g_autofree char *name = sg_words_name (title);

  gtk_window_set_title (GTK_WINDOW (self), window_title);
  sg_viewer_bar_set_name (self->bar, name);
  sg_viewer_bar_set_name (self->edge_bar, name);
}

/* Until now the screen showed a machine that starts. */
static void
desktop_is_there (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;

  if (sg_link_wait_ready_finish (SG_LINK (source), result, NULL) && !self->failed)
    sg_viewer_display_expect_picture (self->screen);
}

void
sg_viewer_on_notice (SgLink *link, const char *kind, const char *message, gpointer data)
{
  sg_viewer_notice (data, message);
}

void
sg_viewer_on_changed (SgLink *link, gpointer data)
{
  SgViewerWindow *self = data;
  g_autofree char *stage = sg_words_stage (sg_link_stage (link));

  sg_viewer_show_title (self);
  sg_viewer_usb_changed (self);
  if (sg_link_has_stopped (link))
    sg_viewer_stopped (self);
  if (*stage != '\0')
    gtk_label_set_text (self->stage, stage);
  /* Before, there is no screen. */
  if (self->waits)
    sg_viewer_wait_looks (self);
  else if (g_str_equal (sg_link_state (link), "running") && self->may_connect && !self->connected
           && !self->failed)
    {
      self->connected = TRUE;
      sg_viewer_display_connect (self->screen, link, self->leave_key->sequence);
      sg_link_wait_ready_async (link, desktop_is_there, g_object_ref (self));
    }
}

/* The machine begins again: its screen will be another one. */
static void
start_over (SgViewerWindow *self)
{
  gtk_stack_set_visible_child_name (self->stack, "starting");
  gtk_spinner_start (self->spinner);
  sg_viewer_enable_actions (self, FALSE);
  sg_viewer_display_reset (self->screen);
  self->connected = FALSE;
  sg_viewer_begin_patience (self);
  sg_viewer_on_changed (self->link, self);
}

/* A session that ends takes its display with it, and so does one that restarts: both tell it at
 * about the same time, by another way. */
static gboolean
stays_lost (gpointer data)
{
  SgViewerWindow *self = data;

  self->lost_source = 0;
  if (self->closing || self->failed || sg_link_is_over (self->link))
    return G_SOURCE_REMOVE;
  if (self->restarting || g_str_equal (sg_link_state (self->link), "booting"))
    {
      self->restarting = FALSE;
      start_over (self);
    }
  else
    sg_viewer_fail_with (
        self, _ ("The sandbox's picture is gone"),
        _ ("The connection to the sandbox's screen ended; the sandbox itself may still run."),
        _ ("Next: show it again from Sandglass's window, or close it here."));
  return G_SOURCE_REMOVE;
}

void
sg_viewer_on_lost (SgViewerDisplay *screen, gpointer data)
{
  SgViewerWindow *self = data;

  if (self->lost_source == 0)
    self->lost_source = g_timeout_add (LOST_MSEC, stays_lost, self);
}

void
sg_viewer_on_picture (SgViewerDisplay *screen, gpointer data)
{
  SgViewerWindow *self = data;

  if (self->failed)
    return;
  g_clear_handle_id (&self->patience_source, g_source_remove);
  gtk_spinner_stop (self->spinner);
  gtk_stack_set_visible_child_name (self->stack, "screen");
  /* Who has opened a menu of the bar meanwhile is not thrown out of it. */
  if (!sg_viewer_bar_is_busy (self->bar) && !sg_viewer_bar_is_busy (self->edge_bar))
    sg_viewer_display_enter (screen);
  sg_viewer_enable_actions (self, TRUE);
}
