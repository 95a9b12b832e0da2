/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/places.h"

#include <glib/gi18n.h>

#define LOOK_SECONDS 1
#define LIST_WIDTH 360 /* pixels */
#define LIST_HEIGHT 360

struct _SgPlaces
{
  GtkPopover parent;
  GtkWidget *title, *scrolled, *list, *rest;
  SgLink *link; /* owned */
  guint source;
  char *shown; /* owned: what the list was made of */
  gboolean looking;
};

G_DEFINE_TYPE (SgPlaces, sg_places, GTK_TYPE_POPOVER)

static GtkWidget *
label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 52);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static GtkWidget *
row_of (const SgPlace *place)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_set_margin_start (box, 9);
  gtk_widget_set_margin_end (box, 9);
  gtk_widget_set_margin_top (box, 5);
  gtk_widget_set_margin_bottom (box, 5);
  gtk_container_add (GTK_CONTAINER (box), label (place->title, NULL));
  gtk_container_add (GTK_CONTAINER (box),
                     label (place->detail, place->stopped ? "lacking" : "dim-label"));
  gtk_container_add (GTK_CONTAINER (row), box);
  atk_object_set_name (gtk_widget_get_accessible (row), place->title);
  atk_object_set_description (gtk_widget_get_accessible (row), place->detail);
  gtk_widget_show_all (row);
  return row;
}

/* Else Escape would not reach us: at first there is no row that could have the keyboard, and those
 * that had it are made anew. */
static void
keep_keyboard (SgPlaces *self)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *focus = GTK_IS_WINDOW (top) ? gtk_window_get_focus (GTK_WINDOW (top)) : NULL;
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0);

  if (focus != NULL && focus != GTK_WIDGET (self)
      && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return;
  gtk_widget_grab_focus (row != NULL ? GTK_WIDGET (row) : GTK_WIDGET (self));
}

static void
show (SgPlaces *self, GPtrArray *places, guint total)
{
  g_autofree char *title = NULL, *rest = NULL;
  int height;

  gtk_container_foreach (GTK_CONTAINER (self->list), (GtkCallback)(void *)gtk_widget_destroy, NULL);
  for (guint i = 0; i < places->len; i++)
    gtk_container_add (GTK_CONTAINER (self->list), row_of (places->pdata[i]));
  if (total == 0)
    title = g_strdup (_ ("Nothing was contacted"));
  else
    title = g_strdup_printf (g_dngettext (NULL, "%u place contacted", "%u places contacted", total),
                             total);
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_widget_set_visible (self->scrolled, total > 0);
  gtk_widget_get_preferred_height_for_width (self->list, LIST_WIDTH, NULL, &height);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scrolled),
                                              MIN (height, LIST_HEIGHT));
  rest = g_strdup_printf (_ ("and %u more"), total - places->len);
  gtk_label_set_text (GTK_LABEL (self->rest), rest);
  gtk_widget_set_visible (self->rest, total > places->len);
  keep_keyboard (self);
}

/* The list is made anew only when it changed: what has the keyboard keeps it. */
static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgPlaces) self = data;
  g_autoptr (GVariant) records = sg_link_records_finish (SG_LINK (source), result, NULL);
  g_autoptr (GPtrArray) places = NULL;
  g_autofree char *shown = NULL;
  guint total;

  self->looking = FALSE;
  if (records == NULL || self->source == 0)
    return;
  shown = g_variant_print (records, FALSE);
  if (g_strcmp0 (shown, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  places = sg_places_from (records, &total);
  show (self, places, total);
}

static gboolean
look (gpointer data)
{
  SgPlaces *self = data;

  if (!self->looking && !sg_link_is_over (self->link))
    {
      self->looking = TRUE;
      sg_link_records_async (self->link, looked, g_object_ref (self));
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
destroy (gpointer data)
{
  gtk_widget_destroy (data);
  g_object_unref (data);
  return G_SOURCE_REMOVE;
}

static void
sg_places_closed (GtkPopover *popover)
{
  SgPlaces *self = SG_PLACES (popover);

  g_clear_handle_id (&self->source, g_source_remove);
  if (GTK_POPOVER_CLASS (sg_places_parent_class)->closed != NULL)
    GTK_POPOVER_CLASS (sg_places_parent_class)->closed (popover);
  g_idle_add (destroy, g_object_ref (popover));
}

static void
sg_places_dispose (GObject *object)
{
  SgPlaces *self = SG_PLACES (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->link);
  g_clear_pointer (&self->shown, g_free);
  G_OBJECT_CLASS (sg_places_parent_class)->dispose (object);
}

static void
sg_places_class_init (SgPlacesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_places_dispose;
  GTK_POPOVER_CLASS (class)->closed = sg_places_closed;
}

static void
sg_places_init (SgPlaces *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->scrolled = gtk_scrolled_window_new (NULL, NULL);
  self->title = label (_ ("Looking"), "section-title");
  self->list = gtk_list_box_new ();
  self->rest = label ("", "dim-label");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (self->list), _ ("Places contacted"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->list, LIST_WIDTH, -1);
  gtk_container_add (GTK_CONTAINER (self->scrolled), self->list);
  g_object_set (box, "margin", 12, NULL);
  gtk_container_add (GTK_CONTAINER (box), self->title);
  gtk_container_add (GTK_CONTAINER (box), self->scrolled);
  gtk_container_add (GTK_CONTAINER (box), self->rest);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_widget_set_can_focus (GTK_WIDGET (self), TRUE);
  gtk_widget_show_all (box);
  gtk_widget_hide (self->rest);
}

static gboolean
keep_keyboard_later (gpointer data)
{
  SgPlaces *self = data;

  if (self->source != 0)
    keep_keyboard (self);
  return G_SOURCE_REMOVE;
}

/* The menu that this was chosen from gives the keyboard back as it goes, which takes a while. */
static void
keyboard_moves (GtkWindow *window, GtkWidget *focus, SgPlaces *self)
{
  if (self->source != 0 && (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self))))
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, keep_keyboard_later, g_object_ref (self),
                     g_object_unref);
}

GtkWidget *
sg_places_new (GtkWidget *over, SgLink *link)
{
  SgPlaces *self = g_object_new (SG_TYPE_PLACES, "relative-to", over, NULL);

  self->link = g_object_ref (link);
  self->source = g_timeout_add_seconds (LOOK_SECONDS, look, self);
  look (self);
  gtk_popover_popup (GTK_POPOVER (self));
  keep_keyboard (self);
  g_signal_connect_object (gtk_widget_get_toplevel (over), "set-focus", G_CALLBACK (keyboard_moves),
                           self, 0);
  return GTK_WIDGET (self);
}
