/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launcher-internal.h"

#include "ui/command.h"
#include "ui/words.h"

#include <glib/gi18n.h>

/* --- the copy of this computer --- */

void
sg_launcher_go_where_the_copy_says (SgLauncherWindow *self)
{
  if (self->build != NULL)
    sg_launcher_go_to (self, "progress");
  else if (self->copy_state == SG_COPY_MISSING)
    sg_launcher_go_to (self, "first");
  else
    sg_launcher_go_to (self, "home");
}

static char *
describe_copy (const SgCopy *copy)
{
  g_autofree char *day = copy->built_at > 0
                             ? sg_words_day (copy->built_at, g_get_real_time () / G_USEC_PER_SEC)
                             : NULL;

  switch (copy->state)
    {
    case SG_COPY_FRESH:
      return g_strdup (_ ("Copy of this computer: up to date"));
    case SG_COPY_STALE:
      if (day != NULL)
        return g_strdup_printf (_ ("Copy of this computer: updates since %s"), day);
      return g_strdup (_ ("Copy of this computer: older than its updates"));
    case SG_COPY_BROKEN:
      return g_strdup (_ ("Copy of this computer: damaged, will be made again"));
    default:
      return g_strdup ("");
    }
}

static void
show_copy (SgLauncherWindow *self, const SgCopy *copy)
{
  g_autofree char *words = describe_copy (copy);

  self->copy_state = copy->state;
  gtk_label_set_text (self->copy_text, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->copy_text), copy->why);
  gtk_widget_set_visible (GTK_WIDGET (self->refresh),
                          copy->state == SG_COPY_STALE || copy->state == SG_COPY_BROKEN);
  if (sg_launcher_is_on (self, "looking") || sg_launcher_is_on (self, "first") || sg_launcher_is_on (self, "home"))
    sg_launcher_go_where_the_copy_says (self);
  if (self->opens_when_known && sg_launcher_is_on (self, "home"))
    g_action_group_activate_action (G_ACTION_GROUP (self), "open", NULL);
  self->opens_when_known = FALSE;
}

static void
status_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  g_autoptr (SgCopy) copy = sg_copy_parse (answer);

  self->looking = FALSE;
  if (sg_launcher_is_closed (self))
    return;
  if (problem != NULL)
    {
      if (sg_launcher_is_on (self, "looking"))
        sg_launcher_window_tell (self, problem);
      return;
    }
  show_copy (self, copy);
}

void
sg_launcher_look_at_copy (SgLauncherWindow *self)
{
  g_autoptr (SgCommand) command = NULL;

  if (self->looking || self->build != NULL)
    return;
  self->looking = TRUE;
  command = sg_command_start ((const char *const[]){ "base", "status", "--json", NULL }, FALSE);
  g_signal_connect (command, "ended", G_CALLBACK (status_ended), g_object_ref (self));
}

/* --- making it --- */

static gboolean
pulse (gpointer data)
{
  gtk_progress_bar_pulse (SG_LAUNCHER_WINDOW (data)->bar);
  return G_SOURCE_CONTINUE;
}

static void
on_progress (SgBuild *build, gpointer data)
{
  SgLauncherWindow *self = data;
  double fraction = sg_build_fraction (build);
  g_autofree char *remaining = sg_build_remaining (build);

  gtk_label_set_text (self->stage, sg_build_stage (build));
  gtk_label_set_text (self->remaining, remaining);
  if (fraction < 0 && self->pulse_source == 0)
    self->pulse_source = g_timeout_add (100, pulse, self);
  if (fraction < 0)
    return;
  g_clear_handle_id (&self->pulse_source, g_source_remove);
  gtk_progress_bar_set_fraction (self->bar, fraction);
}

static void
build_ended (SgBuild *build, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  gboolean ready = problem == NULL && !sg_build_was_cancelled (build);

  g_clear_object (&self->build);
  g_clear_handle_id (&self->pulse_source, g_source_remove);
  g_application_release (g_application_get_default ());
  if (sg_launcher_is_closed (self))
    return;
  if (ready)
    self->copy_state = SG_COPY_FRESH;
  sg_launcher_go_where_the_copy_says (self);
  sg_launcher_look_at_copy (self);
  if (problem != NULL)
    sg_launcher_window_tell (self, problem);
  else if (ready && self->opens_after)
    sg_launcher_open_one (self);
}

void
sg_launcher_make (SgLauncherWindow *self, gboolean opens_after)
{
  if (self->build != NULL)
    return;
  self->opens_after = opens_after;
  self->build = sg_build_start ();
  gtk_label_set_text (self->stage, _ ("Looking at your programs"));
  gtk_label_set_text (self->remaining, "");
  gtk_progress_bar_set_fraction (self->bar, 0);
  /* The work has an end even when the window has gone. */
  g_application_hold (g_application_get_default ());
  g_signal_connect_object (self->build, "progress", G_CALLBACK (on_progress), self, 0);
  g_signal_connect (self->build, "ended", G_CALLBACK (build_ended), g_object_ref (self));
  sg_launcher_go_to (self, "progress");
}

void
sg_launcher_cancel_making (SgLauncherWindow *self)
{
  if (self->build == NULL)
    return;
  gtk_label_set_text (self->stage, _ ("Stopping"));
  gtk_label_set_text (self->remaining, "");
  sg_launcher_set_enabled (self, "cancel", FALSE);
  sg_build_cancel (self->build);
}

void
sg_launcher_end_making (SgLauncherWindow *self)
{
  g_clear_handle_id (&self->pulse_source, g_source_remove);
  if (self->build == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->build, on_progress, self);
  sg_build_cancel (self->build);
}

/* --- actions --- */

static void
on_make_ready (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_launcher_make (data, TRUE);
}

static void
on_refresh (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_launcher_make (data, FALSE);
}

static void
on_cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_launcher_cancel_making (data);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;

  if (self->copy_state == SG_COPY_UNKNOWN)
    {
      sg_launcher_go_to (self, "looking");
      sg_launcher_look_at_copy (self);
    }
  else
    sg_launcher_go_where_the_copy_says (self);
}

void
sg_launcher_copy_add_actions (SgLauncherWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "make-ready", .activate = on_make_ready },
    { .name = "refresh", .activate = on_refresh },
    { .name = "cancel", .activate = on_cancel },
    { .name = "back", .activate = on_back },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
