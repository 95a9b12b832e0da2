/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/first-frame.h"

#define LONGEST_MSEC 1000
#define DATA "first-frame"

typedef struct
{
  GtkWidget *window; /* not owned: it owns this */
  void (*func) (GtkWidget *window);
  gulong drawn, destroyed;
  guint source;
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_clear_handle_id (&wait->source, g_source_remove);
  g_clear_signal_handler (&wait->drawn, wait->window);
  g_clear_signal_handler (&wait->destroyed, wait->window);
  g_free (wait);
}

static gboolean
now (gpointer data)
{
  Wait *wait = data;
  GtkWidget *window = wait->window;
  void (*func) (GtkWidget *window) = wait->func;

  wait->source = 0;
  g_object_set_data (G_OBJECT (window), DATA, NULL); /* the end of WAIT */
  func (window);
  return G_SOURCE_REMOVE;
}

/* The frame goes to the display when the drawing is over: below it in priority. */
static gboolean
on_draw (GtkWidget *window, cairo_t *cr, gpointer data)
{
  Wait *wait = data;

  g_clear_signal_handler (&wait->drawn, window);
  g_clear_handle_id (&wait->source, g_source_remove);
  wait->source = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, now, wait, NULL);
  return GDK_EVENT_PROPAGATE;
}

/* Whoever still holds it does not want its pages any more. */
static void
on_destroy (GtkWidget *window, gpointer data)
{
  g_object_set_data (G_OBJECT (window), DATA, NULL);
}

void
sg_after_first_frame (GtkWidget *window, void (*func) (GtkWidget *window))
{
  Wait *wait = g_new0 (Wait, 1);

  wait->window = window;
  wait->func = func;
  wait->drawn = g_signal_connect_after (window, "draw", G_CALLBACK (on_draw), wait);
  wait->destroyed = g_signal_connect (window, "destroy", G_CALLBACK (on_destroy), NULL);
  wait->source = g_timeout_add (LONGEST_MSEC, now, wait);
  g_object_set_data_full (G_OBJECT (window), DATA, wait, wait_free);
}
