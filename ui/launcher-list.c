/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launcher-internal.h"

#include "ui/running-row.h"

#include <glib/gi18n.h>

static void
count (SgLauncherWindow *self)
{
  guint n = g_list_model_get_n_items (sg_running_list (self->sandboxes));
  g_autofree char *title = g_strdup_printf (_ ("Running (%u)"), n);

  gtk_label_set_text (self->running_title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->running), n > 0);
}

static void
on_row (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  sg_sandbox_show (sg_running_row_get_sandbox (SG_RUNNING_ROW (row)));
}

static GtkWidget *
make_row (gpointer sandbox, gpointer data)
{
  return sg_running_row_new (sandbox);
}

void
sg_launcher_list_begin (SgLauncherWindow *self)
{
  GListModel *list = sg_running_list (self->sandboxes);

  gtk_list_box_bind_model (self->list, list, make_row, NULL, NULL);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row), self);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (count), self, G_CONNECT_SWAPPED);
  sg_running_watch (self->sandboxes, TRUE);
  count (self);
}

void
sg_launcher_list_end (SgLauncherWindow *self)
{
  if (self->sandboxes == NULL)
    return;
  g_signal_handlers_disconnect_by_data (sg_running_list (self->sandboxes), self);
  sg_running_watch (self->sandboxes, FALSE);
  g_clear_object (&self->sandboxes);
}
