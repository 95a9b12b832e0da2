/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures, memory and times are looked at in turns: only rows that can be seen, one after the other
 * and not all at once, however many sandboxes there are. */
#include "ui/launcher-internal.h"

#include "ui/running-row.h"

#include <glib/gi18n.h>

#define BETWEEN_MSEC 20 /* two rows */
#define HIDDEN_MSEC 2000 /* nothing can be seen: how soon that is looked at again */

static void
count (SgLauncherWindow *self)
{
  guint n = g_list_model_get_n_items (sg_running_list (self->sandboxes));
  g_autofree char *title = g_strdup_printf (_ ("Running (%u)"), n);

  gtk_label_set_text (self->running_title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->running), n > 0);
}

/* --- turns --- */

static gboolean
is_shown (SgLauncherWindow *self)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));

  return gtk_widget_get_mapped (GTK_WIDGET (self->list)) && window != NULL
         && (gdk_window_get_state (window) & GDK_WINDOW_STATE_ICONIFIED) == 0;
}

/* Whether some of it is in the part of the list that is not scrolled away. */
static gboolean
is_in_view (GtkWidget *row, GtkWidget *view)
{
  int y;

  return gtk_widget_get_mapped (row)
         && gtk_widget_translate_coordinates (row, view, 0, 0, NULL, &y)
         && y + gtk_widget_get_allocated_height (row) > 0
         && y < gtk_widget_get_allocated_height (view);
}

/* Of those that can be seen, the one that waits longest; NULL: none. */
static SgRunningRow *
next_row (SgLauncherWindow *self)
{
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self->list), GTK_TYPE_SCROLLED_WINDOW);
  SgRunningRow *next = NULL;
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (is_in_view (GTK_WIDGET (row), view)
        && (next == NULL
            || sg_running_row_due (SG_RUNNING_ROW (row)) < sg_running_row_due (next)))
      next = SG_RUNNING_ROW (row);
  return next;
}

static void turn_in (SgLauncherWindow *self, gint64 msec);

static gboolean
on_turn (gpointer data)
{
  SgLauncherWindow *self = data;
  gint64 now = g_get_monotonic_time ();
  SgRunningRow *row;

  self->turn_source = 0;
  if (gtk_list_box_get_row_at_index (self->list, 0) == NULL)
    return G_SOURCE_REMOVE; /* until one comes */
  if (!is_shown (self) || (row = next_row (self)) == NULL)
    {
      turn_in (self, HIDDEN_MSEC);
      return G_SOURCE_REMOVE;
    }
  if (sg_running_row_due (row) <= now)
    sg_running_row_look (row);
  row = next_row (self);
  turn_in (self, row != NULL ? (sg_running_row_due (row) - now) / 1000 : HIDDEN_MSEC);
  return G_SOURCE_REMOVE;
}

/* Unless there is one before; and none for a window that goes. */
static void
turn_in (SgLauncherWindow *self, gint64 msec)
{
  gint64 after = MAX (msec, BETWEEN_MSEC), at = g_get_monotonic_time () / 1000 + after;

  if (self->sandboxes == NULL || (self->turn_source != 0 && self->turn_at <= at))
    return;
  g_clear_handle_id (&self->turn_source, g_source_remove);
  self->turn_source = g_timeout_add ((guint)after, on_turn, self);
  self->turn_at = at;
}

/* Something new can be seen. */
static void
turn_soon (SgLauncherWindow *self)
{
  turn_in (self, BETWEEN_MSEC);
}

/* --- the list --- */

static void
on_row (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  sg_sandbox_show (sg_running_row_get_sandbox (SG_RUNNING_ROW (row)));
}

static GtkWidget *
make_row (gpointer sandbox, gpointer data)
{
  GtkWidget *row = sg_running_row_new (sandbox);

  g_signal_connect_object (row, "due", G_CALLBACK (turn_soon), data, G_CONNECT_SWAPPED);
  return row;
}

void
sg_launcher_list_begin (SgLauncherWindow *self)
{
  GListModel *list = sg_running_list (self->sandboxes);
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self->list), GTK_TYPE_SCROLLED_WINDOW);

  gtk_list_box_bind_model (self->list, list, make_row, self, NULL);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row), self);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (view)), "value-changed",
      G_CALLBACK (turn_soon), self, G_CONNECT_SWAPPED);
  sg_running_watch (self->sandboxes, TRUE);
  count (self);
}

void
sg_launcher_list_end (SgLauncherWindow *self)
{
  g_clear_handle_id (&self->turn_source, g_source_remove);
  if (self->sandboxes == NULL)
    return;
  g_signal_handlers_disconnect_by_data (sg_running_list (self->sandboxes), self);
  sg_running_watch (self->sandboxes, FALSE);
  g_clear_object (&self->sandboxes);
}
