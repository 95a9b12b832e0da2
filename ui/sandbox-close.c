/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing from the list, as the window does it (viewer-close.c), for one that has no window or none
 * that answers. */
#include "ui/sandbox-internal.h"

#include "ui/ask.h"
#include "ui/stand-on.h"
#include "ui/undo.h"

#include <glib/gi18n.h>

#define AGAIN_USEC (2 * G_USEC_PER_SEC)

static void
on_undo_decided (SgUndo *undo, gboolean undone, gpointer data)
{
  g_autoptr (SgSandbox) self = g_object_ref (data);

  g_clear_pointer (&self->undo, gtk_widget_destroy);
  self->closing = FALSE;
  if (!undone)
    {
      sg_sandbox_discard (self);
      return;
    }
  sg_link_resume_async (self->link, NULL, NULL);
  g_signal_emit_by_name (self, "changed");
}

static void
paused (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;
  gboolean ok = sg_link_pause_finish (SG_LINK (source), result, NULL);

  if (self->over)
    return;
  if (ok)
    {
      self->undo = sg_undo_new (self->over_window);
      g_signal_connect_object (self->undo, "decided", G_CALLBACK (on_undo_decided), self, 0);
      return;
    }
  /* Too little memory, say: then there is nothing to take back. */
  self->closing = FALSE;
  sg_sandbox_discard (self);
}

/* Some seconds more than the person is shown: the session's time is for programs that died. */
static void
discard_with_undo (SgSandbox *self)
{
  if (self->over || self->closing)
    return;
  if (self->viewer != NULL || sg_link_windows (self->link) > 0)
    {
      sg_sandbox_discard (self); /* its window does not answer */
      return;
    }
  self->closing = TRUE;
  sg_link_pause_async (self->link, SG_UNDO_SECONDS + 5, paused, g_object_ref (self));
  g_signal_emit_by_name (self, "changed");
}

static void
asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;
  GSubprocess *question = G_SUBPROCESS (source);
  int code;

  g_subprocess_wait_finish (question, result, NULL);
  code = g_subprocess_get_if_exited (question) ? g_subprocess_get_exit_status (question) : -1;
  g_clear_object (&self->question);
  if (code == SG_ASK_DISCARD)
    sg_sandbox_discard (self);
  else if (code == SG_ASK_NOTHING)
    discard_with_undo (self);
  else if (code != SG_ASK_KEEP && !self->over && !self->closing)
    {
      self->asked_in_vain = TRUE;
      sg_sandbox_tell_problem (self, _ ("The sandbox is still open"),
                    _ ("Sandglass cannot tell whether files were saved in it."),
                    _ ("Next: look into it, and save what you want to keep; or close it again: "
                       "then it is discarded without a question."));
    }
}

/* Asked by us, on our window: it has none, or that does not answer. */
static void
ask (SgSandbox *sandbox)
{
  const char *appearance = sg_preferences_appearance (sandbox->preferences);
  g_auto (GStrv) argv = NULL;

  if (sandbox->question != NULL)
    return;
  /* Nothing was saved where there was no desktop yet. */
  if ((g_str_equal (sg_link_state (sandbox->link), "running")
       || sg_link_has_stopped (sandbox->link))
      && !sandbox->asked_in_vain)
    argv = sg_ask_argv (
        sg_sandbox_id (sandbox), SG_ASK_CLOSE,
        sandbox->over_window != NULL ? sg_window_number (GTK_WIDGET (sandbox->over_window)) : 0, 0,
        appearance, NULL);
  if (argv != NULL)
    sandbox->question
        = g_subprocess_newv ((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, NULL);
  if (sandbox->question != NULL)
    g_subprocess_wait_async (sandbox->question, NULL, asked, g_object_ref (sandbox));
  else
    sg_sandbox_discard (sandbox);
}

static void
asked_to_close (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;

  if (!sg_link_ask_window_finish (SG_LINK (source), result, NULL) && !self->over && !self->closing)
    ask (self);
}

void
sg_sandbox_close (SgSandbox *sandbox, GtkWindow *over)
{
  gint64 now = g_get_monotonic_time ();

  if (sandbox->over || sandbox->closing)
    return;
  g_set_weak_pointer (&sandbox->over_window, over);
  /* A window that a guest has taken over may not close: who asks again is not in its hands. */
  if (sg_link_windows (sandbox->link) > 0
      && (sandbox->asked_to_close == 0 || now - sandbox->asked_to_close < AGAIN_USEC))
    {
      sandbox->asked_to_close = now;
      sg_link_ask_window_async (sandbox->link, "close", asked_to_close, g_object_ref (sandbox));
    }
  else
    ask (sandbox);
}
