/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-bar.h"

#include <glib/gi18n.h>

struct _SgViewerBar
{
  GtkHeaderBar parent;
  GtkLabel *name;
  GtkMenuButton *menu, *network;
  GtkImage *network_icon, *network_lock;
  GtkLabel *network_label;
  GtkMenuButton *sound;
  GtkImage *sound_icon, *microphone_icon;
  GtkScale *volume;
  GtkButton *microphone;
  GtkButton *restore, *usb;
  GtkWidget *cut; /* the network, in one click; for keys there is the menu of the network */
  GtkLabel *usb_label;
  GtkWidget *camera;
};

G_DEFINE_TYPE (SgViewerBar, sg_viewer_bar, GTK_TYPE_HEADER_BAR)

static void
sg_viewer_bar_class_init (SgViewerBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/sandglass/viewer/viewer-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, name);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, menu);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, restore);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, sound);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, sound_icon);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, volume);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, microphone);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, microphone_icon);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, network);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, network_icon);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, network_lock);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, network_label);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, usb);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, usb_label);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, cut);
  gtk_widget_class_bind_template_child (widget_class, SgViewerBar, camera);
}

static void
sg_viewer_bar_init (SgViewerBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sg_viewer_bar_new (gboolean for_full_screen)
{
  SgViewerBar *self = g_object_new (SG_TYPE_VIEWER_BAR, NULL);

  gtk_widget_set_visible (GTK_WIDGET (self->restore), for_full_screen);
  gtk_header_bar_set_show_close_button (GTK_HEADER_BAR (self), !for_full_screen);
  return GTK_WIDGET (self);
}

void
sg_viewer_bar_set_name (SgViewerBar *bar, const char *name)
{
  gtk_label_set_text (bar->name, name);
}

void
sg_viewer_bar_show_network (SgViewerBar *bar, SgViewerNetwork *network)
{
  const char *label = sg_viewer_network_label (network);
  const char *why = sg_viewer_network_administrator (network);
  g_autofree char *spoken = g_strdup_printf (_ ("Network: %s"), label != NULL ? label : "");

  gtk_widget_set_visible (GTK_WIDGET (bar->network), label != NULL);
  gtk_widget_set_visible (bar->cut, sg_viewer_network_is_on (network));
  if (label == NULL)
    return;
  gtk_label_set_text (bar->network_label, label);
  gtk_image_set_from_icon_name (bar->network_icon, sg_viewer_network_icon (network),
                                GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_visible (GTK_WIDGET (bar->network_lock), why != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (bar->network),
                               why != NULL ? why : _ ("What the sandbox can reach"));
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (bar->network)), spoken);
  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (bar->network)),
                              why != NULL ? why : "");
  if (gtk_menu_button_get_menu_model (bar->network) != sg_viewer_network_menu (network))
    gtk_menu_button_set_menu_model (bar->network, sg_viewer_network_menu (network));
}

void
sg_viewer_bar_show_usb (SgViewerBar *bar, const SgUsbLight *light)
{
  const char *what = light->only_cameras ? _ ("Cameras that the sandbox may use")
                                         : _ ("USB devices that the sandbox may use");
  g_autofree char *n = g_strdup_printf ("%u", light->n);
  g_autofree char *spoken = g_strdup_printf (_ ("USB devices, %u in the sandbox"), light->n);
  g_autofree char *seen
      = light->camera != NULL ? g_strdup_printf (_ ("Camera in use: %s"), light->camera) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (bar->usb), light->granted);
  gtk_widget_set_tooltip_text (GTK_WIDGET (bar->usb), what);
  gtk_label_set_text (bar->usb_label, n);
  gtk_widget_set_visible (GTK_WIDGET (bar->usb_label), light->n > 0);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (bar->usb)), spoken);
  gtk_widget_set_visible (bar->camera, seen != NULL);
  gtk_widget_set_tooltip_text (bar->camera, seen);
}

GtkWidget *
sg_viewer_bar_network_button (SgViewerBar *bar)
{
  return GTK_WIDGET (bar->network);
}

static const char *
icon_for (double volume)
{
  return volume < 0.5  ? "audio-volume-muted-symbolic"
         : volume < 34 ? "audio-volume-low-symbolic"
         : volume < 67 ? "audio-volume-medium-symbolic"
                       : "audio-volume-high-symbolic";
}

static void
show_microphone (SgViewerBar *bar, SgMicrophone microphone)
{
  GtkWidget *button = GTK_WIDGET (bar->microphone);
  GtkStyleContext *style = gtk_widget_get_style_context (button);
  gboolean cut = microphone == SG_MICROPHONE_CUT;

  gtk_widget_set_visible (button, microphone != SG_MICROPHONE_SILENT);
  gtk_image_set_from_icon_name (bar->microphone_icon,
                                cut ? "microphone-sensitivity-muted-symbolic"
                                    : "audio-input-microphone-symbolic",
                                GTK_ICON_SIZE_BUTTON);
  if (cut)
    gtk_style_context_remove_class (style, "in-use");
  else
    gtk_style_context_add_class (style, "in-use");
  gtk_widget_set_tooltip_text (
      button, cut ? _ ("The microphone is cut off. Click to let the sandbox listen again")
                  : _ ("The sandbox listens to your microphone. Click to cut it off"));
  atk_object_set_name (gtk_widget_get_accessible (button),
                       cut ? _ ("Microphone cut off") : _ ("Microphone in use"));
}

void
sg_viewer_bar_show_sound (SgViewerBar *bar, SgViewerSound *sound)
{
  GtkAdjustment *volume = sg_viewer_sound_volume (sound);
  gboolean muted = sg_viewer_sound_is_muted (sound);
  double value = muted ? 0 : gtk_adjustment_get_value (volume);
  g_autofree char *spoken
      = muted ? g_strdup (_ ("Sound: muted"))
              : g_strdup_printf (_ ("Sound: %d percent"), (int)(value + 0.5));

  if (gtk_range_get_adjustment (GTK_RANGE (bar->volume)) != volume)
    gtk_range_set_adjustment (GTK_RANGE (bar->volume), volume);
  gtk_widget_set_visible (GTK_WIDGET (bar->sound), sg_viewer_sound_is_there (sound));
  gtk_widget_set_sensitive (GTK_WIDGET (bar->volume), !muted);
  gtk_image_set_from_icon_name (bar->sound_icon, icon_for (value), GTK_ICON_SIZE_BUTTON);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (bar->sound)), spoken);
  show_microphone (bar, sg_viewer_sound_microphone (sound));
}

void
sg_viewer_bar_focus (SgViewerBar *bar)
{
  gtk_widget_grab_focus (GTK_WIDGET (bar->menu));
}

gboolean
sg_viewer_bar_is_busy (SgViewerBar *bar)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (bar->menu))
         || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (bar->sound))
         || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (bar->network));
}
