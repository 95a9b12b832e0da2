/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has not changed is not set again: each change of a label is a layout of the whole list. */
#include "ui/running-row.h"

#include "common/fd.h"
#include "ui/thumbnail.h"

#include <glib/gi18n.h>

#define LOOK_USEC (5 * G_USEC_PER_SEC)
#define PICTURE_WIDTH 96
#define PICTURE_HEIGHT 60

struct _SgRunningRow
{
  GtkListBoxRow parent;
  GtkLabel *name, *about;
  GtkImage *light, *mark;
  GtkButton *show, *close;
  SgSandbox *sandbox; /* owned */
  gint64 looked_at; /* monotonic; 0: not yet */
  gboolean looking, runs;
};

G_DEFINE_TYPE (SgRunningRow, sg_running_row, GTK_TYPE_LIST_BOX_ROW)

static guint due_signal;

static void
set_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
}

static void
name_buttons (SgRunningRow *self, const char *name)
{
  g_autofree char *show = g_strdup_printf (_ ("Show %s"), name);
  g_autofree char *close = g_strdup_printf (_ ("Close %s"), name);

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->show)), show);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->close)), close);
}

/* --- the network's light --- */

static const char *
network_words (const char *mode)
{
  return g_str_equal (mode, "internet")    ? _ ("Internet on")
         : g_str_equal (mode, "lan")       ? _ ("Internet and local network on")
         : g_str_equal (mode, "allowlist") ? _ ("Listed sites on")
         : g_str_equal (mode, "private")   ? _ ("Only between sandboxes")
                                           : _ ("Network off");
}

static gboolean
is_known (SgLink *link)
{
  return *sg_link_network (link) != '\0' && g_str_equal (sg_link_state (link), "running");
}

static void
show_light (SgRunningRow *self, SgLink *link)
{
  const char *mode = sg_link_network (link);
  gboolean on = !g_str_equal (mode, "off");
  const char *icon = on ? "network-wired-symbolic" : "network-offline-symbolic", *shown = NULL;
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->light));

  gtk_widget_set_visible (GTK_WIDGET (self->light), is_known (link));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->light), network_words (mode));
  gtk_image_get_icon_name (self->light, &shown, NULL);
  if (g_strcmp0 (shown, icon) == 0)
    return;
  gtk_image_set_from_icon_name (self->light, icon, GTK_ICON_SIZE_MENU);
  (on ? gtk_style_context_add_class : gtk_style_context_remove_class) (style, "met");
  (on ? gtk_style_context_remove_class : gtk_style_context_add_class) (style, "dim-label");
}

static void
refresh (SgRunningRow *self)
{
  g_autofree char *about = sg_sandbox_describe (self->sandbox);
  const char *id = sg_sandbox_id (self->sandbox);
  const char *name = sg_sandbox_name (self->sandbox);
  SgLink *link = sg_sandbox_link (self->sandbox);
  g_autofree char *line
      = is_known (link) ? g_strdup_printf ("%s - %s", network_words (sg_link_network (link)), about)
                        : g_strdup (about);

  if (g_strcmp0 (gtk_label_get_text (self->name), name) != 0)
    {
      gtk_label_set_text (self->name, name);
      name_buttons (self, name);
      atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
    }
  set_text (self->about, line);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->about), *id != '\0' ? id : NULL);
  show_light (self, link);
}

/* --- the picture --- */

static void
picture_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunningRow) self = data;
  g_autoptr (GdkPixbuf) picture = sg_thumbnail_read_finish (result, NULL);

  self->looking = FALSE;
  if (picture != NULL && self->sandbox != NULL)
    gtk_image_set_from_pixbuf (self->mark, picture);
}

static void
picture_taken (GObject *source, GAsyncResult *result, gpointer data)
{
  SgRunningRow *self = data;
  int fd = sg_link_picture_finish (SG_LINK (source), result, NULL);

  if (fd >= 0)
    {
      sg_thumbnail_read_async (fd, PICTURE_WIDTH, PICTURE_HEIGHT, picture_read, self);
      return;
    }
  /* What has no picture (a session of another version) keeps the mark. */
  self->looking = FALSE;
  g_object_unref (self);
}

void
sg_running_row_look (SgRunningRow *row)
{
  SgLink *link = sg_sandbox_link (row->sandbox);

  row->looked_at = g_get_monotonic_time ();
  sg_sandbox_measure (row->sandbox);
  refresh (row);
  if (row->looking || !g_str_equal (sg_link_state (link), "running"))
    return;
  row->looking = TRUE;
  sg_link_picture_async (link, picture_taken, g_object_ref (row));
}

gint64
sg_running_row_due (SgRunningRow *row)
{
  return row->looked_at == 0 ? 0 : row->looked_at + LOOK_USEC;
}

/* There is something to see at last, or it is seen again: a picture of now. */
static void
be_due (SgRunningRow *self)
{
  self->looked_at = 0;
  g_signal_emit (self, due_signal, 0);
}

static void
on_changed (SgSandbox *sandbox, gpointer data)
{
  SgRunningRow *self = data;
  gboolean ran = self->runs;

  self->runs = is_known (sg_sandbox_link (sandbox));
  refresh (self);
  if (self->runs && !ran)
    be_due (self);
}

static void
on_show (GtkButton *button, gpointer data)
{
  sg_sandbox_show (SG_RUNNING_ROW (data)->sandbox);
}

static void
on_close (GtkButton *button, gpointer data)
{
  sg_sandbox_close (SG_RUNNING_ROW (data)->sandbox,
                    GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (button))));
}

static void
sg_running_row_dispose (GObject *object)
{
  SgRunningRow *self = SG_RUNNING_ROW (object);

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
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, light);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, mark);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, show);
  gtk_widget_class_bind_template_child (widget_class, SgRunningRow, close);
  gtk_widget_class_bind_template_callback (widget_class, on_show);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
  due_signal = g_signal_new ("due", SG_TYPE_RUNNING_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 0);
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
  g_signal_connect_object (sandbox, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_after (self, "map", G_CALLBACK (be_due), NULL);
  refresh (self);
  return GTK_WIDGET (self);
}

SgSandbox *
sg_running_row_get_sandbox (SgRunningRow *row)
{
  return row->sandbox;
}
