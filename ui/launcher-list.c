/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launcher-internal.h"

#include "ui/running-row.h"

#include <glib/gi18n.h>

/* --- the list --- */

static void
count_running (SgLauncherWindow *self)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->list));
  guint n = g_list_length (rows);
  g_autofree char *title = g_strdup_printf (_ ("Running (%u)"), n);

  gtk_label_set_text (self->running_title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->running), n > 0);
}

static void
on_row (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  sg_sandbox_show (sg_running_row_get_sandbox (SG_RUNNING_ROW (row)));
}

void
sg_launcher_window_add (SgLauncherWindow *window, SgSandbox *sandbox)
{
  gtk_container_add (GTK_CONTAINER (window->list), sg_running_row_new (sandbox));
}

void
sg_launcher_list_begin (SgLauncherWindow *self)
{
  g_signal_connect_swapped (self->list, "add", G_CALLBACK (count_running), self);
  g_signal_connect_object (self->list, "remove", G_CALLBACK (count_running), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row), self);
}
