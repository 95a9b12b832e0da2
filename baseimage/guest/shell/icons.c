/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "icons.h"

/* Quiet, equally bright colours; white letters are readable on each. */
static const guint32 tile_colours[]
    = { 0x3b6ea5, 0x2e7d6b, 0x8a5a9e, 0xb3541e, 0x4f7a28, 0xa0456b, 0x5b63a8, 0x7a6a1f };

static cairo_surface_t *
new_surface (int size, GtkWidget *widget)
{
  int scale = gtk_widget_get_scale_factor (widget);
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size * scale, size * scale);

  cairo_surface_set_device_scale (surface, scale, scale);
  return surface;
}

static void
rounded (cairo_t *cr, double x, double y, double w, double h, double r)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, x + w - r, y + h - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, y + h - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static cairo_surface_t *
letter_tile (const char *name, int size, GtkWidget *widget)
{
  cairo_surface_t *surface = new_surface (size, widget);
  cairo_t *cr = cairo_create (surface);
  guint32 colour = tile_colours[g_str_hash (name) % G_N_ELEMENTS (tile_colours)];
  gunichar letter = *name ? g_unichar_toupper (g_utf8_get_char (name)) : '?';
  char text[8] = { 0 };
  PangoRectangle ink;

  cairo_set_source_rgb (cr, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0,
                        (colour & 255) / 255.0);
  rounded (cr, size * 0.06, size * 0.06, size * 0.88, size * 0.88, size * 0.2);
  cairo_fill (cr);

  g_unichar_to_utf8 (letter, text);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  PangoFontDescription *font = pango_font_description_from_string ("sans bold");
  pango_font_description_set_absolute_size (font, size * 0.52 * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_get_pixel_extents (layout, &ink, NULL);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_move_to (cr, (size - ink.width) / 2.0 - ink.x, (size - ink.height) / 2.0 - ink.y);
  pango_cairo_show_layout (cr, layout);
  cairo_destroy (cr);
  return surface;
}

cairo_surface_t *
sg_icon_from_pixbuf (GdkPixbuf *pixbuf, int size, GtkWidget *widget)
{
  cairo_surface_t *surface = new_surface (size, widget);
  cairo_t *cr = cairo_create (surface);
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  double scale = MIN ((double)size / width, (double)size / height);

  cairo_translate (cr, (size - width * scale) / 2, (size - height * scale) / 2);
  cairo_scale (cr, scale, scale);
  gdk_cairo_set_source_pixbuf (cr, pixbuf, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  return surface;
}

cairo_surface_t *
sg_icon_surface (GIcon *gicon, const char *name, int size, GtkWidget *widget)
{
  int scale = gtk_widget_get_scale_factor (widget);
  g_autoptr (GtkIconInfo) info
      = gicon ? gtk_icon_theme_lookup_by_gicon_for_scale (gtk_icon_theme_get_default (), gicon,
                                                          size, scale, GTK_ICON_LOOKUP_FORCE_SIZE)
              : NULL;
  g_autoptr (GdkPixbuf) pixbuf = info ? gtk_icon_info_load_icon (info, NULL) : NULL;

  return pixbuf ? sg_icon_from_pixbuf (pixbuf, size, widget) : letter_tile (name, size, widget);
}

/* Two bulbs of glass between two plates, and the sand. */
static void
draw_hourglass (cairo_t *cr)
{
  cairo_move_to (cr, 0.22, 0.1);
  cairo_line_to (cr, 0.78, 0.1);
  cairo_move_to (cr, 0.22, 0.9);
  cairo_line_to (cr, 0.78, 0.9);
  cairo_move_to (cr, 0.3, 0.1);
  cairo_curve_to (cr, 0.3, 0.42, 0.47, 0.4, 0.47, 0.5);
  cairo_curve_to (cr, 0.47, 0.6, 0.3, 0.58, 0.3, 0.9);
  cairo_move_to (cr, 0.7, 0.1);
  cairo_curve_to (cr, 0.7, 0.42, 0.53, 0.4, 0.53, 0.5);
  cairo_curve_to (cr, 0.53, 0.6, 0.7, 0.58, 0.7, 0.9);
  cairo_stroke (cr);
  cairo_move_to (cr, 0.36, 0.84);
  cairo_curve_to (cr, 0.38, 0.72, 0.46, 0.7, 0.5, 0.66);
  cairo_curve_to (cr, 0.54, 0.7, 0.62, 0.72, 0.64, 0.84);
  cairo_close_path (cr);
  cairo_move_to (cr, 0.37, 0.28);
  cairo_line_to (cr, 0.63, 0.28);
  cairo_curve_to (cr, 0.6, 0.36, 0.54, 0.38, 0.5, 0.44);
  cairo_curve_to (cr, 0.46, 0.38, 0.4, 0.36, 0.37, 0.28);
  cairo_fill (cr);
}

static void
draw_power (cairo_t *cr)
{
  cairo_arc (cr, 0.5, 0.54, 0.34, -G_PI_2 + 0.65, 3 * G_PI_2 - 0.65);
  cairo_stroke (cr);
  cairo_move_to (cr, 0.5, 0.12);
  cairo_line_to (cr, 0.5, 0.5);
  cairo_stroke (cr);
}

static void
draw_search (cairo_t *cr)
{
  cairo_arc (cr, 0.42, 0.42, 0.27, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_move_to (cr, 0.62, 0.62);
  cairo_line_to (cr, 0.88, 0.88);
  cairo_stroke (cr);
}

static gboolean
draw_sign (GtkWidget *widget, cairo_t *cr, gpointer data)
{
  static void (*const draw[]) (cairo_t *) = { [SG_SIGN_HOURGLASS] = draw_hourglass,
                                              [SG_SIGN_POWER] = draw_power,
                                              [SG_SIGN_SEARCH] = draw_search };
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  double size
      = MIN (gtk_widget_get_allocated_width (widget), gtk_widget_get_allocated_height (widget));
  GdkRGBA colour;

  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &colour);
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_translate (cr, (gtk_widget_get_allocated_width (widget) - size) / 2,
                   (gtk_widget_get_allocated_height (widget) - size) / 2);
  cairo_scale (cr, size, size);
  cairo_set_line_width (cr, MAX (0.045, 1.6 / size));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  draw[GPOINTER_TO_INT (data)](cr);
  return FALSE;
}

GtkWidget *
sg_sign_new (SgSign sign, int size)
{
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_widget_set_size_request (area, size, size);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (area, GTK_ALIGN_CENTER);
  g_signal_connect (area, "draw", G_CALLBACK (draw_sign), GINT_TO_POINTER (sign));
  return area;
}
