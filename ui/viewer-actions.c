/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-internal.h"

#include "ui/places.h"
#include "ui/viewer-usb.h"

#include <glib/gi18n.h>

static void
screenshot_kept (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = sg_keeper_save_picture_finish (SG_KEEPER (source), result, &error);
  g_autofree char *words = NULL;

  if (where != NULL)
    words = g_strdup_printf (_ ("Saved as %s"), where);
  else
    words = g_strdup_printf (_ ("The screenshot was not saved: %s"), error->message);
  sg_viewer_hint (self, words);
}

static void
take_screenshot (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgViewerWindow *self = data;
  g_autoptr (GdkPixbuf) picture = sg_viewer_display_snapshot (self->screen);

  if (picture != NULL && self->keeper != NULL)
    sg_keeper_save_picture_async (self->keeper, picture, screenshot_kept, g_object_ref (self));
}

static void
send_ctrl_alt_del (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_display_send_ctrl_alt_del (SG_VIEWER_WINDOW (data)->screen);
}

static void
save_files (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_save_files (data);
}

static void
restart (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_restart (data);
}

static void
show_folders (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_show_folders (data);
}

static void
show_usb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_usb_show (data);
}

static void
show_places (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgViewerWindow *self = data;
  SgViewerBar *bar = self->full_screen ? self->edge_bar : self->bar;

  if (self->link != NULL)
    sg_places_new (sg_viewer_bar_network_button (bar), self->link);
}

static void
toggle_full_screen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_toggle_full_screen (data);
}

static void
close_sandbox (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_close (data);
}

static void
enable (SgViewerWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
sg_viewer_enable_actions (SgViewerWindow *self, gboolean enabled)
{
  enable (self, "screenshot", enabled && self->keeper != NULL);
  enable (self, "save-files", enabled && self->keeper != NULL);
  enable (self, "ctrl-alt-del", enabled);
  enable (self, "restart", enabled);
  enable (self, "folders", enabled && self->keeper != NULL);
  if (self->link != NULL)
    sg_viewer_usb_changed (self);
}

void
sg_viewer_add_actions (SgViewerWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "close", .activate = close_sandbox },
    { .name = "fullscreen", .activate = toggle_full_screen },
    { .name = "screenshot", .activate = take_screenshot },
    { .name = "ctrl-alt-del", .activate = send_ctrl_alt_del },
    { .name = "save-files", .activate = save_files },
    { .name = "restart", .activate = restart },
    { .name = "places", .activate = show_places },
    { .name = "folders", .activate = show_folders },
    { .name = "usb", .activate = show_usb },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  /* There is nothing to photograph, and nobody to send keys to, before the desktop is there. */
  sg_viewer_enable_actions (self, FALSE);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "view", G_ACTION_GROUP (self->actions));
}
