/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/running-row.h"

#include <glib/gi18n.h>

#define TICK_SECONDS 5

struct _SgRunningRow
{
  GtkListBoxRow parent;
  GtkLabel *name, *about;
  GtkButton *show, *close;
  SgSandbox *sandbox; /* owned */
  guint tick;
};

G_DEFINE_TYPE (SgRunningRow, sg_running_row, GTK_TYPE_LIST_BOX_ROW)

static void
name_buttons (SgRunningRow *self, const char *name)
{
  g_autofree char *show = g_strdup_printf (_ ("Show %s"), name);
  g_autofree char *close = g_strdup_printf (_ ("Close %s"), name);

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->show)), show);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->close)), close);
}

static void
refresh (SgRunningRow *self)
{
  g_autofree char *about = sg_sandbox_describe (self->sandbox);
  const char *id = sg_sandbox_id (self->sandbox);
  const char *name = sg_sandbox_name (self->sandbox);
  g_autofree char *line = *id != '\0' ? g_strdup_printf ("%s - %s", about, id) : g_strdup (about);

  gtk_label_set_text (self->name, name);
  gtk_label_set_text (self->about, line);
  name_buttons (self, name);
}

static gboolean
on_tick (gpointer data)
{
  sg_sandbox_measure (SG_RUNNING_ROW (data)->sandbox);
  refresh (data);
  return G_SOURCE_CONTINUE;
}

static void
on_show (GtkButton *button, gpointer data)
{
  sg_sandbox_show (SG_RUNNING_ROW (data)->sandbox);
}

static void
on_close (GtkButton *button, gpointer data)
{
  sg_sandbox_close (SG_RUNNING_ROW (data)->sandbox);
}

static void
sg_running_row_dispose (GObject *object)
{
  SgRunningRow *self = SG_RUNNING_ROW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->sandbox);
  G_OBJECT_CLASS (sg_running_row_parent_class)->dispose (object);
}

static void
sg_running_row_class_init (SgRunningRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sg_running_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/sandglass/app/running-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, name);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, about);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, show);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, close);
  gtk_widget_class_bind_template_callback (widget_class, on_show);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
}

static void
sg_running_row_init (SgRunningRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sg_running_row_new (SgSandbox *sandbox)
{
  SgRunningRow *self = g_object_new (SG_TYPE_RUNNING_ROW, NULL);

  self->sandbox = g_object_ref (sandbox);
  self->tick = g_timeout_add_seconds (TICK_SECONDS, on_tick, self);
  g_signal_connect_object (sandbox, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sandbox, "over", G_CALLBACK (gtk_widget_destroy), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

SgSandbox *
sg_running_row_get_sandbox (SgRunningRow *row)
{
  return row->sandbox;
}
